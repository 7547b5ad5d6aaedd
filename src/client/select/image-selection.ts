// A selection as programs see it: all that was meant is there.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { selectImages, type SelectOptions, type SelectRequest } from './select.ts';
import { type Choice, partialError, picksOf, type Selected } from './selection.ts';

/** What came of one thing that was meant. */
export interface ImageChoice extends Omit<Choice, 'picks'> {
  /** At least one, in the order of the list. */
  readonly images: readonly Image[];
}

export interface ImageSelection {
  /** What was meant, in that order, and each image once. */
  readonly images: readonly Image[];
  /** One for each name, in their order; one for filters. */
  readonly choices: readonly ImageChoice[];
}

/**
 * Selects, and is content with nothing less than all that was meant.
 * @returns the selection, and where its images were found
 * @throws GlanceError `usage.argument` for neither images nor a query, or both; what a single thing that was meant fails with;
 * PartialError of several things, naming each that failed
 */
export async function selectWhole(
  connection: Connection,
  request: SelectRequest,
  options: SelectOptions,
): Promise<{ readonly selection: ImageSelection; readonly found: readonly Found[] }> {
  if ((request.images === undefined) === (request.query === undefined)) {
    throw new GlanceError('usage.argument', 'a selection is by images or by a query: give one of them');
  }
  const { choices } = await selectImages(connection, request, options);
  const picks = picksOf({ choices });
  const failures = picks.flatMap((pick) => (pick.error === null ? [] : [pick]));
  const [failure] = failures;
  if (failure !== undefined && choices.length === 1 && failures.length === 1) throw failure.error;
  if (failure !== undefined) throw partialError(failures, picks.length, 'could not be selected');
  const found = foundOf(picks);
  const seen = choices.map(({ picks: own, ...choice }) => ({
    ...choice,
    images: foundOf(own).map(({ image }) => image),
  }));
  return { selection: { images: found.map(({ image }) => image), choices: seen }, found };
}

function foundOf(picks: readonly Selected[]): readonly Found[] {
  return picks.flatMap(({ found }) => found ?? []);
}
