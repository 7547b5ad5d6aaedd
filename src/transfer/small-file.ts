// A small text file of our own, or one that should be: never through a link, and no more of it than it may have.
import { constants } from 'node:fs';
import { GlanceError } from '../errors.ts';
import { O_NOFOLLOW, O_NONBLOCK } from '../open-flags.ts';
import type { FileSystem } from './file-system.ts';

/**
 * Its text, as UTF-8.
 * @param maxBytes that it may have
 * @throws Node's system errors, `ELOOP` for a link; GlanceError `io.not_regular`; `metadata.invalid` for one that is larger
 */
export async function readSmallFile(fileSystem: FileSystem, path: string, maxBytes: number): Promise<string> {
  const file = await fileSystem.open(path, constants.O_RDONLY + O_NOFOLLOW + O_NONBLOCK, 0);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new GlanceError('io.not_regular', `${path}: it is no regular file`);
    if (status.size > maxBytes) throw tooLarge(path, maxBytes);
    // One more, which tells of a file that grows.
    const buffer = new Uint8Array(status.size + 1);
    const length = await file.read(buffer, 0, buffer.length, 0);
    if (length > maxBytes) throw tooLarge(path, maxBytes);
    return Buffer.from(buffer.subarray(0, length)).toString('utf8');
  } finally {
    await file.close();
  }
}

function tooLarge(path: string, maxBytes: number): GlanceError {
  return new GlanceError('metadata.invalid', `${path}: too large to be metadata: over ${String(maxBytes)} bytes`);
}
