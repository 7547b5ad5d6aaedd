// Decides where each of several images goes before any is downloaded.
import { GlanceError } from '../../errors.ts';
import { cleanName, cutName } from '../../transfer/files/file-name.ts';
import { findShared, type OutputKinds, OutputPaths } from '../../transfer/files/output-paths.ts';
import { type Chosen, type Missed, ownFailure, type Selected } from '../select/selection.ts';
import { type Naming, placeOf, resolveTarget } from '../naming/place.ts';

/** An image that can be downloaded. */
interface Placed extends Chosen {
  /** Absolute. */
  readonly path: string;
}

export type Plan = Placed | Missed;

interface PlanOptions {
  readonly naming: Naming;
  /** Whether a record is written beside each file. Absent: false. */
  readonly metadata?: boolean;
  readonly keepCorrupt?: boolean;
  /** Aborts the call. */
  readonly interruption: AbortSignal;
}

/** An image whose path is not settled yet. */
interface Draft {
  readonly chosen: Chosen;
  /** How much of its id is added to distinguish it: an index of {@link marks}. */
  mark: number;
  place: Place | GlanceError;
}

interface Place {
  readonly path: string;
  /** The actual file, with the links in its path resolved. */
  readonly target: string;
}

const maxMarkBytes = 128;

/** Ways to distinguish images of one name: by nothing, by part of the id, by all of it. */
const marks: readonly ((id: string) => string)[] = [
  () => '',
  (id) => cleanName(id.slice(0, 8)),
  (id) => cutName(cleanName(id), maxMarkBytes),
];

/**
 * Finds a path for each image: no two images write to the same path; those that would are distinguished by their ids. Creates
 * nothing.
 * @param selected each image once
 * @returns in the same order
 * @throws GlanceError `usage.option` if the template uses a value that an image does not have; anything but a GlanceError; the
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

/** @throws GlanceError `usage.option`, which concerns the call and not the image */
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

/** Those that share a path with another and can still be distinguished by a longer part of their ids. */
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

/** If even the ids do not distinguish the images, the first one gets the paths. */
function settle({ chosen, place: found }: Draft, paths: OutputPaths, kinds: OutputKinds): Plan {
  if (found instanceof GlanceError) return { ...chosen, error: found };
  const taken = paths.claim(found.target, kinds);
  if (taken === null) return { ...chosen, path: found.path };
  const error = new GlanceError('io.name', `${taken}: another image of this call is written there`, {
    hint: 'download them one by one, each with -o FILE',
  });
  return { ...chosen, error };
}
