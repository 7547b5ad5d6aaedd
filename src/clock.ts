// Time as a value that is passed, so that tests can drive every wait; and what ends a wait.
import { setMaxListeners } from 'node:events';

/** A source of time. */
export interface Clock {
  /** Wall time, milliseconds since 1970 UTC. For dates shown or compared with a server's. */
  wallTime(): number;
  /** Monotonic time in milliseconds from an arbitrary start. For durations and rates. */
  monotonic(): number;
  /** Calls `onTime` once after `delayMs`; the returned function cancels that. */
  startTimer(delayMs: number, onTime: () => void): () => void;
  /** A number in [0, 1), for jitter. */
  random(): number;
}

/** The wall time in ISO 8601, UTC. */
export function isoTime(clock: Clock): string {
  return new Date(clock.wallTime()).toISOString();
}

/** Milliseconds as seconds with three decimals, since more would only be noise. */
export function toSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}

/**
 * Waits.
 * @throws the signal's reason as soon as it is aborted.
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const cancel = clock.startTimer(delayMs, () => {
      unlisten?.();
      resolve();
    });
    const unlisten =
      signal &&
      listenForAbort(signal, () => {
        cancel();
        reject(signal.reason as Error);
      });
  });
}

/**
 * Calls `onAbort` once the signal is aborted. A signal may end any number of requests and waits, so Node must not take
 * its listeners for a leak.
 * @param signal not aborted yet
 * @returns stops listening
 */
export function listenForAbort(signal: AbortSignal, onAbort: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

/** Waits until the signal is aborted. Never rejects. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => void listenForAbort(signal, resolve));
}

/**
 * No timer is this late, even on a busy machine, unless the process itself was suspended by a signal or a sleeping
 * laptop.
 */
const mostLateMs = 10_000;

/**
 * A timer for waiting on somebody else. Time in which this process was suspended is not their fault: then the wait
 * starts again.
 * @returns cancels it
 */
export function startPatientTimer(clock: Clock, delayMs: number, onTime: () => void): () => void {
  const due = clock.monotonic() + delayMs;
  let cancel = clock.startTimer(delayMs, () => {
    if (clock.monotonic() - due <= mostLateMs) onTime();
    else cancel = startPatientTimer(clock, delayMs, onTime);
  });
  return () => cancel();
}

/** The real clock. Its timers keep the event loop alive, because a program that waits to retry must not exit. */
export const systemClock: Clock = {
  wallTime: () => Date.now(),
  monotonic: () => performance.now(),
  startTimer(delayMs, onTime) {
    const timer = setTimeout(onTime, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
