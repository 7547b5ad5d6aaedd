// Progress events, not more of them than anybody can use.
import type { Clock } from '../../clock.ts';
import type { TransferListener } from './events.ts';

const intervalMs = 100;

/**
 * A function to call with the bytes so far, as often as one likes; it tells `listen` at most ten times a second, and
 * always of the last byte.
 * @param total bytes there will be, or null
 */
export function createMeter(clock: Clock, total: number | null, listen: TransferListener): (bytes: number) => void {
  return throttle(clock, total, (bytes) => listen({ event: 'progress', bytes, total }));
}

/** {@link createMeter} for bytes that are there already: read again to be checked, or sent once more and compared. */
export function createKeptMeter(
  event: 'check' | 'compare',
  clock: Clock,
  total: number,
  listen: TransferListener,
): (bytes: number) => void {
  return throttle(clock, total, (bytes) => listen({ event, bytes, total }));
}

/**
 * Tells of the data of an answer.
 * @param known bytes that were there before it
 * @returns takes the bytes that are new since, null where what came is there already, and the position after it
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
