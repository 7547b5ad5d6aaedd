// Where the data of an image goes.
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Image } from '../../image/image.ts';
import { safeFileName } from '../../transfer/files/file-name.ts';
import { checkDirectory, inspectTarget, isDirectory, isThere, makeDirectory } from '../../transfer/files/target.ts';

/**
 * The path of an image's file in a directory, which is made if it is not there.
 * @param directory absolute
 * @throws GlanceError `io.*`
 */
export async function placeIn(directory: string, image: Image): Promise<string> {
  await makeDirectory(directory);
  return pathIn(directory, image);
}

/** {@link placeIn}, with nothing made. */
export function pathIn(directory: string, image: Image): string {
  return resolve(directory, safeFileName(image.name, image.id, image.disk_format));
}

/**
 * Refuses, before anything is asked of a server, a place that no data can go to. A directory that is not there is made later.
 * @param path absolute
 * @param isForDirectory whether images go into a directory of that path
 * @throws GlanceError `io.*`
 */
export async function checkPlace(path: string, isForDirectory: boolean): Promise<void> {
  if (!isForDirectory) await inspectTarget(path);
  else await checkDirectory((await isThere(path)) ? path : dirname(path));
}

/** The file that a path means, by way of the links on it. One that cannot be looked at is taken as it is. */
export async function resolveTarget(path: string): Promise<string> {
  return await realpath(path).catch(async () =>
    join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path)),
  );
}

export { isDirectory };
