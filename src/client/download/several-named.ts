// Several images, each to a file in a directory: downloads them, or plans the downloads.
import type { GlanceError } from '../../errors.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { selectImages } from '../select/select.ts';
import { checkCount } from '../select/shared-work.ts';
import { picksOf, type Selected } from '../select/selection.ts';
import type { WaitOptions } from '../select/wait.ts';
import type { DownloadRecord } from './download-record.ts';
import { foreseeSeveral, type PlannedDownload } from './foresee.ts';
import { checkPlace, type Naming, namingOf } from '../naming/place.ts';
import { stampImage } from './progress-event.ts';
import { fetchSeveral, downloadRecordOf, type SeveralOptions } from './several.ts';
import { runTransfer, type TransferLimits } from './transfer-run.ts';

/** Absent: an ambiguous name is an error. */
interface SeveralNamedOptions extends SeveralOptions, TransferLimits, WaitOptions {
  readonly latest?: boolean;
  readonly template?: boolean;
}

/** The results in the order of the images, and the failures in the order in which they happened. */
interface SeveralOutcome {
  readonly records: readonly DownloadRecord[];
  readonly failures: readonly { readonly image: string; readonly error: GlanceError }[];
}

/** Returns the images, as literal names without patterns or as images found earlier. */
type FindAll = (run: { readonly signal: AbortSignal }) => Promise<readonly (string | Found)[]>;

/**
 * Finds all the images, then downloads them.
 * @param place a directory, or with `template` the pattern for each file's path; absolute, or relative to the working
 * directory
 * @throws GlanceError `usage.option` for a number out of its range; the interruption's reason, once every image is settled
 */
export async function fetchSeveralNamed(
  connection: Connection,
  find: FindAll,
  place: string,
  options: SeveralNamedOptions,
  interruption: AbortSignal,
): Promise<SeveralOutcome> {
  const { clock } = connection.system;
  const { onEvent = () => undefined } = options;
  const naming = namingFor(connection, place, options);
  const { ends, failures } = await runTransfer(connection, options, interruption, async ({ signal, rate }) => {
    const selected = await selectNamed(connection, find, options, { signal, interruption });
    const announce = (query: string) => stampImage(clock, onEvent, query);
    const run = { signal, rate, interruption, announce };
    return await fetchSeveral(connection, selected, naming, options, run);
  });
  return {
    records: ends.map(downloadRecordOf),
    failures: failures.map(({ query, error }) => ({ image: query, error })),
  };
}

/**
 * Plans what {@link fetchSeveralNamed} would do with each image, in order.
 * @throws GlanceError `usage.option`, and `io.*` for a place that cannot contain files; the interruption's reason
 */
export async function planSeveralNamed(
  connection: Connection,
  find: FindAll,
  place: string,
  options: SeveralNamedOptions,
  interruption: AbortSignal,
): Promise<readonly PlannedDownload[]> {
  const naming = namingFor(connection, place, options);
  return await runTransfer(connection, options, interruption, async ({ signal }) => {
    await checkPlace(naming);
    const ends = { signal, interruption };
    const selected = await selectNamed(connection, find, options, ends);
    return (await foreseeSeveral(connection, selected, naming, options, ends)).map(({ planned }) => planned);
  });
}

function namingFor({ system }: Connection, place: string, options: SeveralNamedOptions): Naming {
  checkCount('connections', options.connections ?? 1);
  return namingOf(system.cwd, place, options.template === true);
}

async function selectNamed(
  connection: Connection,
  find: FindAll,
  { latest = false, jobs, waitMs, onWait }: SeveralNamedOptions,
  ends: { readonly signal: AbortSignal; readonly interruption: AbortSignal },
): Promise<readonly Selected[]> {
  const how = { latest, jobs, waitMs, onWait, patterns: false, ...ends };
  return picksOf(await selectImages(connection, { images: await find(ends) }, how));
}
