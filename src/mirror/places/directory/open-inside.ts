// Opens the directory of a mirror so that no path leads out of it.
import { GlanceError } from '../../../errors.ts';
import { errnoOf } from '../../../local/errno.ts';
import { makeDirectories } from '../../../local/make-directories.ts';
import { InsideDirectory } from '../../../transfer/files/inside.ts';
import { toIoError } from '../../../transfer/files/io-error.ts';

/** Creates the directory if it is missing. @throws GlanceError `io.*` */
export async function openInside(path: string): Promise<InsideDirectory> {
  try {
    await makeDirectories(path);
    return await InsideDirectory.open(path);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw toIoError(error, path);
    // Nothing replaces that, not even --force.
    throw new GlanceError('io.exists', `${path}: it already exists, and is not a directory`, {
      hint: 'name the directory of a mirror, or a new one',
      cause: error,
    });
  }
}
