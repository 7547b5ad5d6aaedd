// The small parts that bytes flow through, each alone.
import { describe, expect, it } from 'vitest';
import { GlanceError, type ErrorCode } from '../../../../src/errors.ts';
import { BufferPool } from '../../../../src/transfer/flow/buffers.ts';
import type { TransferEvent } from '../../../../src/transfer/flow/events.ts';
import {
  addSpan,
  countBytes,
  type Extents,
  findGaps,
  frontierOf,
  type Span,
} from '../../../../src/transfer/flow/extents.ts';
import { GatheredBytes } from '../../../../src/transfer/flow/gathered-bytes.ts';
import { createAnswerMeter, createMeter } from '../../../../src/transfer/flow/meter.ts';
import { RateLimit } from '../../../../src/transfer/flow/rate-limit.ts';
import { excessError, truncatedError } from '../../../../src/transfer/flow/size-errors.ts';
import { checksumPiece, PieceLog, segmentBytes } from '../../../../src/transfer/part/pieces.ts';
import { findData } from '../../../../src/transfer/part/sparse.ts';
import { isWorthKeeping } from '../../../../src/transfer/part/worth-keeping.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { crc32 } from 'node:zlib';

const going = new AbortController().signal;
const spans = (...pairs: readonly (readonly [number, number])[]): Span[] =>
  pairs.map(([start, end]) => ({ start, end }));

describe('extents', () => {
  const kept = spans([10, 20], [30, 40]);

  it.each<[readonly [number, number], Extents]>([
    [[0, 9], spans([0, 9], [10, 20], [30, 40])],
    [[0, 10], spans([0, 20], [30, 40])],
    [[20, 30], spans([10, 40])],
    [[21, 29], spans([10, 20], [21, 29], [30, 40])],
    [[15, 16], kept],
    [[5, 50], spans([5, 50])],
    [[40, 41], spans([10, 20], [30, 41])],
    [[41, 42], spans([10, 20], [30, 40], [41, 42])],
    [[25, 25], kept],
    [[26, 25], kept],
  ])('with %j', (span, expected) => {
    expect(addSpan(kept, { start: span[0], end: span[1] })).toEqual(expected);
  });

  it.each<[readonly [number, number], Extents]>([
    [[0, 50], spans([0, 10], [20, 30], [40, 50])],
    [[10, 40], spans([20, 30])],
    [[12, 18], []],
    [[20, 30], spans([20, 30])],
    [[25, 35], spans([25, 30])],
    [[0, 10], spans([0, 10])],
    [[40, 45], spans([40, 45])],
    [[10, 10], []],
  ])('within %j lack', (within, gaps) => {
    expect(findGaps(kept, { start: within[0], end: within[1] })).toEqual(gaps);
  });

  it('have a frontier and a count', () => {
    expect([frontierOf([]), frontierOf(kept), frontierOf(spans([0, 5], [6, 7]))]).toEqual([0, 0, 5]);
    expect([countBytes([]), countBytes(kept)]).toEqual([0, 20]);
  });
});

describe('pieces', () => {
  it('are cut at the boundaries of segments, and grow from their end', () => {
    const log = new PieceLog();
    const [a, b] = [Buffer.from('abcdef'), Buffer.from('ghi')];
    log.add(segmentBytes - 4, a);
    log.add(segmentBytes + 2, b);
    log.add(5, b);
    expect(log.list()).toEqual([
      { start: 5, length: 3, crc: crc32(b) },
      { start: segmentBytes - 4, length: 4, crc: crc32('abcd') },
      { start: segmentBytes, length: 5, crc: crc32('efghi') },
    ]);
    expect(log.extents).toEqual(spans([5, 8], [segmentBytes - 4, segmentBytes + 5]));
    expect(new PieceLog(log.list()).extents).toEqual(log.extents);
  });

  it('are read again in order, or not at all if any is missing', async () => {
    const bytes = Buffer.from('0123456789');
    const asked: [number, number][] = [];
    const checked: [number, string][] = [];
    const check = (piece: { start: number; length: number }): Promise<number> => {
      const buffer = Buffer.alloc(4);
      return checksumPiece(
        { ...piece, crc: 0 },
        buffer,
        (count, position) => {
          asked.push([count, position]);
          return Promise.resolve(bytes.copy(buffer, 0, position, Math.min(position + count, bytes.length)));
        },
        (position, read) => {
          checked.push([position, Buffer.from(read).toString()]);
          return Promise.resolve();
        },
      );
    };
    expect(await check({ start: 1, length: 6 })).toBe(crc32('123456'));
    expect(asked).toEqual([
      [4, 1],
      [2, 5],
    ]);
    expect(checked).toEqual([
      [1, '1234'],
      [5, '56'],
    ]);
    expect(await check({ start: 8, length: 3 })).toBe(-1);
  });
});

