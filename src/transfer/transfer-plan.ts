// How a transfer fetches what is missing: its state as a value, and every way in which the state changes.
import type { ErrorCode, GlanceError } from '../errors.ts';

/** What the transfer believes about the store and the data so far. */
export interface FetchState {
  /** Whether the store is thought to support ranges. A refusal holds for the rest of the transfer. */
  readonly ranges: 'expected' | 'refused';
  /** Requests at once, ≥ 1. */
  readonly connections: number;
  /**
   * Where the data came from: `stream`, one answer from the first byte on; `pieces`, several answers or an earlier run;
   * `last`, one answer again after pieces that did not fit together.
   */
  readonly origin: 'stream' | 'pieces' | 'last';
}

/** How the next attempt proceeds. */
export type TransferPlan =
  /** Nothing is missing. */
  | { readonly how: 'nothing' }
  /** The whole image in one answer, compared with the data that is already there. */
  | { readonly how: 'whole' }
  /** The whole image in one answer, while further connections fetch later parts of it. */
  | { readonly how: 'whole with help'; readonly size: number }
  /** Only what is missing, range by range. */
  | { readonly how: 'gaps'; readonly size: number };

/** What is known when an attempt is planned. */
interface Progress {
  /** Bytes of the image; null if unknown. */
  readonly size: number | null;
  /** Bytes that are there. */
  readonly bytes: number;
  /** The first byte that is not there. */
  readonly frontier: number;
}

/** The state before the first request. */
export function firstState(connections: number): FetchState {
  return { ranges: 'expected', connections, origin: 'stream' };
}

/**
 * Plans an attempt. The first request is never a range: most stores refuse them, while a plain response is always useful.
 * Without a size, nobody knows what is missing.
 */
export function planAttempt({ ranges, connections }: FetchState, { size, bytes, frontier }: Progress): TransferPlan {
  if (size !== null && size > 0 && frontier === size) return { how: 'nothing' };
  if (size === null || ranges === 'refused') return { how: 'whole' };
  if (bytes > 0) return { how: 'gaps', size };
  return connections > 1 ? { how: 'whole with help', size } : { how: 'whole' };
}

/** Data of an earlier answer, or of a range, has arrived. */
export function afterPiece(state: FetchState): FetchState {
  return state.origin === 'stream' ? { ...state, origin: 'pieces' } : state;
}

/** The store was asked for a range and sent none. */
export function afterRefusedRange(state: FetchState): FetchState {
  return { ...state, ranges: 'refused' };
}

/** The server wants fewer requests. */
export function afterTooManyRequests(state: FetchState): FetchState {
  return { ...state, connections: Math.max(1, Math.floor(state.connections / 2)) };
}

const contradiction: ErrorCode = 'integrity.contradiction';

/**
 * All of the data is there, but it is not the image's. If it was put together from pieces, or contradicted itself, it is
 * fetched once more as one plain stream before that verdict is final.
 * @returns null if it is final
 */
export function afterMismatch({ origin }: FetchState, error: GlanceError): FetchState | null {
  const isDoubtful = origin === 'pieces' || (origin === 'stream' && error.code === contradiction);
  return isDoubtful ? { ranges: 'refused', connections: 1, origin: 'last' } : null;
}
