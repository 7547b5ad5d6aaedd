// How long a file of unreported size is, and what a stream is not read on for.
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileSource, ForwardSource, type ForwardOptions, measureFile } from '../../../src/disk/source.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('a file whose size is not reported', () => {
  it.each([0, 1, 2, 3, 511, 512, 513, 2 ** 20 + 1, 300 * 2 ** 20, 2 ** 44 - 1, 2 ** 44])(
    'of %i bytes is measured by reading single bytes',
    async (size) => {
      const reads: number[] = [];
      const read = (_buffer: unknown, _at: unknown, _length: unknown, position: number): object => {
        reads.push(position);
        return { bytesRead: position < size ? 1 : 0 };
      };
      const handle = { read } as unknown as Parameters<typeof measureFile>[0];
      expect(await measureFile(handle)).toBe(size);
      expect(reads.length).toBeLessThanOrEqual(100);
    },
  );

  it('is measured as it lies on a disk', async () => {
    const path = join(await tempDir(), 'f');
    await writeFile(path, Buffer.alloc(123_457));
    const handle = await open(path);
    expect(await measureFile(handle)).toBe(123_457);
    await handle.close();
  });
});

describe('what is optional and far away', () => {
  async function* endless(read: { bytes: number }): AsyncGenerator<Uint8Array> {
    for (;;) {
      read.bytes += 65_536;
      yield await Promise.resolve(new Uint8Array(65_536));
    }
  }

  const far = { from: 'start', offset: 8 * 2 ** 20, length: 512, optional: true } as const;

  it('is not read up to, but fetched if it can be fetched on its own', async () => {
    const read = { bytes: 0 };
    const without = new ForwardSource(endless(read), { size: 2 ** 40, readsToEnd: false });
    expect([await without.read(far), read.bytes]).toEqual([null, 0]);
    const range = (_offset: number, length: number): Promise<Uint8Array> => Promise.resolve(Buffer.alloc(length, 7));
    const having = new ForwardSource(endless(read), { size: 2 ** 40, readsToEnd: false, range });
    expect(await having.read(far)).toEqual(Buffer.alloc(512, 7));
    expect(read.bytes).toBe(0);
  });

  it('is read up to in a pipe, and if it is not optional', async () => {
    for (const [need, readsToEnd] of [
      [far, true],
      [{ ...far, optional: false }, false],
    ] as const) {
      const read = { bytes: 0 };
      const source = new ForwardSource(endless(read), { size: null, readsToEnd });
      expect([(await source.read(need))?.length, read.bytes]).toEqual([512, 8 * 2 ** 20 + 65_536]);
    }
  });
});

const data = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 251));
const end = (length: number) => ({ from: 'end', length }) as const;
const start = (offset: number, length: number) => ({ from: 'start', offset, length }) as const;

it('a file is read by position, as far as it goes', async () => {
  const path = join(await tempDir(), 'f');
  await writeFile(path, data);
  const handle = await open(path);
  const source = new FileSource(handle, data.length);
  const read = async (need: Parameters<typeof source.read>[0]): Promise<Buffer> =>
    Buffer.from((await source.read(need)) ?? []);
  expect(await read(start(10, 20))).toEqual(data.subarray(10, 30));
  expect(source.bytesRead).toBe(20);
  expect(await read(start(2990, 20))).toEqual(data.subarray(2990));
  expect(await read(start(3001, 20))).toHaveLength(0);
  expect(await read(end(5))).toEqual(data.subarray(-5));
  expect(await read(end(4000))).toEqual(data);
  expect(source.bytesRead).toBe(20 + 10 + 5 + 3000);
  await handle.close();
});

