// A selection of images: what was asked for, what matched, and why.
import { AmbiguousImageError, type ErrorFacts, GlanceError, PartialError } from '../../errors.ts';
import { toCandidate } from '../../image/resolve.ts';
import { countOf } from '../../text/count.ts';
import type { Found } from '../find.ts';

/** A selected image. */
export interface Chosen {
  /** The name as it was given; for a match of a pattern or filters, the image's name, or its id. */
  readonly query: string;
  readonly found: Found;
  readonly error: null;
}

/** An image that could not be selected, and why. */
export interface Missed {
  readonly query: string;
  /** Null if there is none. */
  readonly found: Found | null;
  readonly error: GlanceError;
}

export type Selected = Chosen | Missed;

/** The outcome for one thing that was asked for. */
export interface Choice {
  /** As it was given; null for filters. */
  readonly meant: string | null;
  /** How it was understood. */
  readonly why: 'named' | 'pattern' | 'filters';
  /** How many images matched, even if `latest` keeps only one. */
  readonly matched: number;
  readonly picks: readonly Selected[];
}

/** In the order in which they were asked for. */
export interface Selection {
  readonly choices: readonly Choice[];
}

/** The images to work on: each one once, whatever it was called, with the pins of all its names. */
export function picksOf({ choices }: Selection): readonly Selected[] {
  const picks = new Map<string, Selected>();
  for (const pick of choices.flatMap((choice) => choice.picks)) {
    const address = addressOf(pick);
    const earlier = picks.get(address);
    picks.set(address, earlier === undefined ? pick : withPins(earlier, pick.found?.pins ?? []));
  }
  return [...picks.values()];
}

/** Identifies an image, whatever it was called. */
export function addressOf({ query, found }: Selected): string {
  return found === null ? query : `${found.service.endpoint.href} ${found.image.id}`;
}

function withPins(selected: Selected, pins: Found['pins']): Selected {
  if (selected.found === null) return selected;
  const found = { ...selected.found, pins: [...selected.found.pins, ...pins] };
  return selected.error === null ? { ...selected, found } : { ...selected, found };
}

/** Whether a single name was given, and not as a pattern. */
export function isPlain({ choices }: Selection): boolean {
  return choices.length === 1 && choices[0]?.why === 'named';
}

/**
 * Returns the image, for callers that need exactly one.
 * @param hint what to do if there are several
 * @throws AmbiguousImageError if there are several; otherwise the failure to find it
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

/** Maximum number of images that an error lists. */
const maxCandidates = 1000;

/**
 * The error that lists the failures among several images.
 * @param count how many images there were
 * @param what the verb for the message: `failed`
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

/** The error if it concerns one image only. @throws everything else */
export function ownFailure(error: unknown, interruption: AbortSignal): GlanceError {
  interruption.throwIfAborted();
  if (error instanceof GlanceError) return error;
  throw error;
}
