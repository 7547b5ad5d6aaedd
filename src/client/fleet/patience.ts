// Asks a queue that may be gone for a while, as when it is started again.
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';

const intervalMs = 2000;
/** How long a queue may be gone. */
const mostGoneMs = 5 * 60_000;

/**
 * Asks until the queue answers.
 * @param giveUp the error if it is gone for five minutes
 * @throws what asking fails with but for `queue.unavailable`; the signal's reason
 */
export async function askPatiently<T>(
  ask: () => Promise<T>,
  clock: Clock,
  signal: AbortSignal,
  giveUp: (cause: GlanceError) => GlanceError,
): Promise<T> {
  const start = clock.monotonic();
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof GlanceError) || error.code !== 'queue.unavailable') throw error;
      if (clock.monotonic() - start >= mostGoneMs) throw giveUp(error);
    }
    await sleep(clock, intervalMs, signal);
  }
}