describe('bytes that are gathered', () => {
  const bytes = Buffer.from('0123456789');
  /** Buffers of four bytes; what is waited for after each write can be held back. */
  function gather(
    count: number,
    start = 100,
  ): {
    gathered: GatheredBytes;
    put: [number, string][];
    settle: ((error?: Error) => void)[];
  } {
    const put: [number, string][] = [];
    const settle: ((error?: Error) => void)[] = [];
    const gathered = new GatheredBytes(start, new BufferPool(count, 4), (position, piece) => {
      put.push([position, Buffer.from(piece).toString()]);
      const written = new Promise<void>((resolve, reject) => {
        settle.push((error) => (error === undefined ? resolve() : reject(error)));
      });
      return { written, digested: Promise.resolve() };
    });
    return { gathered, put, settle };
  }

  it('are passed on when a buffer is full, and the rest at the end', async () => {
    const { gathered, put, settle } = gather(3);
    expect(gathered.end).toBe(100);
    expect(gathered.addNow(bytes.subarray(0, 3))).toBe(3);
    expect([gathered.end, put]).toEqual([103, []]);
    expect(gathered.addNow(bytes.subarray(3))).toBe(7);
    expect(gathered.end).toBe(110);
    const finished = gathered.finish();
    for (let index = 0; index < 3; index++) {
      while (settle.length === index) await new Promise(setImmediate);
      // One write at a time.
      expect(put).toHaveLength(index + 1);
      settle[index]?.();
    }
    await finished;
    expect(put).toEqual([
      [100, '0123'],
      [104, '4567'],
      [108, '89'],
    ]);
  });

  it('are accepted while there are buffers, and later if one waits', async () => {
    const { gathered, put, settle } = gather(1);
    expect(gathered.addNow(bytes)).toBe(4);
    expect(gathered.addNow(bytes.subarray(4))).toBe(0);
    expect(gathered.end).toBe(104);
    const added = gathered.add(bytes.subarray(4, 8));
    await new Promise(setImmediate);
    expect(put).toEqual([[100, '0123']]);
    settle[0]?.();
    await added;
    const finished = gathered.finish();
    while (settle.length === 1) await new Promise(setImmediate);
    settle[1]?.();
    await finished;
    expect(put).toEqual([
      [100, '0123'],
      [104, '4567'],
    ]);
  });

  it('are no longer accepted once a write has failed', async () => {
    const { gathered, put, settle } = gather(2);
    gathered.addNow(bytes.subarray(0, 5));
    await new Promise(setImmediate);
    const failure = new Error('no room');
    settle[0]?.(failure);
    await new Promise(setImmediate);
    expect(gathered.addNow(bytes)).toBe(0);
    await expect(gathered.add(bytes)).rejects.toBe(failure);
    await expect(gathered.finish()).rejects.toBe(failure);
    expect(put).toEqual([[100, '0123']]);
  });

  it('leave no buffer behind if there were none', async () => {
    const pool = new BufferPool(1, 4);
    const gathered = new GatheredBytes(0, pool, () => {
      throw new Error('nothing is to be put');
    });
    expect(gathered.addNow(Buffer.alloc(0))).toBe(0);
    await gathered.finish();
    expect(pool.acquireNow()).toHaveLength(4);
    expect(pool.acquireNow()).toBeNull();
  });
});

