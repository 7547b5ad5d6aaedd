// Files left by our own earlier runs, as opposed to others with the same name: no link, no FIFO, nobody else's file.
import { constants } from 'node:fs';
import { O_NOFOLLOW } from '../../local/open-flags.ts';
import type { HostFileSystem, OpenFile } from '../files/file-system.ts';
import { errnoOf } from '../../local/errno.ts';
import { partMode } from './record-file.ts';

const { O_CREAT, O_EXCL, O_RDWR } = constants;

/** Creates a file, open for reading and writing. @throws Node's system errors, `EEXIST` if the name is taken */
export function createOwn(path: string, fileSystem: HostFileSystem): Promise<OpenFile> {
  return fileSystem.open(path, O_RDWR + O_CREAT + O_EXCL + O_NOFOLLOW, partMode);
}

/** Works on an open file, which is closed only if that fails. @throws what `work` throws */
export async function closingOnFailure<T>(file: OpenFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

/** Reopens a file known to be ours. @throws Node's system errors */
export function reopenOwn(path: string, fileSystem: HostFileSystem): Promise<OpenFile> {
  return fileSystem.open(path, O_RDWR + O_NOFOLLOW, partMode);
}

/**
 * Opens our own plain file for reading and writing.
 * @param uid our user id; null if users have none
 * @returns null if there is none, after removing whatever has its name instead
 * @throws Node's system errors
 */
export async function openOwn(path: string, fileSystem: HostFileSystem, uid: number | null): Promise<OpenFile | null> {
  let file: OpenFile;
  try {
    file = await reopenOwn(path, fileSystem);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    if (!['ELOOP', 'EACCES', 'EMLINK', 'ENXIO'].includes(errnoOf(error))) throw error;
    await fileSystem.unlink(path);
    return null;
  }
  const status = await closingOnFailure(file, () => file.stat());
  if (status.isFile() && status.nlink === 1 && (uid === null || status.uid === uid)) return file;
  await file.close();
  await fileSystem.unlink(path);
  return null;
}
