// Where a page about reports is written: a file that has its name once all of it is there.
import { lstat } from 'node:fs/promises';
import { GlanceError } from '../../errors.ts';
import { errnoOf } from '../../local/errno.ts';
import { absolutePath } from '../../local/places.ts';
import type { AuditPage } from '../../pages/audit-page.ts';
import { nodeFileSystem } from '../../transfer/files/file-system.ts';
import { toIoError } from '../../transfer/files/io-error.ts';
import { writeReplacing } from '../../transfer/files/replace-file.ts';

/**
 * Looks at where a page is to go, before anything is read for it.
 * @param cwd where the path begins; null if there is no working directory
 * @returns an absolute path: of a regular file, which is to be replaced, or of nothing
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

/** Writes it in one step. @param place what {@link findPagePlace} gave @throws GlanceError `io.*`; what was there stays */
export async function writePage(place: string, page: AuditPage): Promise<void> {
  await writeReplacing(nodeFileSystem, place, page.render(), 0o644);
}
