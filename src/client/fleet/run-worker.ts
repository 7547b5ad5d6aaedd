// A worker from its start to its end: what ends it, and what is closed with it.
import { aborted, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { QueueWorker, WorkQueue } from '../../queue/work-queue.ts';
import { Connection } from '../connection.ts';
import { stamp } from '../download/progress-event.ts';
import type { MetricsAddress } from '../metrics/metrics-server.ts';
import { FleetWorker, type FleetWorkerOptions } from './worker/worker.ts';
import type { WorkerEvent, WorkerNews } from './worker/worker-event.ts';

/** How a worker works, and when it ends. */
export interface FleetWorkOptions extends FleetWorkerOptions {
  /** Whether it ends once the queue is empty. Absent: false, it waits for more. */
  readonly untilEmpty?: boolean | undefined;
  /**
   * Milliseconds, ≥ 0, to finish jobs in progress after the signal; what is left is handed back. Absent: five minutes.
   */
  readonly drainMs?: number | undefined;
  /** Where to serve its metrics for Prometheus, at `/metrics`, while it works. Absent: nowhere. */
  readonly metrics?: MetricsAddress | undefined;
}

/** A worker that works. */
export interface FleetWork extends QueueWorker {
  /** Where its metrics are served; null if they are not. */
  readonly metrics: URL | null;
  /**
   * Waits until it has ended, whatever the reason, and its jobs are finished or handed back. May be called any number of times.
   * @throws the signal's reason if that ended it; GlanceError `queue.*` if the queue refuses to tell whether it is empty
   */
  finished(): Promise<void>;
}

const defaultDrainMs = 300_000;
/** How often to check whether the queue is empty. */
const emptyLookMs = 1000;

interface Metrics {
  readonly url: URL | null;
  readonly take: (event: WorkerEvent) => void;
  readonly close: () => Promise<void>;
}

/**
 * Starts a worker. It takes jobs until the signal, until `drain()`, or until the queue is empty if that is asked for.
 * @param options.signal ends it: jobs in progress are finished first, for as long as `drainMs` allows
 * @throws GlanceError `queue.*`; `io.port` if no metrics can be served at their address; the signal's reason
 */
export async function startWork(
  connection: Connection,
  queue: WorkQueue,
  options: FleetWorkOptions & { readonly signal: AbortSignal },
): Promise<FleetWork> {
  options.signal.throwIfAborted();
  const metrics = await openMetrics(connection, options);
  const own = lastingOf(connection);
  const close = async (): Promise<void> => {
    try {
      if (own !== connection) await own.close();
    } finally {
      await metrics.close();
    }
  };
  const { onEvent = () => undefined } = options;
  const tell = (event: WorkerEvent): void => {
    metrics.take(event);
    onEvent(event);
  };
  try {
    const worker = await new FleetWorker(own, { ...options, onEvent: tell }).start(queue);
    return new RunningWork({ queue, worker, options, connection, url: metrics.url, tell, close });
  } catch (error) {
    await close();
    throw error;
  }
}

/** A connection like this one, but one that its owner's signal does not end: that would break off the jobs in progress. */
function lastingOf(connection: Connection): Connection {
  const { options } = connection.configured;
  if (options.signal === undefined) return connection;
  const { system } = connection;
  return new Connection({ ...options, system, env: system.env, signal: undefined });
}

/** Serves the metrics, if requested. */
async function openMetrics({ system }: Connection, { metrics: address }: FleetWorkOptions): Promise<Metrics> {
  if (address === undefined) return { url: null, take: () => undefined, close: () => Promise.resolve() };
  const [{ WorkerMetrics }, { serveMetrics }] = await Promise.all([
    import('../metrics/worker-metrics.ts'),
    import('../metrics/metrics-server.ts'),
  ]);
  const metrics = new WorkerMetrics(system.clock.wallTime());
  const { url, close } = await serveMetrics(address, () => metrics.format());
  return { url, take: (event) => metrics.take(event), close };
}

interface Running {
  readonly queue: WorkQueue;
  readonly worker: QueueWorker;
  readonly options: FleetWorkOptions & { readonly signal: AbortSignal };
  readonly connection: Connection;
  readonly url: URL | null;
  readonly tell: (event: WorkerEvent) => void;
  readonly close: () => Promise<void>;
}

class RunningWork implements FleetWork {
  readonly metrics: URL | null;
  readonly #running: Running;
  readonly #stop = new AbortController();
  readonly #end: Promise<void>;
  #drainMs: number;

  constructor(running: Running) {
    const { options, url } = running;
    this.#running = running;
    this.metrics = url;
    this.#drainMs = options.drainMs ?? defaultDrainMs;
    this.#end = this.#run();
    // Whoever wants to know asks `finished`.
    this.#end.catch(() => undefined);
  }

  get active(): number {
    return this.#running.worker.active;
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#drainMs = timeoutMs;
    this.#stop.abort();
    // It may be draining already, with more time.
    await this.#running.worker.drain(timeoutMs);
    await this.#end.catch(() => undefined);
  }

  async finished(): Promise<void> {
    await this.#end;
  }

  async #run(): Promise<void> {
    try {
      await this.#untilOver();
    } finally {
      await this.#settle();
    }
    this.#running.options.signal.throwIfAborted();
  }

  /** Whatever fails on the way, the worker is drained, and everything is closed. */
  async #settle(): Promise<void> {
    const { worker, tell, connection, close } = this.#running;
    try {
      try {
        stamp<WorkerNews>(connection.system.clock, tell)({ event: 'drain', jobs: worker.active });
      } finally {
        await worker.drain(this.#drainMs);
      }
    } finally {
      await close();
    }
  }

  /** Returns once something ends the work, or when there is nothing left to do. */
  async #untilOver(): Promise<void> {
    const { queue, worker, options, connection } = this.#running;
    const signal = AbortSignal.any([options.signal, this.#stop.signal]);
    if (options.untilEmpty !== true) return await aborted(signal);
    for (;;) {
      try {
        await sleep(connection.system.clock, emptyLookMs, signal);
      } catch {
        return;
      }
      if (worker.active === 0 && (await isEmpty(queue))) return;
    }
  }
}

/** A queue that cannot be reached counts as not empty. */
async function isEmpty(queue: WorkQueue): Promise<boolean> {
  try {
    const { waiting, active, delayed } = await queue.counts();
    return waiting + active + delayed === 0;
  } catch (error) {
    if (error instanceof GlanceError && error.code === 'queue.unavailable') return false;
    throw error;
  }
}
