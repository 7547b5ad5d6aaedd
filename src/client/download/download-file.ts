// One image to a file that a program names: downloads it, or plans the download.
import { dirname } from 'node:path';
import { GlanceError } from '../../errors.ts';
import { inspectTarget, isThere } from '../../transfer/files/target.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { fetchImage, type FetchOptions } from './download.ts';
import { type DownloadRecord, toRecord } from './download-record.ts';
import { foreseeOne, type PlannedDownload } from './foresee.ts';
import { checkPlace, pathIn, placeOfOne } from '../naming/place.ts';
import { checkCount } from '../select/shared-work.ts';
import { runTransfer, type TransferLimits } from './transfer-run.ts';

/** Finds the image. */
type Find = (run: { readonly signal: AbortSignal }) => Promise<Found>;

type FileOptions = FetchOptions & TransferLimits & { readonly template?: boolean };

/**
 * Downloads the image within limits.
 * @param path absolute, or relative to the working directory; with `template`, it contains placeholders for the image's
 * values
 * @throws GlanceError `io.not_regular` if the target is not a file; `usage.option` for a number out of its range; what a
 * download fails with
 */
export async function downloadFile(
  connection: Connection,
  find: Find,
  path: string,
  options: FileOptions,
  interruption: AbortSignal,
): Promise<DownloadRecord> {
  checkCount('connections', options.connections ?? 1);
  return await runTransfer(connection, options, interruption, async (run) => {
    const found = await find(run);
    const place = await pathIn(placeOfOne(connection.system.cwd, path, options.template === true), found.image);
    await checkRegular(place, path);
    return toRecord(found.image, await fetchImage(connection, found, place, options, run));
  });
}

/**
 * Plans what {@link downloadFile} would do. A failure that concerns the image, such as a bad name that a template makes of its
 * values, is in the plan; one that concerns the call is thrown.
 * @throws what finding the image fails with; GlanceError `usage.*`, and `io.*` for a path at which no file can be
 */
export async function planFile(
  connection: Connection,
  find: Find,
  path: string,
  options: FileOptions,
  interruption: AbortSignal,
): Promise<PlannedDownload> {
  checkCount('connections', options.connections ?? 1);
  return await runTransfer(connection, options, interruption, async ({ signal }) => {
    const place = placeOfOne(connection.system.cwd, path, options.template === true);
    await checkPlace(place);
    const found = await find({ signal });
    const chosen = { query: found.image.id, found, error: null };
    const run = { signal, interruption, check: (target: string) => checkRegular(target, path) };
    return (await foreseeOne(connection, chosen, place, options, run)).planned;
  });
}

async function checkRegular(place: string, path: string): Promise<void> {
  if (!(await isThere(dirname(place))) || (await inspectTarget(place)).kind === 'file') return;
  throw new GlanceError('io.not_regular', `${path}: it is not a regular file`);
}
