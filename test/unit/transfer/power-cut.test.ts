// Every operation on the disk is cut off once, what the disk has then is chosen many times over, and the same download is
// run again. The target must never show anything but the old file or the whole image.
import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { downloadToFile, type DownloadResult } from '../../../src/transfer/download.ts';
import type { DownloadSource } from '../../../src/transfer/source.ts';
import { PowerCut, SimFs } from '../../support/sim-fs.ts';

const segment = 256 * 1024;
const data = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(10 * segment));
const sha256 = createHash('sha256').update(data).digest('hex');
const old = Buffer.from('what stood there before');
/** The lock of a target is real, and the same for all processes of this machine. */
const path = `/d/image-${String(process.pid)}-${String(Date.now())}.raw`;

/** A clock on which a checkpoint is due after every piece, and no wait is real. */
function hastyClock(): typeof systemClock {
  let now = 0;
  return { ...systemClock, monotonic: () => (now += 6000), random: () => 0 };
}

const image = {
  origin: 'http://glance.example',
  id: '1',
  size: data.length,
  digests: [{ algorithm: 'sha256' as const, hex: sha256 }],
  createdAt: null,
};

function source(ranges: boolean): DownloadSource {
  return {
    name: 'image',
    image,
    pinned: [],
    requireDigest: false,
    refresh: () => Promise.resolve(image),
    answered: () => true,
    open: (range) => {
      const start = ranges ? (range?.start ?? 0) : 0;
      const pieces: Buffer[] = [];
      for (let at = start; at < data.length; at += segment) pieces.push(data.subarray(at, at + segment));
      return Promise.resolve({ body: Readable.from(pieces), start, contentLength: data.length - start, digests: [] });
    },
  };
}

async function download(fileSystem: SimFs, ranges: boolean, force: boolean): Promise<DownloadResult> {
  const existing = fileSystem.files().get(path);
  return await downloadToFile(
    source(ranges),
    { kind: 'file', path, existingSize: existing?.length ?? null, existingMode: null },
    {
      extraAlgorithms: [],
      retry: { retries: 0 },
      clock: hastyClock(),
      signal: new AbortController().signal,
      listen: () => undefined,
      force,
      mode: 0o644,
      bufferBytes: segment,
      uid: 0,
      process: { pid: process.pid, platform: process.platform, isRunning: () => true },
      fileSystem,
    },
  );
}

/** Numbers that look chosen by chance and are the same each time. */
function seeded(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * count);
  };
}

function fresh(hasOld: boolean): SimFs {
  const fileSystem = new SimFs();
  if (hasOld) fileSystem.put(path, old);
  return fileSystem;
}

function expectOldOrWhole(fileSystem: SimFs, hasOld: boolean): void {
  const target = fileSystem.files().get(path);
  const isOld = hasOld ? target?.equals(old) === true : target === undefined;
  expect(isOld || target?.equals(data) === true).toBe(true);
}

describe.each([
  ['a new file', false],
  ['a file that is replaced', true],
])('a power cut during a download to %s', (_what, hasOld) => {
  it.each([
    ['with ranges', true],
    ['without ranges', false],
  ])('at any operation leaves the old file or the whole image, and the next run finishes: %s', async (_how, ranges) => {
    const undisturbed = fresh(hasOld);
    await download(undisturbed, ranges, hasOld);
    const count = undisturbed.operations;
    expect(count).toBeGreaterThan(40);
    for (let k = 1; k <= count; k++) {
      for (let sample = 0; sample < 6; sample++) {
        const fileSystem = fresh(hasOld);
        fileSystem.cutAt(k);
        // oxlint-disable-next-line no-await-in-loop -- one world after the other
        await download(fileSystem, ranges, hasOld).catch(() => undefined);
        const after = fileSystem.crash(seeded(k * 100 + sample));
        expectOldOrWhole(after, hasOld);
        // oxlint-disable-next-line no-await-in-loop
        const result = await download(after, ranges, hasOld);
        expect(result.verifiedBy).toBe('sha256');
        expect([...after.files().keys()]).toEqual([path]);
        expect(after.files().get(path)?.equals(data)).toBe(true);
      }
    }
  });

  it('goes on from what was durable', async () => {
    const fileSystem = fresh(hasOld);
    fileSystem.cutAt(40);
    await expect(download(fileSystem, true, hasOld)).rejects.toMatchObject({ cause: expect.any(PowerCut) });
    const result = await download(fileSystem.crash(seeded(1)), true, hasOld);
    expect(result.resumedFrom).toBeGreaterThan(0);
  });

  it('when it was said to be done, it is on the disk', async () => {
    const fileSystem = fresh(hasOld);
    await download(fileSystem, true, hasOld);
    for (let sample = 0; sample < 20; sample++) {
      expect(fileSystem.crash(seeded(sample)).files().get(path)?.equals(data)).toBe(true);
    }
  });
});

describe('an operation that fails', () => {
  it.each(['ENOSPC', 'EIO', 'EDQUOT', 'EROFS'])(
    'with %s, whichever, leaves the old file or the whole image',
    async (code) => {
      const undisturbed = fresh(true);
      await download(undisturbed, true, true);
      for (let k = 1; k <= undisturbed.operations; k++) {
        const fileSystem = fresh(true);
        fileSystem.failAt(k, code);
        // oxlint-disable-next-line no-await-in-loop
        await download(fileSystem, true, true).catch(() => undefined);
        expectOldOrWhole(fileSystem, true);
        // oxlint-disable-next-line no-await-in-loop
        await download(fileSystem, true, true);
        expect(fileSystem.files().get(path)?.equals(data)).toBe(true);
      }
    },
  );
});
