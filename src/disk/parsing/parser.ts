// What a parser of a disk format is: a generator that asks for bytes and returns what it found. It does no input or output
// itself, so that the same parser reads a range, a file, a stream that passes by, and a buffer in a test.
import type { DetectedFormat, Finding } from './finding.ts';

/** Bytes that a parser wants; offset and length in bytes, ≥ 0, below 2^53. */
export type Need =
  | {
      readonly from: 'start';
      readonly offset: number;
      readonly length: number;
      /** Not worth what lies before it: null where it is far off and cannot be had alone. */
      readonly optional?: boolean;
    }
  | { readonly from: 'end'; readonly length: number };

/**
 * The answer to a need: the bytes, fewer than asked for where the data ends first; null where they cannot be had, such as
 * the end of a stream that is read forward only.
 */
export type Supply = Uint8Array | null;

/** Asks for bytes and, in the end, returns a T. */
export type Reading<T> = Generator<Need, T, Supply>;

/** What is known before the first byte. */
export interface ParseContext {
  /** Bytes of image data; null if nobody knows. */
  readonly size: number | null;
}

/** Bytes of all the data; read to their end where nobody knows. Null where that cannot be done. */
export function* readSize(context: ParseContext): Reading<number | null> {
  if (context.size === null) yield { from: 'end', length: 1 };
  return context.size;
}

/**
 * Bytes of all the data if they end before `end`; null if they reach it, or nobody can tell. Where the size is not known, a
 * stream is read on as far as `end`, so this comes last: what lies before is gone then.
 */
export function* readShortfall(context: ParseContext, end: bigint): Reading<number | null> {
  if (context.size === null && end > 0n) {
    const last = Number(end < furthest ? end : furthest) - 1;
    yield { from: 'start', offset: last, length: 1, optional: true };
  }
  const { size } = context;
  return size !== null && end > BigInt(size) ? size : null;
}

/** No data is as long as that, and places are numbers. */
const furthest = 2n ** 52n;

/** One format: does it want these bytes, and what do they say. */
export interface FormatParser {
  readonly format: DetectedFormat;
  /**
   * Whether the data begins like this format, however broken the rest may be.
   * @param front the first bytes of the data: 64 KiB, or all there is
   */
  readonly recognise: (front: Uint8Array) => boolean;
  /** Reads what the format keeps. Any garbage gives a finding with hazards, never an exception. */
  readonly read: (context: ParseContext) => Reading<Finding>;
}
