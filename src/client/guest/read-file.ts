// Reads a file within a disk as a stream of bytes.
import type { Reads } from '../../disk/blocks/reading.ts';
import type { FoundFile, GuestTree } from '../../disk/contents/guest-tree.ts';
import { GlanceError } from '../../errors.ts';
import { noFile } from './list-files.ts';
import type { Guest } from './open-guest.ts';

/** Bytes to read at once: four simultaneous requests to a store. */
const chunkBytes = 4 * 1024 * 1024;

/** A file that can be read while its guest is open. */
export interface FileWithin {
  /** The path as it was requested. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /**
   * All of its bytes, or those from a position on; holes are zeros.
   * @throws GlanceError `contents.limit`, `contents.unreadable`; what requests fail with; the signal's reason
   */
  readonly chunks: (from?: number) => AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Finds a file, following links within the disk.
 * @param path from the root, with or without a leading `/`
 * @throws GlanceError `contents.not_found`, also for something that is not a file; `contents.limit`, `contents.unreadable`;
 * what requests fail with; the signal's reason
 */
export async function findWithin(guest: Guest, path: string): Promise<FileWithin> {
  const found = await guest.read(path, findFile(guest.tree, path));
  if (found === null) throw noFile(guest.name, path);
  const { file, size } = found;
  if (file.kind !== 'file') {
    const what = file.kind === 'directory' ? 'a directory' : 'not a regular file';
    throw new GlanceError('contents.not_found', `${guest.name}: ${path} is ${what}`, {
      hint: 'name a file; a directory can be listed',
    });
  }
  return { path, size, chunks: (from = 0) => readChunks(guest, found, path, from) };
}

interface SizedFile {
  readonly file: FoundFile;
  readonly size: number;
}

function* findFile(tree: GuestTree, path: string): Reads<SizedFile | null> {
  const file = yield* tree.find(path);
  return file === null ? null : { file, size: (yield* file.files.stat(file.ref)).size };
}

async function* readChunks(
  guest: Guest,
  { file: { files, ref }, size }: SizedFile,
  path: string,
  from: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  // Enough for this file, everything read so far, and the tables that lead to it.
  const enough = 2 * size + guest.cost.bytes + chunkBytes;
  for (let at = from; at < size;) {
    const bytes = await guest.read(path, files.read(ref, at, Math.min(chunkBytes, size - at)), enough);
    if (bytes.length === 0) throw new GlanceError('contents.unreadable', `${path}: it ends too soon`);
    yield bytes;
    at += bytes.length;
  }
}
