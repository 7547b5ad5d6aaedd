// A body is read to its end or to a limit, by either of two ways, and never beyond the size of the image.
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { BufferPool } from '../../../../src/transfer/flow/buffers.ts';
import { pump } from '../../../../src/transfer/flow/pump.ts';
import { RateLimit } from '../../../../src/transfer/flow/rate-limit.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

/** Delivers its bytes without a stream in between, from memory that is immediately reused. */
class Bulk extends Readable {
  readonly #chunks: readonly string[];
  #goOn: () => void = () => undefined;
  #failure: Error | null = null;
  isTakenOver = false;
  asked = 0;

  constructor(chunks: readonly string[]) {
    super();
    this.#chunks = chunks;
  }

  override _read(): void {
    for (const chunk of this.#chunks) this.push(Buffer.from(chunk));
    this.push(null);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#failure = error;
    this.#goOn();
    done();
  }

  async takeOver(take: (chunk: Uint8Array) => boolean): Promise<void> {
    this.isTakenOver = true;
    for (const text of this.#chunks) {
      const chunk = Buffer.from(text);
      const goesOn = take(chunk);
      chunk.fill('-');
      if (!goesOn) await new Promise<void>((resolve) => (this.destroyed ? resolve() : (this.#goOn = resolve)));
      if (this.#failure !== null) throw this.#failure;
      await new Promise(setImmediate);
    }
  }

  takeMore(): void {
    this.asked++;
    this.#goOn();
  }
}

interface Outcome {
  readonly reached: unknown;
  readonly put: string;
  readonly told: readonly (readonly [number, number])[];
}

/** Pumps into a single buffer of four bytes, from position 100 on. */
async function run(
  body: Readable,
  {
    size = null,
    limits = [],
    bytesPerSecond = null,
  }: { size?: number | null; limits?: number[]; bytesPerSecond?: number | null },
): Promise<Outcome> {
  const told: [number, number][] = [];
  let [put, end] = ['', 100];
  const clock = new ManualClock();
  const reached = await pump(body, {
    position: 100,
    size,
    limit: () => Promise.resolve(limits.shift() ?? null),
    buffers: new BufferPool(1, 4),
    rate: new RateLimit(hasty(clock), bytesPerSecond),
    signal: new AbortController().signal,
    put: (position, bytes) => {
      expect(position).toBe(end);
      end += bytes.length;
      put += Buffer.from(bytes).toString();
      return { written: new Promise((resolve) => setImmediate(resolve)), digested: Promise.resolve() };
    },
    onBytes: (position, count) => told.push([position, count]),
  }).catch((error: unknown) => error);
  expect(body.destroyed).toBe(true);
  return { reached, put, told };
}

/** A clock whose timers fire at once. */
const hasty = (clock: ManualClock): ManualClock =>
  Object.assign(Object.create(clock) as ManualClock, {
    monotonic: () => clock.monotonic(),
    startTimer: (_delayMs: number, onTime: () => void) => {
      setImmediate(onTime);
      return () => undefined;
    },
  });

const chunks = ['abc', 'defghijkl', 'mno'];
const all = chunks.join('');
const steps = [
  [100, 3],
  [103, 9],
  [112, 3],
];

describe.each([
  ['a plain stream', (texts: readonly string[]) => Readable.from(texts.map((text) => Buffer.from(text)))],
  ['a body that delivers its bytes itself', (texts: readonly string[]) => new Bulk(texts)],
])('%s', (_kind, bodyOf) => {
  it.each<[string, number | null, number[]]>([
    ['of unknown size', null, []],
    ['of known size', 115, []],
    ['of known size that is also the limit', 115, [115]],
    ['with less than it should have', 116, []],
  ])('%s is read to its end', async (_what, size, limits) => {
    expect(await run(bodyOf(chunks), { size, limits })).toEqual({ reached: 115, put: all, told: steps });
  });

  it('is refused if it has more than the image, and what came before is passed on', async () => {
    const { reached, put, told } = await run(bodyOf(chunks), { size: 114 });
    expect(reached).toMatchObject({ code: 'integrity.excess', expected: 114, actual: 115 });
    expect([put, told]).toEqual([all.slice(0, 12), steps.slice(0, 2)]);
  });

  it('is read up to a limit that is moved until it stays', async () => {
    const body = bodyOf(chunks);
    const { reached, put, told } = await run(body, { size: 115, limits: [105, 110, 110] });
    expect([reached, put]).toEqual([110, all.slice(0, 10)]);
    expect(told.at(-1)).toEqual([105, 5]);
    expect((body as { isTakenOver?: boolean }).isTakenOver ?? false).toBe(false);
  });

  it('is read to its end if the limit is lifted, and within a rate', async () => {
    expect(await run(bodyOf(chunks), { limits: [105] })).toMatchObject({ reached: 115, put: all });
    const limited = bodyOf(chunks);
    expect(await run(limited, { bytesPerSecond: 1000 })).toMatchObject({ reached: 115, put: all });
    expect((limited as { isTakenOver?: boolean }).isTakenOver ?? false).toBe(false);
  });
});

it('a body that delivers its bytes itself is asked for more once there is room', async () => {
  const body = new Bulk(chunks);
  await run(body, {});
  expect([body.isTakenOver, body.asked > 0]).toEqual([true, true]);
});
