// What is in the place of a mirror and not in its index: images that a run which was killed had finished, and files that no
// mirror put there. Pure.
import { contentsName } from './contents-file.ts';
import { digestsName } from './digests-file.ts';
import type { MirrorEntry } from './entry-store.ts';
import { failureName } from './failure-file.ts';
import { isOwnId, recordName } from './index-file.ts';

export interface UnknownFile {
  /** Below the mirror. */
  readonly path: string;
  /** `unlisted`: image data, which has its name only when it is whole. */
  readonly status: 'unlisted' | 'stray';
}

/**
 * Of one image.
 * @param paths all that there is of it
 * @param data those of them that may be its data
 * @param entry what the index says of it
 */
export function unknownOf(
  id: string,
  paths: readonly string[],
  data: readonly string[],
  entry: MirrorEntry | undefined,
): readonly UnknownFile[] {
  const beside = [recordName, digestsName, contentsName].map((name) => `${id}/${name}`);
  const failure = `${id}/${failureName}`;
  if (entry !== undefined) {
    const own = [entry.file, ...beside, failure];
    return paths.filter((path) => !own.includes(path)).map((path) => ({ path, status: 'stray' }));
  }
  // Digests and record come after the data, and why there is none is known without it.
  const own = [...data, ...(isOwnId(id) ? [failure] : []), ...(data.length > 0 ? beside : [])];
  const strays = paths.filter((path) => !own.includes(path));
  return [
    ...data.map((path) => ({ path, status: 'unlisted' }) as const),
    ...strays.map((path) => ({ path, status: 'stray' }) as const),
  ];
}

/** By path, by code units. */
export function sortUnknown(found: readonly UnknownFile[]): readonly UnknownFile[] {
  return found.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}
