// What is done when asking for a part fails again and again with what looks as if it would pass: a gateway or a store may do
// so with every part, and with the whole never.
import { GlanceError, isRetryable } from '../errors.ts';
import type { DownloadSource, OpenedData } from './flow/source.ts';

/** Failures of a request for a part that a request for the whole may not have. Without a connection it makes no difference. */
const suspectCodes = /^(?:http\.|net\.(?:reset|stall|timeout\.headers)$)/;

/**
 * Asks for the whole once, before it is given up. Only its answer tells whether it was the parts that were refused.
 * @param error what the last try for a part failed with
 * @param confirm makes sure that it is the same image still
 * @throws `error`, unless the whole is refused for a reason that would not pass: then that
 */
export async function openWholeAtLast(
  error: unknown,
  source: DownloadSource,
  signal: AbortSignal,
  confirm: () => Promise<void>,
): Promise<OpenedData> {
  signal.throwIfAborted();
  if (!(error instanceof GlanceError) || !isRetryable(error.code) || !suspectCodes.test(error.code)) throw error;
  try {
    await confirm();
    return await source.open(null, signal);
  } catch (failure) {
    signal.throwIfAborted();
    throw failure instanceof GlanceError && isRetryable(failure.code) ? error : failure;
  }
}
