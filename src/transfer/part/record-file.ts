// The record of a part file on disk: replaced in one step, read with suspicion.
import { constants } from 'node:fs';
import { O_NOFOLLOW } from '../../open-flags.ts';
import type { FileSystem, OpenFile } from '../files/file-system.ts';
import { errnoOf } from '../files/io-error.ts';
import { formatRecord, type ImageIdentity, maxRecordBytes, parseRecord } from './part-record.ts';
import type { Piece } from './pieces.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;

/** Nobody else may read an image before it is known to be whole. */
export const partMode = 0o600;

/**
 * Replaces the record. The name in between is fixed, so that a killed run leaves one such file at most.
 * @throws Node's system errors; the old record is then still there
 */
export async function writeRecord(
  fileSystem: FileSystem,
  path: string,
  identity: ImageIdentity,
  pieces: readonly Piece[],
): Promise<void> {
  const text = Buffer.from(formatRecord(identity, pieces));
  const temporary = `${path}.tmp`;
  const file = await createAnew(fileSystem, temporary, partMode);
  await removingOnFailure(fileSystem, temporary, async () => {
    try {
      await writeAll(file, 0, text);
      // An empty record claims nothing that could be lost.
      if (pieces.length > 0) await file.datasync();
    } finally {
      await file.close();
    }
    await fileSystem.rename(temporary, path);
  });
}

/** Does something with a file of ours, which is taken away if that fails. @throws what `work` throws */
export async function removingOnFailure(
  fileSystem: FileSystem,
  path: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    await fileSystem.unlink(path).catch(() => undefined);
    throw error;
  }
}

/** Takes away what a killed run left under this name, if it did. @throws Node's system errors */
export async function removeLeftOver(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * The pieces that a record vouches for, as far as the file is long enough to have them.
 * @param size bytes of the part file
 * @returns null if there is no sound record of this image
 */
export async function readPieces(
  fileSystem: FileSystem,
  path: string,
  identity: ImageIdentity,
  size: number,
): Promise<readonly Piece[] | null> {
  const text = await readText(fileSystem, path);
  const pieces = text === null ? null : parseRecord(text, identity);
  return pieces?.filter(({ start, length }) => start + length <= size) ?? null;
}

/** The text of a record; null if there is none that could be one. */
async function readText(fileSystem: FileSystem, path: string): Promise<string | null> {
  let file: OpenFile;
  try {
    file = await fileSystem.open(path, O_RDONLY + O_NOFOLLOW, 0);
  } catch {
    return null;
  }
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > maxRecordBytes) return null;
    const buffer = new Uint8Array(status.size);
    const length = await file.read(buffer, 0, buffer.length, 0);
    return Buffer.from(buffer.subarray(0, length)).toString('utf8');
  } finally {
    await file.close();
  }
}

/**
 * A new file, open for writing, in place of what has its name: a leftover of ours, or something that was put there and is not
 * to be written to.
 * @throws Node's system errors
 */
export async function createAnew(fileSystem: FileSystem, path: string, mode: number): Promise<OpenFile> {
  const flags = O_WRONLY + O_CREAT + O_EXCL + O_NOFOLLOW;
  try {
    return await fileSystem.open(path, flags, mode);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    await fileSystem.unlink(path);
    return await fileSystem.open(path, flags, mode);
  }
}

/** Writes all of it, however little each call takes. @throws Node's system errors */
export async function writeAll(file: OpenFile, position: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    // oxlint-disable-next-line no-await-in-loop -- a write may be short; the rest goes after it
    done += await file.write(bytes, done, bytes.length - done, position + done);
  }
}
