// Repeats work, and reports trouble when it changes, not each time.
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError, isLasting, isPassing } from '../../errors.ts';
import { stamp, type Timed } from '../download/progress-event.ts';
import type { WatchNews } from './report.ts';

interface WatchOptions {
  /** Between the end of one round and the next, milliseconds. */
  readonly pauseMs: number;
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: WatchNews & Timed) => void;
}

/**
 * Does the work, waits, and repeats it, until the signal is aborted.
 * @throws failures that will not pass: in the first round any except network trouble and failed images, in later rounds only
 * wrong calls and untrusted certificates; the signal's reason
 */
export async function watch(
  work: (isFirst: boolean) => Promise<void>,
  { pauseMs, clock, signal, onEvent }: WatchOptions,
): Promise<never> {
  const tell = stamp<WatchNews>(clock, onEvent);
  let trouble: string | null = null;
  for (let isFirst = true; ; isFirst = false) {
    const error = await errorOf(() => work(isFirst));
    signal.throwIfAborted();
    if (error !== null && isFatal(error, isFirst)) throw error;
    const now = error === null ? null : stateOf(error);
    if (error !== null && now !== trouble) tell({ event: 'trouble', code: error.code, message: error.message });
    else if (now === null && trouble !== null) tell({ event: 'recovered' });
    trouble = now;
    await sleep(clock, pauseMs, signal);
  }
}

async function errorOf(work: () => Promise<void>): Promise<GlanceError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof GlanceError) return error;
    throw error;
  }
}

function isFatal({ code }: GlanceError, isFirst: boolean): boolean {
  return isFirst ? !isPassing(code) && code !== 'partial' : isLasting(code);
}

/** Network trouble has many messages for the same state; the number of failed images is a state of its own. */
function stateOf({ code, message }: GlanceError): string {
  return isPassing(code) ? 'unavailable' : `${code} ${message}`;
}
