// A selection of images: what was meant, what matched, and why.
import { AmbiguousImageError, type ErrorFacts, GlanceError, PartialError } from '../../errors.ts';
import { toCandidate } from '../../image/resolve.ts';
import { countOf } from '../../text/count.ts';
import type { Found } from '../find.ts';

/** An image that is meant. */
export interface Chosen {
  /** What it was asked for by: as it was given, or where a pattern or filters found it its name, or id. */
  readonly query: string;
  readonly found: Found;
  readonly error: null;
}

/** What is not to be had, and why. */
export interface Missed {
  readonly query: string;
  /** Null if there is none. */
  readonly found: Found | null;
  readonly error: GlanceError;
}

export type Selected = Chosen | Missed;

/** What came of one thing that was meant. */
export interface Choice {
  /** As it was given; null for filters. */
  readonly meant: string | null;
  /** What it was taken for. */
  readonly why: 'named' | 'pattern' | 'filters';
  /** Images that matched, of which `latest` leaves one. */
  readonly matched: number;
  readonly picks: readonly Selected[];
}

/** What was meant, in that order. */
export interface Selection {
  readonly choices: readonly Choice[];
}

/** What is to be done: each image once, whatever it was called, with the pins of all its names. */
export function picksOf({ choices }: Selection): readonly Selected[] {
  const picks = new Map<string, Selected>();
  for (const pick of choices.flatMap((choice) => choice.picks)) {
    const address = addressOf(pick);
    const earlier = picks.get(address);
    picks.set(address, earlier === undefined ? pick : withPins(earlier, pick.found?.pins ?? []));
  }
  return [...picks.values()];
}

/** What tells images apart, whatever they were called. */
export function addressOf({ query, found }: Selected): string {
  return found === null ? query : `${found.service.endpoint.href} ${found.image.id}`;
}

function withPins(selected: Selected, pins: Found['pins']): Selected {
  if (selected.found === null) return selected;
  const found = { ...selected.found, pins: [...selected.found.pins, ...pins] };
  return selected.error === null ? { ...selected, found } : { ...selected, found };
}

/** Whether one thing was named, which is no pattern. */
export function isPlain({ choices }: Selection): boolean {
  return choices.length === 1 && choices[0]?.why === 'named';
}

/**
 * The image, where one is needed.
 * @param hint what to do where there are several
 * @throws AmbiguousImageError where there are several; what it failed with
 */
export function onlyOne(selection: Selection, hint = 'give the id, or `latest` for the newest'): Found {
  const selected = picksOf(selection);
  for (const { error } of selected) if (error !== null) throw error;
  const found = selected.flatMap((each) => each.found ?? []);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const meant = selection.choices.map((choice) => choice.meant ?? 'the filters').join(', ');
  const candidates = found.slice(0, maxCandidates).map(({ image }) => toCandidate(image));
  throw new AmbiguousImageError(
    `${meant}: ${countOf(found.length, 'image')} match, where one is needed`,
    meant,
    candidates,
    { hint },
  );
}

/** Images that an error tells. */
const maxCandidates = 1000;

/**
 * The error that lists those that failed, of several.
 * @param count how many there were
 * @param what became of them: `failed`
 */
export function partialError(
  failures: readonly Pick<Missed, 'query' | 'error'>[],
  count: number,
  what: string,
  facts: ErrorFacts = {},
): PartialError {
  return new PartialError(
    `${String(failures.length)} of ${countOf(count, 'image')} ${what}`,
    failures.map(({ query, error: { code, message } }) => ({ image: query, code, message })),
    facts,
  );
}

/** What one image failed with, and not all. @throws everything else */
export function ownFailure(error: unknown, interruption: AbortSignal): GlanceError {
  interruption.throwIfAborted();
  if (error instanceof GlanceError) return error;
  throw error;
}
