// The messages between threads and those who ask them.
import type { DigestAlgorithm } from '../../digests.ts';

/**
 * A message to a thread. All but an end are answered, in order.
 * - about one of its hashes: to begin it, or start it over; bytes; whether its digests are wanted; its end
 * - a request for the digests of an open file, of which no more than `limit` bytes are read
 * - a request to read an image that is already on disk
 * - steps to take in a directory, the first failure of which ends them
 */
export type ThreadMessage =
  | {
      readonly hash: number;
      readonly begin?: readonly DigestAlgorithm[];
      readonly bytes?: Uint8Array;
      readonly isAsked?: boolean;
    }
  | { readonly end: number }
  | { readonly file: number; readonly algorithms: readonly DigestAlgorithm[]; readonly limit: number }
  | { readonly image: ImageFiles }
  | {
      /** Path of the directory; no link is followed. */
      readonly directory: string;
      readonly steps: readonly StoreStep[];
    };

/** Files of an image in a directory of its own. No link is followed. */
export interface ImageFiles {
  /** Path of the directory. */
  readonly directory: string;
  /** Small files, whose text is wanted, and most bytes that each may have. */
  readonly texts: readonly { readonly name: string; readonly maxBytes: number }[];
  /** Name of the data, whose digests are wanted. */
  readonly data: string;
  /** Bytes of the data. */
  readonly size: number;
  readonly algorithms: readonly DigestAlgorithm[];
}

/** A step in a directory: to create a file, its content durable; to rename it; to make the names durable. */
export type StoreStep =
  | { readonly create: string; readonly content: Uint8Array | string; readonly mode: number }
  | { readonly rename: string; readonly to: string }
  | { readonly isSync: true };

/** The result of a thread: digests as hex in the order of the algorithms, null if none were requested; texts. */
export interface ThreadResult {
  readonly hexes: readonly string[] | null;
  readonly texts?: readonly string[];
}

/** Its answer: the result, or the reason for a failure. */
export type ThreadAnswer =
  | ThreadResult
  | {
      /** The name of an errno; '' if it is not a system error. */
      readonly code: string;
      readonly message: string;
      /** Which of several steps failed, from 0; absent if none was requested. */
      readonly step?: number | undefined;
      /** The name of the file that the step failed with, '' for the directory; absent if the system names none. */
      readonly place?: string | undefined;
    };
