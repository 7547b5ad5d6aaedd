// Image data that can be opened at any position: in memory, or in a file that must not change meanwhile.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { GlanceError } from '../../errors.ts';
import { O_NOFOLLOW, O_NONBLOCK } from '../../local/open-flags.ts';

const memoryChunkBytes = 64 * 1024;
const fileChunkBytes = 512 * 1024;
/** As fast as large chunks for a few readers, and cheaper where many clients are idle at once. */
const smallChunkBytes = 64 * 1024;
const maxLargeReaders = 32;
let largeReaders = 0;

/** Image data that a server can send. */
export interface ImageBytes {
  /** Bytes of data; what a real Glance calls the size in the store. */
  readonly size: number;
  /** Changes if and only if the bytes change; absent if that cannot be known. */
  readonly version?: string;
  /**
   * The bytes from `start` up to, not including, `end`; 0 ≤ start ≤ end ≤ size. Nothing is opened before it is read.
   * Fails rather than return other bytes than those from which the catalog was made. A chunk stays valid until the next
   * but one is requested.
   * @param signal aborted once nobody wants the bytes any more, to give up waiting for a remote store
   */
  open(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Identifies the content of a file: no two files, and no two contents, share all of these. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  /** Bytes. */
  readonly size: bigint;
  /**
   * When the file claims that its bytes were last changed; anybody who may write to the file can set this. Nanoseconds
   * since 1970 UTC.
   */
  readonly mtimeNs: bigint;
  /** When anything about the file was last changed, which nobody can set. Nanoseconds since 1970 UTC. */
  readonly ctimeNs: bigint;
}

/** Image data in memory. */
export function memoryBytes(bytes: Uint8Array): ImageBytes {
  return {
    size: bytes.length,
    open: (start, end) => slices(bytes.subarray(start, end)),
  };
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += memoryChunkBytes) yield bytes.subarray(at, at + memoryChunkBytes);
}

/**
 * Image data in a file. Reading fails with GlanceError `io.error` once the file differs from `identity`, before any
 * byte read after the change is passed on, and with the system's error if the file cannot be opened. Symbolic links are
 * not followed.
 * @param onFailure called on every failure, before the reader learns of it
 */
export function fileBytes(path: string, identity: FileIdentity, onFailure: () => void = () => undefined): ImageBytes {
  return {
    size: Number(identity.size),
    version: lastingVersionOf(identity),
    open: (start, end) => readUnchanged(path, identity, { start, end }, onFailure),
  };
}

/** Opens a regular file for reading. Follows no link, and does not wait for the other end of a FIFO. */
export function openRegular(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY + O_NOFOLLOW + O_NONBLOCK);
}

/** The identity of an open file. */
export async function identify(handle: FileHandle): Promise<FileIdentity> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
  return { dev, ino, size, mtimeNs, ctimeNs };
}

/** A text that changes with a file. */
export function versionOfFile({ dev, ino, size, mtimeNs, ctimeNs }: FileIdentity): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/**
 * A text that changes with a file, to be kept. Leaves out the device, whose number can change after a restart on some
 * file systems. Includes ctime, which cannot be reset by somebody who changes the bytes and then restores mtime.
 */
export function lastingVersionOf({ ino, size, mtimeNs, ctimeNs }: FileIdentity): string {
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}

/** Whether a file is still the same. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return versionOfFile(a) === versionOfFile(b);
}

/**
 * Uses two buffers in turn: one is filled while the other is sent. The first readers get large buffers, others small
 * ones.
 */
async function* readUnchanged(
  path: string,
  identity: FileIdentity,
  range: { readonly start: number; readonly end: number },
  onFailure: () => void,
): AsyncGenerator<Uint8Array> {
  const isLarge = largeReaders < maxLargeReaders;
  if (isLarge) largeReaders += 1;
  try {
    yield* readChunks(path, identity, range, isLarge ? fileChunkBytes : smallChunkBytes);
  } catch (error) {
    onFailure();
    throw error;
  } finally {
    if (isLarge) largeReaders -= 1;
  }
}

async function* readChunks(
  path: string,
  identity: FileIdentity,
  { start, end }: { readonly start: number; readonly end: number },
  chunkBytes: number,
): AsyncGenerator<Uint8Array> {
  const handle = await openRegular(path);
  try {
    await refuseChange(handle, path, identity);
    const sizes = Math.min(chunkBytes, end - start);
    const buffers = [Buffer.allocUnsafeSlow(sizes), Buffer.allocUnsafeSlow(end - start > sizes ? sizes : 0)];
    let position = start;
    for (let turn = 0; position < end; turn = 1 - turn) {
      const buffer = buffers[turn] ?? Buffer.alloc(0);
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - position), position);
      // After the read, since a change before it would be in the chunk.
      await refuseChange(handle, path, identity);
      if (bytesRead === 0) throw changed(path);
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

async function refuseChange(handle: FileHandle, path: string, identity: FileIdentity): Promise<void> {
  if (!isSameFile(await identify(handle), identity)) throw changed(path);
}

function changed(path: string): GlanceError {
  return new GlanceError('io.error', `${path} has changed since it was catalogued`, {
    hint: 'try again: by then it will have been read again',
  });
}
