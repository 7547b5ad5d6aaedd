// Of several images: where each goes, before any of them is fetched.
import { GlanceError } from '../../errors.ts';
import { cleanName, cutName } from '../../transfer/files/file-name.ts';
import { findShared, type OutputKinds, OutputPaths } from '../../transfer/files/output-paths.ts';
import { type Chosen, type Missed, ownFailure, type Selected } from '../select/selection.ts';
import { type Naming, placeOf, resolveTarget } from '../naming/place.ts';

/** An image that can be fetched. */
export interface Placed extends Chosen {
  /** Absolute. */
  readonly path: string;
}

export type Plan = Placed | Missed;

interface PlanOptions {
  readonly naming: Naming;
  /** What is left beside a file. Absent: false. */
  readonly metadata?: boolean;
  readonly keepCorrupt?: boolean;
  /** Ends the call. */
  readonly interruption: AbortSignal;
}

/** An image on its way to a place of its own. */
interface Draft {
  readonly chosen: Chosen;
  /** How much of its id tells it apart: an index of {@link marks}. */
  mark: number;
  place: Place | GlanceError;
}

interface Place {
  readonly path: string;
  /** The file that is meant, by way of the links on its path. */
  readonly target: string;
}

const maxMarkBytes = 128;

/** What tells images of one name apart: nothing, some of the id, all of it. */
const marks: readonly ((id: string) => string)[] = [
  () => '',
  (id) => cleanName(id.slice(0, 8)),
  (id) => cutName(cleanName(id), maxMarkBytes),
];

/**
 * Finds a place for each: no two write to one path, and those of which two would are told apart by their ids. Nothing is made.
 * @param selected each image once
 * @returns in their order
 * @throws GlanceError `usage.option` for a value that the template names and an image does not have; what is no GlanceError; the
 * interruption's reason
 */
export async function planSeveral(selected: readonly Selected[], options: PlanOptions): Promise<readonly Plan[]> {
  const { naming, metadata = false, keepCorrupt = false, interruption } = options;
  const kinds = { record: metadata, corrupt: keepCorrupt };
  const entries: (Draft | Missed)[] = [];
  for (const each of selected) {
    if (each.error !== null) entries.push(each);
    else entries.push({ chosen: each, mark: 0, place: await place(each, 0, naming, interruption) });
  }
  const drafts = entries.filter((entry) => 'mark' in entry);
  for (let next = sharedOf(drafts, kinds); next.length > 0; next = sharedOf(drafts, kinds)) {
    for (const draft of next) draft.place = await place(draft.chosen, ++draft.mark, naming, interruption);
  }
  const paths = new OutputPaths();
  return entries.map((entry) => ('mark' in entry ? settle(entry, paths, kinds) : entry));
}

/** @throws GlanceError `usage.option`: that is wrong with the call, and not with the image */
async function place(
  { found: { image } }: Chosen,
  mark: number,
  naming: Naming,
  interruption: AbortSignal,
): Promise<Place | GlanceError> {
  try {
    const path = await placeOf(naming, image, marks[mark]?.(image.id));
    return { path, target: await resolveTarget(path) };
  } catch (error) {
    const failure = ownFailure(error, interruption);
    if (failure.code === 'usage.option') throw failure;
    return failure;
  }
}

/** Those of which any path is another's too, as far as more of their ids can tell them apart. */
function sharedOf(drafts: readonly Draft[], kinds: OutputKinds): readonly Draft[] {
  const placed = drafts.flatMap((draft) => ('target' in draft.place ? [{ draft, target: draft.place.target }] : []));
  const isShared = findShared(
    placed.map(({ target }) => target),
    kinds,
  );
  return placed
    .filter(({ draft }, index) => isShared[index] === true && draft.mark < marks.length - 1)
    .map(({ draft }) => draft);
}

/** Of whom not even their ids tell apart, who is named first has the paths. */
function settle({ chosen, place: found }: Draft, paths: OutputPaths, kinds: OutputKinds): Plan {
  if (found instanceof GlanceError) return { ...chosen, error: found };
  const taken = paths.claim(found.target, kinds);
  if (taken === null) return { ...chosen, path: found.path };
  const error = new GlanceError('io.name', `${taken}: another image of this call is written there`, {
    hint: 'download them one by one, each with -o FILE',
  });
  return { ...chosen, error };
}
