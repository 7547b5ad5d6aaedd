// Where rpm keeps the headers of packages.
import type { Reads } from '../../blocks/reading.ts';

/** Bytes of one header; that of a package of 100,000 files has a tenth of it. */
export const maxHeaderBytes = 64 * 1024 * 1024;

/** A database of rpm, opened. */
export interface HeaderStore {
  /** Packages, by the cheapest way that is sure. @throws UnreadableError */
  count(): Reads<number>;
  /** Hands out the header of each package, one after the other. @throws UnreadableError */
  read(keep: (header: Uint8Array) => void): Reads<void>;
}
