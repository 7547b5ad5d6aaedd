// A file that lacks bytes although all of them are counted as written, and nothing else would reveal it: it never gets the
// target's name.
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { FileTransfer } from '../../../src/transfer/file-transfer.ts';
import type { OpenFile } from '../../../src/transfer/files/file-system.ts';
import { bufferBytes } from '../../../src/transfer/flow/buffers.ts';
import { RateLimit } from '../../../src/transfer/flow/rate-limit.ts';
import { PartFile } from '../../../src/transfer/part/part-file.ts';
import { codeOf } from '../../support/code-of.ts';
import { segment, simData, simDownload, SimGlance, simTarget } from '../../support/sim/sim-download.ts';
import { SimFs } from '../../support/sim/sim-fs.ts';

const data = simData(1, 40);
const old = Buffer.from('what stood there before');
const lost = 1000;

/** An image without a digest. */
class Unproven extends SimGlance {
  override get image() {
    return { ...super.image, digests: [] };
  }
}

/** A file whose last bytes are lost, though they seem to have been written. */
function losing(file: OpenFile): OpenFile {
  return new Proxy(file, {
    get: (_, key) => {
      if (key === 'write') {
        return async (bytes: Uint8Array, start: number, length: number, position: number) => {
          const kept = Math.max(0, Math.min(length, data.length - lost - position));
          if (kept > 0) await file.write(bytes, start, kept, position);
          return length;
        };
      }
      const value: unknown = Reflect.get(file, key);
      return typeof value === 'function' ? value.bind(file) : value;
    },
  });
}

it.each([
  ['has a digest', new SimGlance(data), false],
  ['has none', new Unproven(data), false],
  ['has a digest, zeros left out', new SimGlance(data), true],
  ['has none, zeros left out', new Unproven(data), true],
])('refuses a file with fewer bytes on disk than were written, of an image that %s', async (_, glance, sparse) => {
  const fileSystem = new SimFs();
  fileSystem.put(simTarget, old);
  const open = fileSystem.open.bind(fileSystem);
  fileSystem.open = async (path, ...how) => {
    const file = await open(path, ...how);
    return path.endsWith('.part') ? losing(file) : file;
  };
  expect(await codeOf(simDownload(fileSystem, glance, { force: true, sparse }))).toBe('io.error');
  expect(fileSystem.files().get(simTarget)).toEqual(old);
  fileSystem.open = open;
  expect(await simDownload(fileSystem, glance, { force: true, sparse })).toMatchObject({ bytes: data.length });
  expect(fileSystem.files().get(simTarget)?.equals(data)).toBe(true);
});

it('gives an image that ends in zeros its length if they are left out', async () => {
  const fileSystem = new SimFs();
  const image = Buffer.concat([data, Buffer.alloc(8 * segment)]);
  await simDownload(fileSystem, new Unproven(image), { force: true, sparse: true });
  expect(fileSystem.files().get(simTarget)?.equals(image)).toBe(true);
});

it('refuses a transfer whose bookkeeping counts all of an image, of which half is there', async () => {
  const [fileSystem, glance] = [new SimFs(), new Unproven(data)];
  const part = await PartFile.open(simTarget, glance.image, { fileSystem, uid: null, sparse: false, isPrivate: true });
  await part.write(0, data.subarray(0, data.length / 2));
  Object.defineProperty(part, 'extents', { get: () => [{ start: 0, end: data.length }] });
  const transfer = new FileTransfer(glance.source(), part, {
    extraAlgorithms: [],
    connections: 1,
    bufferBytes,
    rate: new RateLimit(systemClock, null),
    retry: { retries: 0 },
    clock: systemClock,
    signal: new AbortController().signal,
    listen: () => undefined,
    observers: [],
  });
  expect(await codeOf(transfer.run())).toBe('http.truncated');
});
