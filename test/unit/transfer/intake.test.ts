// What an answer delivers is counted, timed and compared with what is known of the image.
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { TransferEvent } from '../../../src/transfer/flow/events.ts';
import { BufferPool } from '../../../src/transfer/flow/buffers.ts';
import type { Extents, Span } from '../../../src/transfer/flow/extents.ts';
import { RateLimit } from '../../../src/transfer/flow/rate-limit.ts';
import type { DownloadSource, OpenedData } from '../../../src/transfer/flow/source.ts';
import { type Attempt, Intake } from '../../../src/transfer/intake.ts';
import type { PartWriter } from '../../../src/transfer/part/part-writer.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const md5 = { algorithm: 'md5', hex: '0'.repeat(32) } as const;
const { signal } = new AbortController();

function setUp(size: number | null = 12): {
  intake: Intake;
  clock: ManualClock;
  told: TransferEvent[];
  put: string[];
  asked: (Span | null)[];
  opened: (start: number, text: string, digests?: OpenedData['digests']) => OpenedData;
} {
  const clock = new ManualClock();
  const [told, put, asked]: [TransferEvent[], string[], (Span | null)[]] = [[], [], []];
  const opened = (start: number, text: string, digests: OpenedData['digests'] = []): OpenedData => ({
    body: Readable.from(Array.from(Buffer.from(text), (byte) => Buffer.of(byte))),
    start,
    contentLength: null,
    digests,
  });
  const image = { origin: 'http://glance.example', id: '1', size, digests: [], createdAt: null };
  const source: DownloadSource = {
    name: 'image',
    image,
    pinned: [],
    requireDigest: false,
    refresh: () => Promise.resolve(image),
    open: (range) => {
      asked.push(range);
      return Promise.resolve(opened(0, 'all', [md5]));
    },
    answered: () => true,
  };
  const writer: Pick<PartWriter, 'put'> = {
    put: (position, bytes) => {
      put.push(`${String(position)} ${Buffer.from(bytes).toString()}`);
      return { written: Promise.resolve(), digested: Promise.resolve() };
    },
  };
  const task = {
    extraAlgorithms: [],
    connections: 1,
    bufferBytes: 4,
    rate: new RateLimit(clock, null),
    retry: { retries: 0 },
    clock,
    signal,
    listen: (event: TransferEvent) => void told.push(event),
    observers: [],
  };
  const intake = new Intake(source, task, new BufferPool(2, 4), writer as PartWriter);
  return { intake, clock, told, put, asked, opened };
}

const attempt = (before: Extents = []): Attempt => ({ how: 'whole', before, fresh: 0, rangeFailure: null });
const toEnd = (): Promise<null> => Promise.resolve(null);

it('counts the bytes that were not there before, over all answers of an attempt', async () => {
  const { intake, put, opened } = setUp();
  const one = attempt([
    { start: 2, end: 4 },
    { start: 8, end: 10 },
  ]);
  expect(await intake.receive(one, opened(0, 'abcdef'), toEnd, signal)).toBe(6);
  expect(one.fresh).toBe(4);
  expect(await intake.receive(one, opened(6, 'ghijkl'), toEnd, signal)).toBe(12);
  expect(one.fresh).toBe(8);
  expect(put).toEqual(['0 abcd', '4 ef', '6 ghij', '10 kl']);
});

it('reports what is compared, and then what is new', async () => {
  const { intake, told, opened } = setUp();
  await intake.receive(attempt([{ start: 0, end: 3 }]), opened(0, 'abcd'), toEnd, signal);
  expect(told).toEqual([
    { event: 'compare', bytes: 1, total: 3 },
    { event: 'compare', bytes: 3, total: 3 },
    { event: 'progress', bytes: 4, total: 12 },
  ]);
});

it('knows how fast bytes arrived, including those that were there before', async () => {
  const { intake, clock, opened } = setUp();
  expect(intake.bytesPerSecond).toBeNull();
  const take = (start: number, text: string, ms: number): Promise<void> =>
    intake.time(async () => {
      await intake.receive(attempt([{ start: 0, end: 3 }]), opened(start, text), toEnd, signal);
      clock.advance(ms);
    });
  clock.advance(500);
  await take(0, 'abcdef', 1500);
  expect(intake.bytesPerSecond).toBe(4);
  await take(6, 'gh', 500);
  expect(intake.bytesPerSecond).toBe(4);
  const failure = new Error('broken');
  await expect(
    intake.time(() => {
      clock.advance(2000);
      return Promise.reject(failure);
    }),
  ).rejects.toBe(failure);
  expect(intake.bytesPerSecond).toBe(4);
});

it('knows no speed if no time passed, or no bytes arrived', async () => {
  const { intake, clock, opened } = setUp();
  await intake.time(async () => clock.advance(1000));
  expect(intake.bytesPerSecond).toBeNull();
  const timeless = setUp();
  await timeless.intake.receive(attempt(), opened(0, 'a'), toEnd, signal);
  expect(timeless.intake.bytesPerSecond).toBeNull();
});

it('requests the whole image, and learns from the answer', async () => {
  const { intake, asked } = setUp(null);
  const { body } = await intake.openWhole();
  expect([asked, body.destroyed]).toEqual([[null], false]);
  expect(intake.expected).toEqual({ size: null, promised: [md5] });
});

it('closes an answer that nothing would prove', () => {
  const { intake, opened } = setUp(null);
  const answer = opened(0, 'abc');
  expect(() => intake.accept(answer)).toThrow(expect.objectContaining({ code: 'integrity.unprovable' }));
  expect(answer.body.destroyed).toBe(true);
});

it.each<[number | null, number, string | null]>([
  [12, 11, 'http.truncated'],
  [12, 12, null],
  [12, 13, null],
  [0, 0, null],
  [null, 0, null],
])('of %j bytes, %d are the end: %j', (size, actual, code) => {
  const { intake } = setUp(size);
  let failure: unknown = null;
  try {
    intake.checkEnd(actual);
  } catch (error) {
    failure = error;
  }
  if (code === null) expect(failure).toBeNull();
  else expect(failure).toMatchObject({ code, expected: size, actual });
});
