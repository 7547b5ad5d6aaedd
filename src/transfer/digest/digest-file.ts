// Computes the digests of an existing file.
import type { Digest, DigestAlgorithm } from '../../digests.ts';
import { BufferPool } from '../flow/buffers.ts';
import { createDigester } from './digester.ts';
import { isWorthThread, startThreshold } from '../threads/thread-pool.ts';
import { digestInThread } from './thread-hash.ts';
import type { HostFileSystem, OpenFile } from '../files/file-system.ts';
import { closeRead, openRegular } from '../files/small-file.ts';

/**
 * The digests of a file that was found to be a regular one; if a pipe has taken its place since, this does not wait for a
 * writer.
 * @param size its size in bytes, which only decides the method
 * @param onBytes called with the bytes in order; they are valid until it returns
 * @throws Node's system errors; GlanceError `io.not_regular`; the signal's reason
 */
export async function digestFile(
  fileSystem: Pick<HostFileSystem, 'open'>,
  path: string,
  size: number,
  algorithms: readonly DigestAlgorithm[],
  signal: AbortSignal,
  onBytes: (bytes: Uint8Array) => void = () => undefined,
): Promise<readonly Digest[]> {
  const file = await openRegular(fileSystem, path, 'followed');
  try {
    return await digestOpen(file, size, algorithms, signal, onBytes);
  } finally {
    await closeRead(file);
  }
}

/**
 * The digests of an open file, for callers that do not need the bytes: a small file among many is left to a thread.
 * @param file stays the caller's to close
 * @param size its size in bytes: a larger file, whose digests differ in any case, is not read much further
 * @param onRead called with the number of bytes just read
 * @throws Node's system errors; the signal's reason
 */
export async function digestUnseen(
  file: OpenFile,
  size: number,
  algorithms: readonly DigestAlgorithm[],
  signal: AbortSignal,
  onRead: (count: number) => void,
): Promise<readonly Digest[]> {
  const { descriptor } = file;
  if (descriptor === undefined || size >= startThreshold || !isWorthThread(size)) {
    return await digestOpen(file, size, algorithms, signal, ({ length }) => onRead(length));
  }
  signal.throwIfAborted();
  const hexes = await digestInThread(descriptor, algorithms, size + 1);
  onRead(size);
  return algorithms.map((algorithm, index) => ({ algorithm, hex: hexes[index] ?? '' }));
}

async function digestOpen(
  file: OpenFile,
  size: number,
  algorithms: readonly DigestAlgorithm[],
  signal: AbortSignal,
  onBytes: (bytes: Uint8Array) => void,
): Promise<readonly Digest[]> {
  const digester = createDigester(algorithms, size);
  const buffers = new BufferPool(2);
  let digested: Promise<void> = Promise.resolve();
  try {
    for (;;) {
      signal.throwIfAborted();
      // The next buffer is read while the last one is digested.
      const buffer = await buffers.acquire();
      const count = await file.read(buffer, 0, buffer.length, digester.bytes);
      await digested;
      const bytes = buffer.subarray(0, count);
      digested = digester.update(bytes).then(() => buffers.release(buffer));
      onBytes(bytes);
      if (count < buffer.length) return await digester.digests();
    }
  } finally {
    await digested.catch(() => undefined);
    digester.close();
    buffers.close();
  }
}
