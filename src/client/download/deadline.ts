// A time limit for a whole call, whatever it consists of.
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';

interface Deadline {
  /** Aborted with the caller's signal, or with GlanceError `net.timeout.total` when time is up. */
  readonly signal: AbortSignal;
  /** Call when the work is over: the timer keeps the event loop alive. */
  readonly cancel: () => void;
}

/**
 * Starts the timer.
 * @param maxTimeMs milliseconds; 0: no limit
 * @param option the user's name for the limit, for the message
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