describe('a meter', () => {
  it('reports at most ten times a second, and always the last byte', () => {
    const clock = new ManualClock();
    const told: TransferEvent[] = [];
    const tell = createMeter(clock, 5, (event) => told.push(event));
    tell(1);
    clock.advance(99);
    tell(2);
    clock.advance(1);
    tell(3);
    tell(5);
    expect(told).toEqual([1, 3, 5].map((bytes) => ({ event: 'progress', bytes, total: 5 })));
  });

  it('tells which bytes of an answer are new, and which were there before', () => {
    const told: TransferEvent[] = [];
    const clock = new ManualClock();
    const tell = createAnswerMeter(clock, 10, 4, (event) => told.push(event));
    tell(null, 3);
    clock.advance(100);
    tell(null, 7);
    tell(2, 6);
    expect(told).toEqual([
      { event: 'compare', bytes: 3, total: 4 },
      { event: 'compare', bytes: 4, total: 4 },
      { event: 'progress', bytes: 6, total: 10 },
    ]);
  });
});

it('a limit lets bytes pass once earlier ones are paid for, and unused time is lost', async () => {
  const clock = new ManualClock();
  const limit = new RateLimit(clock, 1000);
  expect([limit.isLimited, new RateLimit(clock, null).isLimited]).toEqual([true, false]);
  const pass = async (bytes: number, ms: number): Promise<void> => {
    const passed = limit.pass(bytes, going);
    clock.advance(ms);
    await passed;
  };
  await pass(500, 500);
  await pass(1, 1);
  clock.advance(10_000);
  await pass(250, 250);
  await pass(0, 0);
  expect(clock.delays).toEqual([500, 1, 250]);
});

it('runs of zeros are skipped in whole blocks of 64 KiB of the file', () => {
  const block = 65_536;
  const chunk = Buffer.alloc(4 * block);
  expect([findData(chunk, 0), findData(chunk, 10), findData(Buffer.alloc(0), 0)]).toEqual([[], [], []]);
  const runsWith = (position: number, ...ones: readonly number[]): readonly Span[] => {
    const changed = Buffer.from(chunk);
    for (const at of ones) changed[at] = 1;
    return findData(changed, position);
  };
  expect(runsWith(0, block)).toEqual(spans([block, 2 * block]));
  expect(runsWith(0, block - 1)).toEqual(spans([0, block]));
  expect(runsWith(0, block, 2 * block)).toEqual(spans([block, 3 * block]));
  expect(runsWith(0, 0, 2 * block)).toEqual(spans([0, block], [2 * block, 3 * block]));
  // Blocks are counted from the start of the file: the first and the last one are partial.
  expect(runsWith(block - 10, 9, 10)).toEqual(spans([0, block + 10]));
  expect(runsWith(block - 10, 10)).toEqual(spans([10, block + 10]));
  expect(runsWith(10, 4 * block - 1)).toEqual(spans([4 * block - 10, 4 * block]));
});

it('too much and too little are reported with both numbers', () => {
  expect(excessError(1, 5)).toMatchObject({
    code: 'integrity.excess',
    message: 'the server sends more than the 1 byte that the image has',
    expected: 1,
    actual: 5,
  });
  expect(truncatedError(10, 5)).toMatchObject({
    code: 'http.truncated',
    message: 'the connection was closed after 5 of 10 bytes',
    expected: 10,
    actual: 5,
    facts: { hint: 'run the same command again' },
  });
});

it.each<[ErrorCode, boolean]>([
  ['integrity.digest', false],
  ['image.not_found', false],
  ['io.error', false],
  ['io.nospace', true],
  ['net.reset', true],
  ['http.status', true],
])('what arrived before %s is worth keeping: %j', (code, isKept) => {
  expect(isWorthKeeping(new GlanceError(code, 'x'))).toBe(isKept);
  expect(isWorthKeeping(new Error(code))).toBe(true);
});
