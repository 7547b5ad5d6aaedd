// Reads small text files that are, or should be, our own: never through a link, and never more than expected.
import { constants } from 'node:fs';
import { GlanceError } from '../../errors.ts';
import { errnoOf } from '../../local/errno.ts';
import { O_NOFOLLOW, O_NONBLOCK } from '../../local/open-flags.ts';
import type { FileStatus, HostFileSystem, OpenFile } from './file-system.ts';
import { refuseLink } from './inside.ts';

/**
 * Opens a regular file for reading; refuses anything else, and does not wait for the other end of a FIFO.
 * @param links whether a link to one is followed
 * @throws Node's system errors, `ELOOP` for a link; GlanceError `io.not_regular`
 */
export async function openRegular(
  fileSystem: Pick<HostFileSystem, 'open'>,
  path: string,
  links: 'followed' | 'refused' = 'refused',
): Promise<OpenFile> {
  if (links === 'refused' && O_NOFOLLOW === 0) await refuseLink(path, path);
  const flags = constants.O_RDONLY + O_NONBLOCK + (links === 'refused' ? O_NOFOLLOW : 0);
  const file = await fileSystem.open(path, flags, 0).catch((error: unknown) => {
    // A socket, or a device that is not there. The system may name it by a path through an open directory.
    throw errnoOf(error) === 'ENXIO' ? notFile(path) : error;
  });
  try {
    if (!(await statusOf(file)).isFile()) throw notFile(path);
    return file;
  } catch (error) {
    await closeRead(file);
    throw error;
  }
}

/** The error for something that should be a regular file. */
export function notFile(path: string): GlanceError {
  return new GlanceError('io.not_regular', `${path}: it is not a regular file`);
}

/**
 * Reads its text, as UTF-8.
 * @param maxBytes maximum size of the file, in bytes
 * @throws Node's system errors, `ELOOP` for a link; GlanceError `io.not_regular`; `metadata.invalid` if it is larger
 */
export async function readSmallFile(fileSystem: HostFileSystem, path: string, maxBytes: number): Promise<string> {
  const file = await openRegular(fileSystem, path);
  try {
    const { size } = await statusOf(file);
    if (size > maxBytes) throw tooLarge(path, maxBytes);
    const buffer = Buffer.alloc(size);
    const length = await file.read(buffer, 0, size, 0);
    return buffer.toString('utf8', 0, length);
  } finally {
    await closeRead(file);
  }
}

/** Closes a file that was only read. If that fails, as it may on a file system that is gone, nothing is lost. */
export async function closeRead(file: OpenFile): Promise<void> {
  await file.close().catch(() => undefined);
}

/** Its status, without a second look if it is already known. */
export async function statusOf(file: OpenFile): Promise<FileStatus> {
  return file.opened ?? (await file.stat());
}

function tooLarge(path: string, maxBytes: number): GlanceError {
  return new GlanceError('metadata.invalid', `${path}: too large to be metadata: over ${String(maxBytes)} bytes`);
}
