// Opens files of a served directory through no link at any level below it, and reads them up to a limit. (A mirror's
// InsideDirectory also keeps to one directory, but looks up each name before it writes. A file that is only read can be
// checked once it is open, which is cheaper and needs no support from the system.)
import { isMissing } from './io-error.ts';
import type { FileIdentity } from '../answers/image-bytes.ts';
import { lstat, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { GlanceError } from '../../errors.ts';
import { openRegular } from '../answers/image-bytes.ts';

/**
 * Opens a regular file by a path without links. Once it is open, it is compared with what the path leads to without
 * following links: a link put in place of the file or of a directory above it meanwhile leads elsewhere.
 * @param path absolute; its directory's path contains no links
 * @throws GlanceError `io.not_regular`; the system's errors
 */
export async function openServed(path: string): Promise<FileHandle> {
  const handle = await openRegular(path);
  try {
    const [opened, real, there] = await Promise.all([
      handle.stat({ bigint: true }),
      realpath(path),
      lstat(path, { bigint: true }),
    ]);
    if (!opened.isFile()) throw new GlanceError('io.not_regular', `${path}: it is not a regular file`);
    if (real !== path || there.dev !== opened.dev || there.ino !== opened.ino)
      throw new GlanceError('io.not_regular', `${path}: a symbolic link leads there, and none is followed`);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The text of a file at its present length; null if that exceeds the limit. Invalid UTF-8 is replaced. */
export async function readTextAtMost(handle: FileHandle, maxBytes: number): Promise<string | null> {
  const { size } = await handle.stat();
  if (size > maxBytes) return null;
  const buffer = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(buffer, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.toString('utf8', 0, length);
}

/** The status of a path without opening it, or of the link itself; null if there is nothing. */
export async function findStatus(path: string): Promise<(FileIdentity & { isFile(): boolean }) | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