describe('the end of a stream', () => {
  const mebibyte = 2 ** 20;

  interface Read {
    readonly got: number | null;
    readonly streamed: number;
    readonly ranges: readonly (readonly [number, number])[];
    readonly bytesRead: number;
  }

  /** Requests the last bytes of a stream of that length, after its first ones. */
  async function readEnd(bytes: number, length: number, options: Partial<ForwardOptions>, first = 512): Promise<Read> {
    let streamed = 0;
    const ranges: [number, number][] = [];
    // oxlint-disable-next-line require-await -- a stream
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes; at += 65_536) {
        const chunk = new Uint8Array(Math.min(65_536, bytes - at));
        streamed += chunk.length;
        yield chunk;
      }
    };
    const { range } = options;
    const source = new ForwardSource(chunks(), {
      size: bytes,
      readsToEnd: false,
      ...options,
      ...(range && {
        range: (offset: number, count: number) => {
          ranges.push([offset, count]);
          return range(offset, count);
        },
      }),
    });
    await source.read(start(0, first));
    const got = (await source.read(end(length)))?.length ?? null;
    return { got, streamed, ranges, bytesRead: source.bytesRead };
  }
  const available = (_offset: number, count: number): Promise<Uint8Array> => Promise.resolve(new Uint8Array(count));
  const short = (_offset: number, count: number): Promise<Uint8Array> => Promise.resolve(new Uint8Array(count - 1));
  const refused = (): Promise<null> => Promise.resolve(null);

  it.each<[string, number, Partial<ForwardOptions>, Read]>([
    ['is known if all of it was read', 65_536, {}, { got: 512, streamed: 65_536, ranges: [], bytesRead: 65_536 }],
    [
      'is read up to if it is near',
      65_536 + 524_288,
      {},
      { got: 512, streamed: 65_536 + 524_288, ranges: [], bytesRead: 65_536 + 524_288 },
    ],
    ['is left if it is not', 65_536 + 524_289, {}, { got: null, streamed: 65_536, ranges: [], bytesRead: 65_536 }],
    [
      'is read up to in a pipe',
      2 * mebibyte,
      { readsToEnd: true },
      { got: 512, streamed: 2 * mebibyte, ranges: [], bytesRead: 2 * mebibyte },
    ],
    [
      'is read up to in a pipe of unknown length',
      2 * mebibyte,
      { readsToEnd: true, size: null },
      { got: 512, streamed: 2 * mebibyte, ranges: [], bytesRead: 2 * mebibyte },
    ],
    [
      'is left in a stream of unknown length',
      65_537,
      { size: null },
      { got: null, streamed: 65_536, ranges: [], bytesRead: 65_536 },
    ],
    [
      'is fetched if that is possible',
      2 * mebibyte,
      { range: available },
      { got: 512, streamed: 65_536, ranges: [[2 * mebibyte - 512, 512]], bytesRead: 65_536 + 512 },
    ],
    [
      'is left if it cannot be fetched',
      2 * mebibyte,
      { range: refused },
      { got: null, streamed: 65_536, ranges: [[2 * mebibyte - 512, 512]], bytesRead: 65_536 },
    ],
    [
      'is left if too little is fetched',
      2 * mebibyte,
      { range: short },
      { got: null, streamed: 65_536, ranges: [[2 * mebibyte - 512, 512]], bytesRead: 65_536 + 511 },
    ],
  ])('%s', async (_what, bytes, options, expected) => {
    expect(await readEnd(bytes, 512, options)).toEqual(expected);
  });

  it('is all of a short one', async () => {
    expect(await readEnd(100, 512, { range: available })).toMatchObject({ got: 100, ranges: [] });
  });
});

it('a stream is closed, which ends what it reads from', async () => {
  let isEnded = false;
  // oxlint-disable-next-line require-await -- a stream
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(10);
    } finally {
      isEnded = true;
    }
  };
  const source = new ForwardSource(chunks(), { size: 1000, readsToEnd: false });
  expect([(await source.read(start(0, 20)))?.length, source.bytesRead]).toEqual([20, 20]);
  await source.close();
  expect(isEnded).toBe(true);
});
