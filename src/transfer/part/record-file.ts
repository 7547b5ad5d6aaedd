// The record of a part file on disk: replaced in one step, and not trusted when read.
import { removingOnFailure, createAnew, writeAll } from '../files/replace-file.ts';
import { constants } from 'node:fs';
import { O_NOFOLLOW } from '../../local/open-flags.ts';
import type { HostFileSystem, OpenFile } from '../files/file-system.ts';
import { closeRead } from '../files/small-file.ts';
import { errnoOf } from '../../local/errno.ts';
import { formatRecord, maxRecordBytes, parseRecord } from './part-record.ts';
import type { ImageIdentity } from '../flow/source.ts';
import type { Piece } from './pieces.ts';

const { O_RDONLY } = constants;

/** Nobody else may read an image before it is known to be complete. */
export const partMode = 0o600;

/**
 * Replaces the record. The temporary name is fixed, so that a killed run leaves at most one such file.
 * @throws Node's system errors; the old record is then still there
 */
export async function writeRecord(
  fileSystem: HostFileSystem,
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

/** Removes what a killed run may have left under this name. @throws Node's system errors */
export async function removeLeftOver(fileSystem: HostFileSystem, path: string): Promise<void> {
  try {
    await fileSystem.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * The pieces that a record vouches for, as far as the file is long enough to contain them.
 * @param size bytes of the part file
 * @returns null if there is no sound record of this image
 */
export async function readPieces(
  fileSystem: HostFileSystem,
  path: string,
  identity: ImageIdentity,
  size: number,
): Promise<readonly Piece[] | null> {
  const text = await readText(fileSystem, path);
  const pieces = text === null ? null : parseRecord(text, identity);
  return pieces?.filter(({ start, length }) => start + length <= size) ?? null;
}

/** The text of a record; null if there is none, or nothing that could be one. */
async function readText(fileSystem: HostFileSystem, path: string): Promise<string | null> {
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
    await closeRead(file);
  }
}
