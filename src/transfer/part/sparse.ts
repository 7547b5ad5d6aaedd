// Runs of zero bytes, which need no blocks on disk. Pure.

/** Size of the blocks examined: smaller ones would cost more writes than the blocks saved are worth. */
const blockBytes = 64 * 1024;

const zeros = new Uint8Array(blockBytes);

/** A range of bytes to write, relative to its chunk. */
interface Run {
  readonly start: number;
  readonly end: number;
}

/**
 * The ranges of a chunk that are not zero, in whole blocks of 64 KiB counted from the start of the file.
 * @param position position of the chunk in the file
 */
export function findData(chunk: Uint8Array, position: number): readonly Run[] {
  const runs: Run[] = [];
  let start = 0;
  while (start < chunk.length) {
    const end = Math.min(chunk.length, start + blockBytes - ((position + start) % blockBytes));
    if (!isZero(chunk.subarray(start, end))) {
      const last = runs.at(-1);
      if (last?.end === start) runs[runs.length - 1] = { start: last.start, end };
      else runs.push({ start, end });
    }
    start = end;
  }
  return runs;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && Buffer.compare(bytes, zeros.subarray(0, bytes.length)) === 0;
}
