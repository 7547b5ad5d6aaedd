// Image data as a stream for a consumer to read.
import type { Readable } from 'node:stream';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { fetchImage, type FetchOptions, warnUnverified } from './download.ts';
import { sentStream } from './sent-stream.ts';
import { runTransfer, type TransferLimits } from './transfer-run.ts';

/**
 * Opens a stream that is verified as it passes or, with `spool`, before its first byte; destroying it closes the connection.
 * @param find finds the image
 * @param demands requirements for its data
 */
export function openImageStream(
  connection: Connection,
  find: (run: { readonly signal: AbortSignal }) => Promise<Found>,
  demands: () => FetchOptions,
  limits: TransferLimits,
  interruption: AbortSignal,
): Readable {
  return sentStream(interruption, async (stream, signal) => {
    const place = { stream, name: 'the stream' };
    await runTransfer(connection, limits, signal, async (run) => {
      const found = await find(run);
      // No record tells of a stream, as one does of a file.
      const { name, id } = found.image;
      warnUnverified(connection, await fetchImage(connection, found, place, demands(), run), name ?? id);
    });
  });
}
