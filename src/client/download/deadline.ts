// A limit of time for a whole call, whatever it consists of.
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';

export interface Deadline {
  /** Aborted with the caller's signal, or with GlanceError `net.timeout.total` once the time is up. */
  readonly signal: AbortSignal;
  /** To be called when the work is over: the timer holds the event loop open. */
  readonly cancel: () => void;
}

/**
 * Starts the time.
 * @param maxTimeMs milliseconds; 0: no limit
 * @param option what the user calls the limit, for the message
 */
export function startDeadline(clock: Clock, signal: AbortSignal, maxTimeMs: number, option: string): Deadline {
  if (maxTimeMs === 0) return { signal, cancel: () => undefined };
  const late = new AbortController();
  const done = new AbortController();
  sleep(clock, maxTimeMs, done.signal).then(
    () => late.abort(timeUp(maxTimeMs, option)),
    () => undefined,
  );
  return { signal: AbortSignal.any([signal, late.signal]), cancel: () => done.abort() };
}

function timeUp(maxTimeMs: number, option: string): GlanceError {
  return new GlanceError(
    'net.timeout.total',
    `not done within the ${String(maxTimeMs / 1000)} s that ${option} allows`,
  );
}
