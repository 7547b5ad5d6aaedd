// Where rpm keeps the headers of packages.
import type { Reads } from '../../blocks/reading.ts';

/** Bytes of one header; a package of 100,000 files needs a tenth of that. */
export const maxHeaderBytes = 64 * 1024 * 1024;

/** An opened database of rpm. */
export interface HeaderStore {
  /** Number of packages, determined in the cheapest reliable way. @throws UnreadableError */
  count(): Reads<number>;
  /** Passes on the header of each package, one by one. @throws UnreadableError */
  read(keep: (header: Uint8Array) => void): Reads<void>;
}
