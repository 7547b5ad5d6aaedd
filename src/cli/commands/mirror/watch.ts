// Doing something again and again: what goes wrong is told when it changes, not each time.
import { sleep } from '../../../clock.ts';
import { GlanceError, isLasting, isPassing } from '../../../errors.ts';
import type { Context } from '../../context.ts';

/**
 * Does it, waits, and does it again, until a signal comes.
 * @param pauseMs between the end of one round and the next
 * @throws what will not pass: in the first round everything but network trouble and single images, later wrong calls and
 * certificates that are not trusted; the signal's reason
 */
export async function watch(
  context: Context,
  work: (isFirst: boolean) => Promise<void>,
  pauseMs: number,
): Promise<never> {
  const { runtime } = context;
  let trouble: string | null = null;
  for (let isFirst = true; ; isFirst = false) {
    // oxlint-disable-next-line no-await-in-loop -- one round after the other
    const error = await failureOf(() => work(isFirst));
    runtime.signal.throwIfAborted();
    if (error !== null && isFatal(error, isFirst)) throw error;
    const now = error === null ? null : stateOf(error);
    if (error !== null && now !== trouble) context.tell(`${error.message} [${error.code}]`);
    else if (now === null && trouble !== null) context.note('it works again');
    trouble = now;
    // oxlint-disable-next-line no-await-in-loop
    await sleep(runtime.clock, pauseMs, runtime.signal);
  }
}

async function failureOf(work: () => Promise<void>): Promise<GlanceError | null> {
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

/** Trouble on the way has many words for one state; how many images failed is one. */
function stateOf({ code, message }: GlanceError): string {
  return isPassing(code) ? 'unavailable' : `${code} ${message}`;
}
