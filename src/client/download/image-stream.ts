// Image data as a stream for a consumer to read.
import type { Readable } from 'node:stream';
import { downloadToStream } from '../../transfer/download-stream.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { openSource } from './download.ts';
import { sentStream } from './sent-stream.ts';
import { runTransfer, type TransferLimits } from './transfer-run.ts';

/**
 * Opens a stream that is verified as it passes; destroying it closes the connection.
 * @param find finds the image
 * @param demands requirements for its data
 */
export function openImageStream(
  connection: Connection,
  find: (run: { readonly signal: AbortSignal }) => Promise<Found>,
  demands: () => Parameters<typeof openSource>[2],
  limits: TransferLimits,
  interruption: AbortSignal,
): Readable {
  return sentStream(interruption, async (stream, signal) => {
    const { retry, system } = connection;
    await runTransfer(connection, limits, signal, async (run) => {
      const source = await openSource(connection, await find(run), demands(), run.signal);
      await downloadToStream(source, stream, 'the stream', { extraAlgorithms: [], retry, clock: system.clock, ...run });
    });
  });
}
