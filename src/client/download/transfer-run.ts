// Runs transfers of image data with a time limit, a speed limit, and events.
import type { Clock } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { TransferEvent, TransferListener } from '../../transfer/flow/events.ts';
import { RateLimit } from '../../transfer/flow/rate-limit.ts';
import { digestThreads } from '../../transfer/threads/thread-pool.ts';
import type { Connection } from '../connection.ts';
import { explaining } from '../explaining.ts';
import { startDeadline } from './deadline.ts';
import type { FetchRun } from './download.ts';
import { type ProgressEvent, stamp } from './progress-event.ts';

/** Limits and events of a call that moves image data. */
export interface TransferLimits {
  /** Milliseconds that the call may take, including finding and waiting, before `net.timeout.total`. Absent or 0: no limit. */
  readonly maxTimeMs?: number;
  /** Maximum number of bytes per second, for all images of the call together; > 0. Absent: no limit. */
  readonly limitRate?: number;
  /** Called with each event, in order. Must not throw. Absent: nobody is told. */
  readonly onEvent?: (event: ProgressEvent) => void;
}

/** What all transfers of a call share. */
interface StartedRun {
  readonly run: Required<Omit<FetchRun, 'fileSystem' | 'isShared'>>;
  /** Call when all is done. */
  readonly end: () => void;
}

interface RunOptions {
  /** Milliseconds in all. Absent or 0: no limit. */
  readonly maxTimeMs?: number | undefined;
  /** Maximum number of bytes per second. Absent: no limit. */
  readonly limitRate?: number | undefined;
  readonly listen: TransferListener;
  /** The user's name for the limit on time. */
  readonly timeOption: string;
}

/**
 * Starts the timer of the limit and, as everything begins with waiting for the network, a thread for the digest: an image of
 * 10 to 60 MiB from nearby takes 15 % less time.
 */
export function startRun(clock: Clock, signal: AbortSignal, options: RunOptions): StartedRun {
  const { maxTimeMs = 0, limitRate, listen, timeOption } = options;
  const deadline = startDeadline(clock, signal, maxTimeMs, timeOption);
  digestThreads.prepare();
  return {
    run: { signal: deadline.signal, rate: new RateLimit(clock, limitRate ?? null), listen },
    end: deadline.cancel,
  };
}

/** Works on image data within its limits. @throws what the work throws, explained; GlanceError `net.timeout.total` */
export async function runTransfer<T>(
  connection: Connection,
  { maxTimeMs = 0, limitRate, onEvent = () => undefined }: TransferLimits,
  signal: AbortSignal,
  work: (run: StartedRun['run']) => Promise<T>,
): Promise<T> {
  const { clock } = connection.system;
  if (!(maxTimeMs >= 0)) throw new GlanceError('usage.option', `maxTimeMs: it is not a time: ${String(maxTimeMs)}`);
  if (limitRate !== undefined && !(limitRate > 0)) {
    throw new GlanceError('usage.option', `limitRate: it is not greater than 0: ${String(limitRate)}`);
  }
  const listen = stamp<TransferEvent>(clock, onEvent);
  const { run, end } = startRun(clock, signal, { maxTimeMs, limitRate, listen, timeOption: 'maxTimeMs' });
  try {
    return await explaining(connection, () => work(run));
  } finally {
    end();
  }
}
