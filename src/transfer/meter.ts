// Progress events, not more of them than anybody can use.
import type { Clock } from '../clock.ts';
import type { TransferListener } from './events.ts';

const intervalMs = 100;

/**
 * A function to call with the bytes so far, as often as one likes; it tells `listen` at most ten times a second, and
 * always of the last byte.
 * @param total bytes there will be, or null
 */
export function createMeter(clock: Clock, total: number | null, listen: TransferListener): (bytes: number) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (bytes) => {
    const now = clock.monotonic();
    if (now - toldAt < intervalMs && bytes !== total) return;
    toldAt = now;
    listen({ type: 'progress', bytes, total });
  };
}
