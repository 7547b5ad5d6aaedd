// Runs a reader of the contents of a disk on bytes in memory.
import type { Reads, Span } from '../../../src/disk/blocks/reading.ts';

/** More turns than any reader of a small disk needs, so that one that never ends fails. */
const mostTurns = 100_000;

/** @param onTurn called with the requests of each turn */
export function driveReads<T>(
  reads: Reads<T>,
  data: Uint8Array,
  onTurn: (spans: readonly Span[]) => void = () => undefined,
): T {
  let step = reads.next();
  for (let turn = 0; step.done !== true; turn++) {
    if (turn >= mostTurns) throw new Error('the reader never ends');
    onTurn(step.value);
    step = reads.next(step.value.map(({ offset, length }) => data.subarray(offset, offset + length)));
  }
  return step.value;
}
