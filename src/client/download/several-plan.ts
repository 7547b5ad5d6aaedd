// Of several images: which they are, and where each goes, before any of them is fetched.
import { GlanceError } from '../../errors.ts';
import { OutputPaths } from '../../transfer/files/output-paths.ts';
import type { Connection } from '../connection.ts';
import { type Found, findImage } from '../find.ts';
import { placeIn, resolveTarget } from './place.ts';
import type { ServerLoad } from './server-load.ts';

/** An image that is wanted: what it is asked for by, or one that was found. */
export type Wanted = string | Found;

/** An image that can be fetched. */
export interface Placed {
  /** What it was asked for by: as it was given, or the id. */
  readonly query: string;
  readonly found: Found;
  /** Absolute. */
  readonly path: string;
  readonly error: null;
}

/** An image that cannot be fetched, and why. */
export interface Refused {
  readonly query: string;
  /** Null if it was not found. */
  readonly found: Found | null;
  readonly error: GlanceError;
}

export type Plan = Placed | Refused;

export interface PlanOptions {
  /** Absolute; it is made where there is an image for it. */
  readonly directory: string;
  /** Whether of several images of one name the newest is meant. Absent: false. */
  readonly latest?: boolean;
  /** What is left beside a file. Absent: false. */
  readonly metadata?: boolean;
  readonly keepCorrupt?: boolean;
  /** Ends the search; when the time is up, each image that was not found by then is refused. */
  readonly signal: AbortSignal;
  /** Ends the call. */
  readonly interruption: AbortSignal;
}

/**
 * Finds all of them, and a place for each: no two write to one path.
 * @returns in their order, an image that was named twice once
 * @throws what is no GlanceError; the interruption's reason
 */
export async function planSeveral(
  connection: Connection,
  wanted: readonly Wanted[],
  load: ServerLoad,
  options: PlanOptions,
): Promise<readonly Plan[]> {
  const found: (Refused | Omit<Placed, 'path'>)[] = [];
  // The same words twice are one image, and one search.
  const ends = await load.share([...new Set(wanted)].entries(), async ([index, each]) => {
    found[index] = await find(connection, each, options);
  });
  checkEnds(ends, options.interruption);
  const paths = new OutputPaths();
  const plans: Plan[] = [];
  // Who is named first has the paths.
  for (const each of withoutTwins(found)) plans.push(await place(each, paths, options));
  return plans;
}

/** What one image failed with, and not all. @throws everything else */
export function ownFailure(error: unknown, interruption: AbortSignal): GlanceError {
  interruption.throwIfAborted();
  if (error instanceof GlanceError) return error;
  throw error;
}

/** @throws the interruption's reason; what a job ended with that is no image's own failure */
export function checkEnds(ends: readonly PromiseSettledResult<void>[], interruption: AbortSignal): void {
  interruption.throwIfAborted();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function find(
  connection: Connection,
  wanted: Wanted,
  { latest = false, signal, interruption }: PlanOptions,
): Promise<Refused | Omit<Placed, 'path'>> {
  if (typeof wanted !== 'string') return { query: wanted.image.id, found: wanted, error: null };
  try {
    return { query: wanted, found: await findImage(connection, wanted, { latest, signal }), error: null };
  } catch (error) {
    return { query: wanted, found: null, error: ownFailure(error, interruption) };
  }
}

/** Each image once, whatever it was called. What a pin demands of the data no other name does. */
function withoutTwins<T extends Pick<Plan, 'query' | 'found'>>(plans: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return plans.filter(({ query, found }) => {
    const address = found === null ? query : `${found.service.endpoint.href} ${found.image.id}`;
    const isTwin = seen.has(address) && (found === null || found.pin === null);
    seen.add(address);
    return !isTwin;
  });
}

async function place(
  plan: Refused | Omit<Placed, 'path'>,
  paths: OutputPaths,
  { directory, metadata = false, keepCorrupt = false, interruption }: PlanOptions,
): Promise<Plan> {
  if (plan.error !== null) return plan;
  try {
    const path = await placeIn(directory, plan.found.image);
    const taken = paths.claim(await resolveTarget(path), { record: metadata, corrupt: keepCorrupt });
    if (taken === null) return { ...plan, path };
    throw new GlanceError('io.name', `${taken}: another image of this call is written there`, {
      hint: 'download them one by one, each with -o FILE',
    });
  } catch (error) {
    return { ...plan, error: ownFailure(error, interruption) };
  }
}
