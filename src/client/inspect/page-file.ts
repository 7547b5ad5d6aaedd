// Writes a page about reports to a file, which gets its name once it is complete.
import { lstat } from 'node:fs/promises';
import { GlanceError } from '../../errors.ts';
import { errnoOf } from '../../local/errno.ts';
import { absolutePath } from '../../local/places.ts';
import type { AuditPage } from '../../pages/audit-page.ts';
import { nodeFileSystem } from '../../transfer/files/file-system.ts';
import { toIoError } from '../../transfer/files/io-error.ts';
import { writeReplacing } from '../../transfer/files/replace-file.ts';

/**
 * Checks the path of the page before anything is read for it.
 * @param cwd base of relative paths; null if there is no working directory
 * @returns an absolute path: of a regular file to replace, or of nothing yet
 * @throws GlanceError `io.not_regular` for anything else, links included; `io.*`
 */
export async function findPagePlace(cwd: string | null, path: string): Promise<string> {
  const place = absolutePath(cwd, path);
  try {
    if ((await lstat(place)).isFile()) return place;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return place;
    throw toIoError(error, path);
  }
  throw new GlanceError('io.not_regular', `${path}: it is there, and is not a regular file`, {
    hint: 'name a regular file, or a new one',
  });
}

/**
 * Writes the page in one step; on failure, an old file stays.
 * @param place from {@link findPagePlace}
 * @throws GlanceError `io.*`
 */
export async function writePage(place: string, page: AuditPage): Promise<void> {
  await writeReplacing(nodeFileSystem, place, page.render(), 0o644);
}
