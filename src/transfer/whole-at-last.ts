// The last resort when requests for a range keep failing with errors that look temporary: a gateway or a store may do
// that for every range, and never for the whole image.
import { GlanceError, isRetryable } from '../errors.ts';
import type { DownloadSource, OpenedData } from './flow/source.ts';

/** Failures of a range request that need not affect a request for the whole image. Without a connection, both would fail. */
const suspectCodes = /^(?:http\.|net\.(?:reset|stall|timeout\.headers)$)/;

/**
 * Asks for the whole image once before giving up. Only its answer tells whether it was the ranges that failed.
 * @param error what the last range request failed with
 * @param confirm makes sure that it is still the same image
 * @throws `error`, or if the whole image is refused for a reason that will not pass, that reason
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
