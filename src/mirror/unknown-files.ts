// What is in a mirror's place but not in its index: images that a killed run had finished, and files that no mirror put
// there. Pure.
import { contentsName } from './contents-file.ts';
import { digestsName } from './digests-file.ts';
import type { MirrorEntry } from './entry-store.ts';
import { failureName } from './failure-file.ts';
import { isOwnId, recordName } from './index-file.ts';

export interface UnknownFile {
  /** Relative to the mirror. */
  readonly path: string;
  /** `unlisted`: image data, which gets its name only once it is complete. */
  readonly status: 'unlisted' | 'stray';
}

/**
 * Classifies the files of one image.
 * @param paths all its files
 * @param data those that may be its data
 * @param entry its entry in the index
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
  // Digests and record are written after the data; the reason for a failure can be there without data.
  const own = [...data, ...(isOwnId(id) ? [failure] : []), ...(data.length > 0 ? beside : [])];
  const strays = paths.filter((path) => !own.includes(path));
  return [
    ...data.map((path) => ({ path, status: 'unlisted' }) as const),
    ...strays.map((path) => ({ path, status: 'stray' }) as const),
  ];
}

/** Sorts by path, in code units. */
export function sortUnknown(found: readonly UnknownFile[]): readonly UnknownFile[] {
  return found.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}
