// Parsers of disk formats are generators that ask for bytes and return what they found. They do no input or output themselves, so
// the same parser works on a range, a file, a passing stream, and a buffer in a test.
import type { DetectedFormat, DiskFinding } from './finding.ts';

/** Bytes that a parser wants; offset and length ≥ 0, below 2^53. */
export type Need =
  | {
      readonly from: 'start';
      readonly offset: number;
      readonly length: number;
      /** Not worth reading everything before it: the answer is null if it is far ahead and cannot be fetched on its own. */
      readonly optional?: boolean;
    }
  | { readonly from: 'end'; readonly length: number };

/**
 * The answer to a need: the bytes, fewer where the data ends first; null if they are not available, such as the end of a stream
 * that is only read forward.
 */
export type Supply = Uint8Array | null;

/** Asks for bytes, and finally returns a T. */
export type Reading<T> = Generator<Need, T, Supply>;

/** What is known before the first byte is read. */
export interface ParseContext {
  /** Bytes of image data; null if unknown. */
  readonly size: number | null;
}

/** Total bytes of data; reads to the end if unknown. Null if that is not possible. */
export function* readSize(context: ParseContext): Reading<number | null> {
  if (context.size === null) yield { from: 'end', length: 1 };
  return context.size;
}

/**
 * Total bytes of data if it ends before `end`; null if it does not, or if that cannot be found out. If the size is unknown, a
 * stream is read on to `end`, so this has to come last: earlier data is gone by then.
 */
export function* readShortfall(context: ParseContext, end: bigint): Reading<number | null> {
  if (context.size === null && end > 0n) {
    const last = Number(end < furthest ? end : furthest) - 1;
    yield { from: 'start', offset: last, length: 1, optional: true };
  }
  const { size } = context;
  return size !== null && end > BigInt(size) ? size : null;
}

/** No data is that long, and offsets stay exact numbers. */
const furthest = 2n ** 52n;

/** The parser of one format. */
export interface FormatParser {
  readonly format: DetectedFormat;
  /**
   * Whether the data begins like this format, however broken the rest is.
   * @param front the first bytes of the data: 64 KiB, or all there is
   */
  readonly recognise: (front: Uint8Array) => boolean;
  /** Reads what the format's headers say. Garbage yields a finding with hazards, never an exception. */
  readonly read: (context: ParseContext) => Reading<DiskFinding>;
}
