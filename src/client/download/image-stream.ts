// Image data as a stream that its consumer reads.
import type { Readable } from 'node:stream';
import { downloadToStream } from '../../transfer/download-stream.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { openSource } from './download.ts';
import { sentStream } from './sent-stream.ts';
import { runTransfer, type TransferLimits } from './transfer-run.ts';

/**
 * A stream of it, verified as it passes; whoever destroys it hangs up.
 * @param find gives the image, once there is a signal
 * @param demands what is demanded of its data
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
