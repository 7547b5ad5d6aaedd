// Databases with a file for each package.
import { type Reads, together, unsupported } from '../blocks/reading.ts';
import type { GuestTree } from '../contents/guest-tree.ts';

/** The most that the tree lists of a directory: there may be more. */
const mostNames = 20_000;
/** Files to read at once. */
const turn = 64;

/** The wanted names in a directory, sorted; empty if it does not exist. @throws UnreadableError if there are too many */
export function* findNames(
  tree: GuestTree,
  path: string,
  isWanted: (name: string) => boolean,
): Reads<readonly string[]> {
  const entries = yield* tree.list(path);
  if (entries.length >= mostNames) unsupported('there are too many packages to be read');
  return entries
    .map(({ name }) => name)
    .filter(isWanted)
    .toSorted();
}

/** Reads something for each name, several at once; results are in the order of the names. @throws UnreadableError */
export function* inTurns<T>(names: readonly string[], read: (name: string) => Reads<T>): Reads<readonly T[]> {
  const results: T[] = [];
  for (let start = 0; start < names.length; start += turn) {
    results.push(...(yield* together(names.slice(start, start + turn).map(read))));
  }
  return results;
}
