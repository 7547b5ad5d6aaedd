// Digests of existing files: each is read once, to its end, and closed.
import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { digestFile, digestUnseen } from '../../../../src/transfer/digest/digest-file.ts';
import { createDigester } from '../../../../src/transfer/digest/digester.ts';
import { isWorthThread, keepForNext } from '../../../../src/transfer/threads/thread-pool.ts';
import { bufferBytes } from '../../../../src/transfer/flow/buffers.ts';
import { SimFs } from '../../../support/sim/sim-fs.ts';
import { watchFs } from '../../../support/sim/watched-fs.ts';

const MiB = 1024 * 1024;
const signal = new AbortController().signal;
/** Begins a run of images, which ends with the test at the latest. */
function beginRun(): () => void {
  const end = keepForNext();
  let hasEnded = false;
  const endOnce = (): void => {
    if (!hasEnded) end();
    hasEnded = true;
  };
  onTestFinished(endOnce);
  return endOnce;
}

const hexOf = (data: Buffer): string => createHash('md5').update(data).digest('hex');

describe('a file', () => {
  it.each([0, 1, bufferBytes - 1, bufferBytes, bufferBytes + 1, 2 * bufferBytes])(
    'of %d bytes is read once',
    async (length) => {
      const data = Buffer.alloc(length, 'some data');
      const fs = new SimFs();
      fs.put('/d/file', data);
      const steps: string[] = [];
      const seen: Buffer[] = [];
      const watched = watchFs(fs, '/d/file', (line) => steps.push(line));
      const digests = await digestFile(watched, '/d/file', length, ['md5'], signal, (bytes) =>
        seen.push(Buffer.from(bytes)),
      );
      expect(digests).toEqual([{ algorithm: 'md5', hex: hexOf(data) }]);
      expect(Buffer.concat(seen).equals(data)).toBe(true);
      const counts = Array.from({ length: Math.floor(length / bufferBytes) + 1 }, (_, index) =>
        Math.min(bufferBytes, length - index * bufferBytes),
      );
      expect(steps).toEqual([
        'open file to read',
        ...counts.map((count, index) => `read file ${count}/${bufferBytes} at ${index * bufferBytes}`),
        'close file',
      ]);
    },
  );

  it('is closed, and read no further, once the run has ended', async () => {
    const fs = new SimFs();
    fs.put('/d/file', Buffer.alloc(3 * bufferBytes));
    const stop = new AbortController();
    const steps: string[] = [];
    const watched = watchFs(fs, '/d/file', (line) => steps.push(line));
    const digests = digestFile(watched, '/d/file', 3 * bufferBytes, ['md5'], stop.signal, () => stop.abort());
    expect(await digests.catch((error: unknown) => error)).toBe(stop.signal.reason);
    expect([steps.length, steps.at(-1), fs.openFiles]).toEqual([3, 'close file', 0]);
  });

  it('that has no descriptor is read in this thread, even if it is one of many', async () => {
    beginRun();
    createDigester([], 9 * MiB);
    isWorthThread(9 * MiB);
    isWorthThread(8 * MiB - 1);
    isWorthThread(1);
    const fs = new SimFs();
    const data = Buffer.alloc(100_000, 'x');
    fs.put('/d/file', data);
    const counts: number[] = [];
    const digests = await digestUnseen(await fs.open('/d/file', 0, 0), data.length, ['md5'], signal, (count) =>
      counts.push(count),
    );
    expect([digests, counts]).toEqual([[{ algorithm: 'md5', hex: hexOf(data) }], [100_000]]);
  });
});

describe('a thread', () => {
  const alone: readonly [number | null, boolean][] = [
    [null, true],
    [8 * MiB, true],
    [8 * MiB - 1, false],
    [0, false],
  ];
  it.each(alone)('is worth it for an image of %s bytes on its own: %s', (bytes, isWorth) => {
    expect(isWorthThread(bytes)).toBe(isWorth);
    expect(isWorthThread(bytes)).toBe(isWorth);
  });

  it('is worth it for images of a run from 8 MiB in total, unless they are tiny', () => {
    const end = beginRun();
    expect([4 * MiB, 4 * MiB - 1, 1, 64 * 1024 - 1, 64 * 1024].map(isWorthThread)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    const endInner = beginRun();
    expect(isWorthThread(64 * 1024)).toBe(true);
    endInner();
    expect(isWorthThread(64 * 1024)).toBe(true);
    end();
    expect(isWorthThread(64 * 1024)).toBe(false);
    beginRun();
    expect([4 * MiB, 4 * MiB - 1, 64 * 1024].map(isWorthThread)).toEqual([false, false, true]);
  });

  it('counts up to the limit exactly', () => {
    beginRun();
    expect([4 * MiB, 4 * MiB].map(isWorthThread)).toEqual([false, true]);
  });
});

describe.each([
  ['in this thread', 5],
  ['in others', null],
])('digests that are computed %s', (_where, expectedBytes) => {
  it('are of the bytes since the last reset, each algorithm once', async () => {
    const digester = createDigester(['md5', 'sha256', 'md5'], expectedBytes);
    expect([digester.algorithms, digester.bytes]).toEqual([['md5', 'sha256'], 0]);
    await digester.update(Buffer.from('lost'));
    expect(digester.bytes).toBe(4);
    digester.reset();
    expect(digester.bytes).toBe(0);
    await digester.update(Buffer.from('he'));
    await digester.update(Buffer.from('llo'));
    expect(digester.bytes).toBe(5);
    const hexes = (await digester.digests()).map(({ hex }) => hex);
    expect(hexes).toEqual(['md5', 'sha256'].map((each) => createHash(each).update('hello').digest('hex')));
    digester.close();
  });

  it('are none without an algorithm', async () => {
    const digester = createDigester([], expectedBytes);
    await digester.update(Buffer.from('hello'));
    expect([await digester.digests(), digester.bytes]).toEqual([[], 5]);
    digester.close();
  });
});
