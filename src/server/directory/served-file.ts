// Files of a directory that is served: opened through no link at any level below it, and read up to a bound.
// (A mirror's InsideDirectory keeps to one directory too. It looks up each name before it writes; what is only read can be
// compared once it is open, which costs less and asks nothing of the system.)
import { isMissing } from './io-error.ts';
import type { FileIdentity } from '../answers/image-bytes.ts';
import { lstat, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { GlanceError } from '../../errors.ts';
import { openRegular } from '../answers/image-bytes.ts';

/**
 * Opens a regular file by a path without links. What was opened is compared with what the path leads to without following any,
 * after it was opened: a link that was made meanwhile, in place of the file or of a directory above it, leads elsewhere.
 * @param path absolute; that of the directory has no links in it
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

/** The text of a file as long as it is now; null if that is longer than it may be. What is no UTF-8 is replaced. */
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

/** Without opening it, and of a link itself; null where there is nothing. */
export async function findStatus(path: string): Promise<(FileIdentity & { isFile(): boolean }) | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
