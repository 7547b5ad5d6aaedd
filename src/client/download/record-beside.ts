// Writes the record of an image beside its data, as `FILE.json`.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { maskImage } from '../../image/mask.ts';
import { parseSidecar } from '../../image/sidecar.ts';
import { nodeFileSystem } from '../../transfer/files/file-system.ts';
import { maxRecordBytes } from '../../mirror/index-file.ts';
import { errnoOf } from '../../local/errno.ts';
import { toReadError } from '../../transfer/files/io-error.ts';
import { writeReplacing } from '../../transfer/files/replace-file.ts';
import { readSmallFile } from '../../transfer/files/small-file.ts';
import { isDirectory } from '../../transfer/files/target.ts';

/** The error if there is no file to write it beside. */
export function noRecordPlace(): GlanceError {
  return new GlanceError('usage.option', '`metadata` writes beside a file: give -o FILE, or -O');
}

/**
 * Before anything is fetched, refuses to overwrite a file that is not a record of this image.
 * @param path path of the data
 * @throws GlanceError `io.exists`, `io.*`; `io.not_regular` for a directory
 */
export async function checkRecordPlace(path: string, image: Image, force: boolean): Promise<void> {
  const place = `${path}.json`;
  if (await isDirectory(place)) {
    throw new GlanceError('io.not_regular', `${place}: it is a directory`, { hint: 'remove it' });
  }
  try {
    const { id } = parseSidecar(await readSmallFile(nodeFileSystem, place, maxRecordBytes), place);
    if (id === image.id || force) return;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    const failure = toReadError(error, place);
    // Anything but a record, including a link to one, is replaced only if the user says so.
    if (!['io.not_regular', 'json.invalid', 'metadata.invalid'].includes(failure.code)) throw failure;
    if (force) return;
  }
  const text = `${place}: it already exists, and is not the record of this image`;
  throw new GlanceError('io.exists', text, { hint: 'give `force` to replace it' });
}

/** Writes the record as `show -f json` prints it. @param path path of the data @throws GlanceError `io.*` */
export async function writeRecord(path: string, image: Image): Promise<void> {
  await writeReplacing(nodeFileSystem, `${path}.json`, [`${JSON.stringify(maskImage(image), null, 2)}\n`], 0o644);
}
