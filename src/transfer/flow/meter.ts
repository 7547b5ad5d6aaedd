// Limits progress events to a useful number.
import type { Clock } from '../../clock.ts';
import type { TransferListener } from './events.ts';

const intervalMs = 100;

/**
 * Returns a function to call with the bytes so far, as often as you like; it passes them to `listen` at most ten times a
 * second, and always at the last byte.
 * @param total expected bytes, or null
 */
export function createMeter(clock: Clock, total: number | null, listen: TransferListener): (bytes: number) => void {
  return throttle(clock, total, (bytes) => listen({ event: 'progress', bytes, total }));
}

/** {@link createMeter} for bytes that are there already and are being read again, or received again, for checking. */
export function createKeptMeter(
  event: 'check' | 'compare',
  clock: Clock,
  total: number,
  listen: TransferListener,
): (bytes: number) => void {
  return throttle(clock, total, (bytes) => listen({ event, bytes, total }));
}

/**
 * Reports the data of a response.
 * @param known bytes that were there before it
 * @returns a function that takes the number of new bytes, or null if they were there already, and the position after them
 */
export function createAnswerMeter(
  clock: Clock,
  size: number | null,
  known: number,
  listen: TransferListener,
): (fresh: number | null, end: number) => void {
  const tellNew = createMeter(clock, size, listen);
  const tellCompared = createKeptMeter('compare', clock, known, listen);
  return (fresh, end) => (fresh === null ? tellCompared(Math.min(end, known)) : tellNew(known + fresh));
}

function throttle(clock: Clock, total: number | null, tell: (bytes: number) => void): (bytes: number) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (bytes) => {
    const now = clock.monotonic();
    if (now - toldAt < intervalMs && bytes !== total) return;
    toldAt = now;
    tell(bytes);
  };
}
