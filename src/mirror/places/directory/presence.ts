// Checks that what a mirror's index lists is still there, by names and sizes only: whether the bytes are unchanged is for
// `verify` to find out, which reads them.
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { GlanceError } from '../../../errors.ts';
import type { Image } from '../../../image/image.ts';
import type { FileStatus, HostFileSystem } from '../../../transfer/files/file-system.ts';
import { toIoError } from '../../../transfer/files/io-error.ts';
import { errnoOf } from '../../../local/errno.ts';
import type { MirrorEntry } from '../../entry-store.ts';
import { recordName } from '../../index-file.ts';
import type { MirrorTask } from '../../plan.ts';

/**
 * Looks at the files of an image that the plan would leave alone.
 * @param path path of the mirror
 * @param entry the image's entry in its index
 * @returns the task itself if nothing is missing; `data` if the data is gone or has another size, `record` if only the
 * record is gone
 */
export async function checkPresence(
  path: string,
  entry: MirrorEntry | null,
  image: Image,
  task: MirrorTask,
): Promise<MirrorTask> {
  if (entry === null || (task.action !== 'same' && task.action !== 'record')) return task;
  if (!(await isDirectory(join(path, entry.id))) || !(await hasData(path, entry))) return { action: 'data', image };
  return (await isFile(join(path, entry.id, recordName))) ? task : { action: 'record', image };
}

async function hasData(path: string, { file, size }: MirrorEntry): Promise<boolean> {
  return await isFile(join(path, file), size);
}

/** Whether the path is a directory; a link to one does not count. */
export async function isDirectory(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() === true;
}

/** A file that cannot be examined counts as gone: fetching it again shows what is wrong. */
async function isFile(path: string, size?: number): Promise<boolean> {
  const status = await lstat(path).catch(() => null);
  return status !== null && status.isFile() && (size === undefined || status.size === size);
}

/** Refuses anything but a file where the mirror wants to put one. @throws GlanceError `io.*` */
export async function refuseOccupied(fileSystem: HostFileSystem, path: string): Promise<void> {
  let found: FileStatus;
  try {
    found = await fileSystem.lstat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw toIoError(error, path);
  }
  if (found.isFile()) return;
  const what = found.isSymbolicLink() ? 'a symbolic link' : found.isDirectory() ? 'a directory' : 'not a regular file';
  const hint = 'remove it: a file of the mirror goes there';
  throw new GlanceError('io.not_regular', `${path}: it is ${what}`, { hint });
}
