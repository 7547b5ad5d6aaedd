// What moves image data, within a time, at a speed, and with events.
import { RateLimit } from '../../transfer/flow/rate-limit.ts';
import type { Connection } from '../connection.ts';
import { explaining } from '../explaining.ts';
import { startDeadline } from './deadline.ts';
import type { FetchRun } from './download.ts';
import { type ProgressEvent, stamp } from './progress-event.ts';

/** Absent: no limit, nobody told. */
export interface TransferLimits {
  /** Milliseconds for all of it; 0: no limit. */
  readonly maxTimeMs?: number;
  /** Bytes a second at most. */
  readonly limitRate?: number;
  readonly onEvent?: (event: ProgressEvent) => void;
}

/** Work on image data within its limits. @throws what it throws, explained; GlanceError `net.timeout.total` */
export async function runTransfer<T>(
  connection: Connection,
  { maxTimeMs = 0, limitRate, onEvent = () => undefined }: TransferLimits,
  signal: AbortSignal,
  work: (run: Required<Omit<FetchRun, 'fileSystem' | 'isShared'>>) => Promise<T>,
): Promise<T> {
  const { clock } = connection.system;
  const deadline = startDeadline(clock, signal, maxTimeMs, 'maxTimeMs');
  try {
    const rate = new RateLimit(clock, limitRate ?? null);
    const run = { signal: deadline.signal, rate, listen: stamp(clock, onEvent) };
    return await explaining(connection, () => work(run));
  } finally {
    deadline.cancel();
  }
}
