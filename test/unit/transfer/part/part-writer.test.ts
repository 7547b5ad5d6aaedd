// When arriving bytes are written, compared and made durable.
import { describe, expect, it } from 'vitest';
import type { FrontierDigest } from '../../../../src/transfer/digest/frontier.ts';
import { BufferPool } from '../../../../src/transfer/flow/buffers.ts';
import type { Extents } from '../../../../src/transfer/flow/extents.ts';
import type { PartFile } from '../../../../src/transfer/part/part-file.ts';
import { PartWriter } from '../../../../src/transfer/part/part-writer.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const MiB = 1024 * 1024;

function setUp(
  extents: Extents = [],
  there = 'abcdefgh',
): {
  writer: PartWriter;
  clock: ManualClock;
  done: string[];
  digest: { isBehind: boolean };
  fail: (error: Error) => void;
} {
  const done: string[] = [];
  const clock = new ManualClock();
  let failure: Error | null = null;
  const part = {
    extents,
    write: async (position: number, bytes: Uint8Array) => {
      if (failure !== null) throw failure;
      done.push(`write ${String(position)} ${bytes.length > 100 ? '…' : Buffer.from(bytes).toString()}`);
    },
    read: async (buffer: Uint8Array, length: number, position: number) => {
      const found = Buffer.from(there).subarray(position, position + length);
      buffer.set(found);
      return found.length;
    },
    startCheckpoint: () => void done.push('checkpoint'),
  };
  const digest = {
    isBehind: false,
    offer: async (position: number, bytes: Uint8Array) => {
      if (bytes.length < 100) done.push(`digest ${String(position)} ${Buffer.from(bytes).toString()}`);
    },
    catchUp: () => {
      done.push('catch up');
      return Promise.reject(new Error('not now'));
    },
  };
  const pool = new BufferPool(1, 16);
  const writer = new PartWriter(part as unknown as PartFile, digest as unknown as FrontierDigest, pool, clock);
  return { writer, clock, done, digest, fail: (error) => (failure = error) };
}

async function put(writer: PartWriter, position: number, bytes: Uint8Array | string): Promise<void> {
  const { written, digested } = writer.put(position, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  await Promise.all([written, digested]);
}

describe('bytes', () => {
  it('that are new are digested and written', async () => {
    const { writer, done } = setUp([{ start: 0, end: 4 }]);
    await put(writer, 4, 'efgh');
    expect(done).toEqual(['digest 4 efgh', 'write 4 efgh']);
  });

  it('that are already there are compared, and only the others written', async () => {
    const spans = [
      { start: 0, end: 2 },
      { start: 4, end: 6 },
    ];
    const { writer, done } = setUp(spans);
    await put(writer, 1, 'bcdefg');
    expect(done).toEqual(['digest 1 bcdefg', 'write 2 cd', 'write 6 g']);
  });

  it.each([
    ['another byte', 'axcd', 'abcdefgh', 0],
    ['another last byte', 'abcx', 'abcdefgh', 0],
    ['fewer on disk', 'abcd', 'abc', 0],
  ])('that differ are refused, and not written: %s', async (_what, sent, there, position) => {
    const { writer, done } = setUp([{ start: 0, end: 4 }], there);
    await expect(put(writer, 0, `${sent}e`)).rejects.toMatchObject({
      code: 'integrity.contradiction',
      message: expect.stringContaining(`at byte ${String(position)} `) as string,
    });
    expect(done).toEqual([]);
    // The buffer used for comparing is free again.
    await expect(put(writer, 0, `${sent}e`)).rejects.toMatchObject({ code: 'integrity.contradiction' });
  });

  it.each([[[]], [[{ start: 0, end: 2 }]]])('that cannot be written fail, with %j already there', async (extents) => {
    const { writer, fail } = setUp(extents);
    const failure = new Error('no room');
    fail(failure);
    await expect(put(writer, 0, 'abcd')).rejects.toBe(failure);
  });

  it('are read again once the digest lags behind, whether that succeeds or not', async () => {
    const { writer, done, digest } = setUp();
    await put(writer, 0, 'a');
    digest.isBehind = true;
    await put(writer, 5, 'f');
    expect(done).toEqual(['digest 0 a', 'write 0 a', 'digest 5 f', 'write 5 f', 'catch up']);
  });
});

it('what has been written is made durable after 64 MiB, a second apart, and at least every five', async () => {
  const { writer, clock, done } = setUp();
  const large = Buffer.alloc(64 * MiB);
  const steps: readonly [ms: number, bytes: number, isDurable: boolean][] = [
    [0, 64 * MiB - 1, false],
    [0, 1, true],
    [0, 1, false],
    [999, 64 * MiB, false],
    [1, 1, true],
    [1000, 64 * MiB - 1, false],
    [0, 1, true],
    [4999, 1, false],
    [1, 1, true],
    [4999, 1, false],
  ];
  for (const [index, [ms, bytes, isDurable]] of steps.entries()) {
    clock.advance(ms);
    done.length = 0;
    await put(writer, 0, large.subarray(0, bytes));
    expect([index, done.includes('checkpoint')]).toEqual([index, isDurable]);
  }
});
