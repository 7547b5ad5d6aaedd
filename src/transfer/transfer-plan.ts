// How a transfer goes about what is missing: its state as a value, and every way in which the state changes.
import type { ErrorCode, GlanceError } from '../errors.ts';

/** What is believed of the store and of the data so far. */
export interface FetchState {
  /** Whether the store is thought to send parts of an image. Once refused, for the rest of the transfer. */
  readonly ranges: 'expected' | 'refused';
  /** Requests at once, ≥ 1. */
  readonly connections: number;
  /**
   * Where the data came from: `stream`, one answer from the first byte on; `pieces`, several answers or an earlier run;
   * `last`, one answer again after pieces that did not fit together.
   */
  readonly origin: 'stream' | 'pieces' | 'last';
}

/** How the next attempt goes about it. */
export type TransferPlan =
  /** All of it is there already. */
  | { readonly how: 'nothing' }
  /** The whole image in one answer; what is there already is compared with it. */
  | { readonly how: 'whole' }
  /** The whole image in one answer, while further connections fetch later parts of it. */
  | { readonly how: 'whole with help'; readonly size: number }
  /** What is missing, part by part. */
  | { readonly how: 'gaps'; readonly size: number };

/** What is known before an attempt. */
interface Progress {
  /** Bytes of the image; null where nobody has told. */
  readonly size: number | null;
  /** Bytes that are there. */
  readonly bytes: number;
  /** The first byte that is not there. */
  readonly frontier: number;
}

/** Before anything was asked. */
export function firstState(connections: number): FetchState {
  return { ranges: 'expected', connections, origin: 'stream' };
}

/**
 * Plans an attempt. Never a range first: most stores refuse them, and a first answer is good for something anywhere.
 * Without a size there is no telling what is missing.
 */
export function planAttempt({ ranges, connections }: FetchState, { size, bytes, frontier }: Progress): TransferPlan {
  if (size !== null && size > 0 && frontier === size) return { how: 'nothing' };
  if (size === null || ranges === 'refused') return { how: 'whole' };
  if (bytes > 0) return { how: 'gaps', size };
  return connections > 1 ? { how: 'whole with help', size } : { how: 'whole' };
}

/** Data of an earlier answer is there, or that of a range. */
export function afterPiece(state: FetchState): FetchState {
  return state.origin === 'stream' ? { ...state, origin: 'pieces' } : state;
}

/** The store was asked for a range and sent none. */
export function afterRefusedRange(state: FetchState): FetchState {
  return { ...state, ranges: 'refused' };
}

/** The server finds so many requests too much. */
export function afterTooManyRequests(state: FetchState): FetchState {
  return { ...state, connections: Math.max(1, Math.floor(state.connections / 2)) };
}

const contradiction: ErrorCode = 'integrity.contradiction';

/**
 * All of it is there and is not the image. What was put together of pieces, or contradicted itself, gets one plain stream
 * before that is believed.
 * @returns null if it is final
 */
export function afterMismatch({ origin }: FetchState, error: GlanceError): FetchState | null {
  const isDoubtful = origin === 'pieces' || (origin === 'stream' && error.code === contradiction);
  return isDoubtful ? { ranges: 'refused', connections: 1, origin: 'last' } : null;
}
