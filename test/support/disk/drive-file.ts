// Runs a reader of the contents of a disk on a file.
import { readSync } from 'node:fs';
import type { Reads } from '../../../src/disk/blocks/reading.ts';

/** More turns than any reader of a small disk needs, so that one that never ends fails. */
const mostTurns = 1_000_000;

/** @param descriptor of an open file */
export function driveFile<T>(reads: Reads<T>, descriptor: number): T {
  let step = reads.next();
  for (let turn = 0; step.done !== true; turn++) {
    if (turn >= mostTurns) throw new Error('the reader never ends');
    step = reads.next(
      step.value.map(({ offset, length }) => {
        const bytes = new Uint8Array(length);
        return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
      }),
    );
  }
  return step.value;
}
