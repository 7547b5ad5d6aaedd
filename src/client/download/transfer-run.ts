// Runs transfers of image data with a time limit, a speed limit, and events.
import { GlanceError } from '../../errors.ts';
import { RateLimit } from '../../transfer/flow/rate-limit.ts';
import type { Connection } from '../connection.ts';
import { explaining } from '../explaining.ts';
import { startDeadline } from './deadline.ts';
import type { FetchRun } from './download.ts';
import { type ProgressEvent, stamp } from './progress-event.ts';

/** Absent: no limit, no events. */
export interface TransferLimits {
  /** Milliseconds in all; 0: no limit. */
  readonly maxTimeMs?: number;
  /** Most bytes a second. */
  readonly limitRate?: number;
  readonly onEvent?: (event: ProgressEvent) => void;
}

/** Works on image data within its limits. @throws what the work throws, explained; GlanceError `net.timeout.total` */
export async function runTransfer<T>(
  connection: Connection,
  { maxTimeMs = 0, limitRate, onEvent = () => undefined }: TransferLimits,
  signal: AbortSignal,
  work: (run: Required<Omit<FetchRun, 'fileSystem' | 'isShared'>>) => Promise<T>,
): Promise<T> {
  const { clock } = connection.system;
  if (!(maxTimeMs >= 0)) throw new GlanceError('usage.option', `maxTimeMs: it is not a time: ${String(maxTimeMs)}`);
  if (limitRate !== undefined && !(limitRate > 0)) {
    throw new GlanceError('usage.option', `limitRate: it is not over 0: ${String(limitRate)}`);
  }
  const deadline = startDeadline(clock, signal, maxTimeMs, 'maxTimeMs');
  try {
    const rate = new RateLimit(clock, limitRate ?? null);
    const run = { signal: deadline.signal, rate, listen: stamp(clock, onEvent) };
    return await explaining(connection, () => work(run));
  } finally {
    deadline.cancel();
  }
}
