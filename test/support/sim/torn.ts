// What is on a disk after the power went: of a file that was not synced, any of its sectors.

const sectorBytes = 4096;

/** Chooses a whole number from 0 to `count - 1`. */
export type Choose = (count: number) => number;

export interface Inode {
  data: Buffer;
  durable: Buffer;
  mode: number;
}

/** Of what was not synced each sector is there or not; so is a change of the length. */
export function tear({ data, durable }: Inode, choose: Choose): Buffer {
  if (data.equals(durable)) return Buffer.from(durable);
  const length = choose(2) === 0 ? durable.length : data.length;
  const torn = Buffer.alloc(length);
  durable.copy(torn);
  for (let start = 0; start < length; start += sectorBytes) {
    if (choose(2) === 0 && start < data.length)
      data.copy(torn, start, start, Math.min(start + sectorBytes, data.length, length));
  }
  return torn;
}
