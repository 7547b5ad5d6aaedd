// Several images into a directory, by what they are called.
import type { GlanceError } from '../../errors.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { selectImages } from '../select/select.ts';
import { checkCount } from '../select/shared-work.ts';
import { picksOf } from '../select/selection.ts';
import type { WaitOptions } from '../select/wait.ts';
import type { DownloadRecord } from './download-record.ts';
import { namingOf } from '../naming/place.ts';
import { stamp } from './progress-event.ts';
import { fetchSeveral, recordOf, type SeveralOptions } from './several.ts';
import { runTransfer, type TransferLimits } from './transfer-run.ts';

/** Absent: of several images of one name none is meant. */
export interface SeveralNamedOptions extends SeveralOptions, TransferLimits, WaitOptions {
  readonly latest?: boolean;
  readonly template?: boolean;
}

/** What came of them, in their order, and those that failed, in the order in which they failed. */
export interface SeveralOutcome {
  readonly records: readonly DownloadRecord[];
  readonly failures: readonly { readonly image: string; readonly error: GlanceError }[];
}

/**
 * Finds them all, then fetches them.
 * @param find gives what each is called, without patterns, or where it was found, once there is a signal
 * @param place a directory, or with `template` what the file of each is called; absolute, or from the working directory
 * @throws GlanceError `usage.option` for a number out of its range; the interruption's reason, once what came is settled
 */
export async function fetchSeveralNamed(
  connection: Connection,
  find: (run: { readonly signal: AbortSignal }) => Promise<readonly (string | Found)[]>,
  place: string,
  options: SeveralNamedOptions,
  interruption: AbortSignal,
): Promise<SeveralOutcome> {
  const { clock, cwd } = connection.system;
  const { onEvent = () => undefined, latest = false, jobs, template = false, waitMs, onWait } = options;
  const naming = namingOf(cwd, place, template);
  checkCount('connections', options.connections ?? 1);
  const { ends, failures } = await runTransfer(connection, options, interruption, async ({ signal, rate }) => {
    const how = { latest, jobs, waitMs, onWait, patterns: false, signal, interruption };
    const selected = picksOf(await selectImages(connection, { images: await find({ signal }) }, how));
    const announce = (query: string) => stamp(clock, onEvent, query);
    const run = { signal, rate, interruption, announce };
    return await fetchSeveral(connection, selected, naming, options, run);
  });
  return { records: ends.map(recordOf), failures: failures.map(({ query, error }) => ({ image: query, error })) };
}
