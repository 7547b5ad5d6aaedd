// Reads index.json of a mirror in a directory, line by line.
import { join } from 'node:path';
import { GlanceError } from '../../../errors.ts';
import { errnoOf } from '../../../local/errno.ts';
import { nodeFileSystem } from '../../../transfer/files/file-system.ts';
import { toReadError } from '../../../transfer/files/io-error.ts';
import { closeRead, openRegular } from '../../../transfer/files/small-file.ts';
import { type IndexDraft, indexName, parseIndex } from '../../index-file.ts';
import { readLines } from './bounded-lines.ts';

/**
 * The index of a mirror.
 * @throws GlanceError `io.missing` if there is none, `io.not_regular` for a link, `metadata.invalid`
 */
export async function readIndex(directory: string): Promise<IndexDraft> {
  const path = join(directory, indexName);
  try {
    const file = await openRegular(nodeFileSystem, path);
    try {
      return await parseIndex(readLines(file, path), path);
    } finally {
      await closeRead(file);
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw toReadError(error, path);
    throw new GlanceError('io.missing', `${directory}: it is not a mirror, as it has no ${indexName}`, {
      hint: 'name the directory that you gave to mirror, or a file',
    });
  }
}

/** The index of a mirror; null if there is none. @throws GlanceError `metadata.invalid`, `io.*` */
export async function findIndex(path: string): Promise<IndexDraft | null> {
  try {
    return await readIndex(path);
  } catch (error) {
    if (error instanceof GlanceError && error.code === 'io.missing') return null;
    throw error;
  }
}
