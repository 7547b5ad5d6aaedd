// What is written beside a report, a page or an SBOM: a file that gets its name once it is complete.
import { fstatSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GlanceError } from '../../errors.ts';
import { errnoOf } from '../../local/errno.ts';
import { absoluteFilePath, absolutePath } from '../../local/places.ts';
import { nodeFileSystem } from '../../transfer/files/file-system.ts';
import { toIoError } from '../../transfer/files/io-error.ts';
import { writeReplacing } from '../../transfer/files/replace-file.ts';
import { checkDirectory } from '../../transfer/files/target.ts';

/**
 * Checks the path of the file before anything is read for it.
 * @param cwd base of relative paths; null if there is no working directory
 * @returns an absolute path: of a regular file to replace, or of nothing yet
 * @throws GlanceError `io.not_regular` for anything else, links and paths that name a directory included; `io.*`
 */
export async function findReportPlace(cwd: string | null, path: string): Promise<string> {
  const place = absoluteFilePath(cwd, path);
  try {
    if ((await lstat(place)).isFile()) return place;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw toIoError(error, path);
    await checkDirectory(dirname(place));
    return place;
  }
  throw new GlanceError('io.not_regular', `${path}: it exists, and is not a regular file`, {
    hint: 'name a regular file, or a new one',
  });
}

/**
 * Refuses to write over what is inspected.
 * @param inspected names of images, paths of files, or descriptors of open ones
 * @throws GlanceError `io.exists`
 */
export async function checkNotInspected(
  cwd: string | null,
  path: string,
  inspected: readonly (string | number)[],
): Promise<void> {
  const place = await identityOf(cwd, path);
  if (place === null) return;
  for (const name of inspected) {
    const other = typeof name === 'number' ? identityOfOpen(name) : await identityOf(cwd, name);
    if (other === null || !areSame(place, other)) continue;
    throw new GlanceError('io.exists', `${path}: it is the file being inspected`, { hint: 'name another file' });
  }
}

/**
 * Whether both paths name one file, which may not be there yet.
 * @param cwd base of relative paths
 */
export async function isSameFile(cwd: string | null, path: string, otherPath: string): Promise<boolean> {
  if (absolutePath(cwd, path) === absolutePath(cwd, otherPath)) return true;
  const [one, other] = [await identityOf(cwd, path), await identityOf(cwd, otherPath)];
  return one !== null && other !== null && areSame(one, other);
}

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

async function identityOf(cwd: string | null, path: string): Promise<Identity | null> {
  return await stat(absolutePath(cwd, path), { bigint: true }).catch(() => null);
}

function areSame(one: Identity, other: Identity): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

function identityOfOpen(descriptor: number): Identity | null {
  try {
    return fstatSync(descriptor, { bigint: true });
  } catch {
    return null;
  }
}

/**
 * Writes the file in one step; on failure, an old one stays.
 * @param place from {@link findReportPlace}
 * @throws GlanceError `io.*`
 */
export async function writeReportFile(place: string, text: readonly string[] | Generator<string>): Promise<void> {
  await writeReplacing(nodeFileSystem, place, text, 0o644);
}
