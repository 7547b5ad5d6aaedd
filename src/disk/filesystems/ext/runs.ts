// Pieces of a file, counted in blocks.

/** Blocks of a file, `end` apart. */
export interface Range {
  readonly first: number;
  readonly end: number;
}

/** Blocks of a file that lie one after the other. */
export interface Run {
  /** The first one, counted within the file. */
  readonly first: number;
  readonly count: number;
  /** Where the first one lies, counted within the file system. */
  readonly block: number;
}

/** Joins those that follow each other in the file and on the disk. */
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
