// A file that an earlier run of ours left, and nothing that only has its name: no link, no FIFO, nobody else's.
import { constants } from 'node:fs';
import { O_NOFOLLOW } from '../../local/open-flags.ts';
import type { FileSystem, OpenFile } from '../files/file-system.ts';
import { errnoOf } from '../../local/errno.ts';
import { partMode } from './record-file.ts';

const { O_CREAT, O_EXCL, O_RDWR } = constants;

/** A new file, open for reading and writing. @throws Node's system errors, `EEXIST` where the name is taken */
export function createOwn(path: string, fileSystem: FileSystem): Promise<OpenFile> {
  return fileSystem.open(path, O_RDWR + O_CREAT + O_EXCL + O_NOFOLLOW, partMode);
}

/** Does something with an open file, which is closed only if that fails. @throws what `work` throws */
export async function closingOnFailure<T>(file: OpenFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

/** A file that is known to be ours, open again. @throws Node's system errors */
export function reopenOwn(path: string, fileSystem: FileSystem): Promise<OpenFile> {
  return fileSystem.open(path, O_RDWR + O_NOFOLLOW, partMode);
}

/**
 * Our own plain file, open for reading and writing.
 * @param uid our user; null where users have no numbers
 * @returns null if there is none, after taking away what stands under its name instead
 * @throws Node's system errors
 */
export async function openOwn(path: string, fileSystem: FileSystem, uid: number | null): Promise<OpenFile | null> {
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
