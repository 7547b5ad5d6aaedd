// Of several images: where each goes, before any of them is fetched.
import { GlanceError } from '../../errors.ts';
import { OutputPaths } from '../../transfer/files/output-paths.ts';
import { type Chosen, type Missed, ownFailure, type Selected } from '../select/selection.ts';
import { pathIn, placeIn, resolveTarget } from './place.ts';

/** An image that can be fetched. */
export interface Placed extends Chosen {
  /** Absolute. */
  readonly path: string;
}

export type Plan = Placed | Missed;

export interface PlanOptions {
  /** Absolute. */
  readonly directory: string;
  /** What is left beside a file. Absent: false. */
  readonly metadata?: boolean;
  readonly keepCorrupt?: boolean;
  /** Whether the directory is made where there is an image for it. Absent: true. */
  readonly makes?: boolean;
  /** Ends the call. */
  readonly interruption: AbortSignal;
}

/**
 * Finds a place for each: no two write to one path.
 * @param selected each image once
 * @returns in their order
 * @throws what is no GlanceError; the interruption's reason
 */
export async function planSeveral(selected: readonly Selected[], options: PlanOptions): Promise<readonly Plan[]> {
  const paths = new OutputPaths();
  const plans: Plan[] = [];
  // Who is named first has the paths.
  for (const each of selected) plans.push(await place(each, paths, options));
  return plans;
}

/** @throws the interruption's reason; what a job ended with that is no image's own failure */
export function checkEnds(ends: readonly PromiseSettledResult<void>[], interruption: AbortSignal): void {
  interruption.throwIfAborted();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function place(
  plan: Selected,
  paths: OutputPaths,
  { directory, metadata = false, keepCorrupt = false, makes = true, interruption }: PlanOptions,
): Promise<Plan> {
  if (plan.error !== null) return plan;
  try {
    const { image } = plan.found;
    const path = makes ? await placeIn(directory, image) : pathIn(directory, image);
    const taken = paths.claim(await resolveTarget(path), { record: metadata, corrupt: keepCorrupt });
    if (taken === null) return { ...plan, path };
    throw new GlanceError('io.name', `${taken}: another image of this call is written there`, {
      hint: 'download them one by one, each with -o FILE',
    });
  } catch (error) {
    return { ...plan, error: ownFailure(error, interruption) };
  }
}
