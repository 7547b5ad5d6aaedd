// One image to a file that a program names.
import { GlanceError } from '../../errors.ts';
import { absolutePath } from '../../local/places.ts';
import { inspectTarget } from '../../transfer/files/target.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { fetchImage, type FetchOptions } from './download.ts';
import { type DownloadRecord, toRecord } from './download-record.ts';
import { namingOf, pathIn } from '../naming/place.ts';
import { runTransfer, type TransferLimits } from './transfer-run.ts';

/**
 * Downloads it within limits.
 * @param find gives the image, once there is a signal
 * @param path absolute, or from the working directory; with `template` one in which values of the image stand
 * @throws GlanceError `io.not_regular` for what is no file; what a download fails with
 */
export async function downloadFile(
  connection: Connection,
  find: (run: { readonly signal: AbortSignal }) => Promise<Found>,
  path: string,
  options: FetchOptions & TransferLimits & { readonly template?: boolean },
  interruption: AbortSignal,
): Promise<DownloadRecord> {
  return await runTransfer(connection, options, interruption, async (run) => {
    const found = await find(run);
    const { cwd } = connection.system;
    const isTemplate = options.template === true;
    const place = isTemplate ? await pathIn(namingOf(cwd, path, true), found.image) : absolutePath(cwd, path);
    const target = await inspectTarget(place);
    if (target.kind !== 'file') throw new GlanceError('io.not_regular', `${path}: it is not a regular file`);
    return toRecord(found.image, await fetchImage(connection, found, place, options, run));
  });
}
