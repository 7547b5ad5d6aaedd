// A selection for library callers: it contains everything that was asked for, or it fails.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { selectImages, type SelectOptions, type SelectRequest } from './select.ts';
import { type Choice, partialError, picksOf, type Selected } from './selection.ts';

/** The images for one name, pattern or set of filters. */
export interface ImageChoice extends Omit<Choice, 'picks'> {
  /** At least one, in the order of the list. */
  readonly images: readonly Image[];
}

export interface ImageSelection {
  /** In the order in which they were asked for, each image once. */
  readonly images: readonly Image[];
  /** One for each name, in order; a single one for filters. */
  readonly choices: readonly ImageChoice[];
}

/**
 * Selects images, and fails unless everything asked for was found.
 * @returns the selection, and where its images were found
 * @throws GlanceError `usage.argument` for neither images nor a query, or for both; the failure itself if only one thing
 * was asked for; PartialError if there were several, naming each that failed
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
