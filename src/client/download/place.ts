// Where the data of an image goes within a directory.
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Image } from '../../image/image.ts';
import { safeFileName } from '../../transfer/files/file-name.ts';
import { makeDirectory } from '../../transfer/files/target.ts';

/**
 * The path of an image's file in a directory, which is made if it is not there.
 * @param directory absolute
 * @throws GlanceError `io.*`
 */
export async function placeIn(directory: string, image: Image): Promise<string> {
  await makeDirectory(directory);
  return resolve(directory, safeFileName(image.name, image.id, image.disk_format));
}

/** The file that a path means, by way of the links on it. One that cannot be looked at is taken as it is. */
export async function resolveTarget(path: string): Promise<string> {
  return await realpath(path).catch(async () =>
    join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path)),
  );
}
