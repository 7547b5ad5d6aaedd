// Pieces of a file, counted in blocks.

/** Blocks of a file, `end` excluded. */
export interface Range {
  readonly first: number;
  readonly end: number;
}

/** Contiguous blocks of a file. */
export interface Run {
  /** Index of the first in the file. */
  readonly first: number;
  readonly count: number;
  /** Number of the first in the file system. */
  readonly block: number;
}

/** Joins runs that are adjacent both in the file and on the disk. */
export function joinRuns(runs: readonly Run[]): readonly Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    const follows =
      last !== undefined && last.first + last.count === run.first && last.block + last.count === run.block;
    if (follows) joined[joined.length - 1] = { ...last, count: last.count + run.count };
    else joined.push(run);
  }
  return joined;
}
