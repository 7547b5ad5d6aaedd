import { FleetWorker } from '../../../client/fleet/worker.ts';
import type { WorkerEvent } from '../../../client/fleet/worker-event.ts';
import { openQueue } from '../../../client/fleet/open-queue.ts';
import { GlanceError } from '../../../errors.ts';
import { sleep } from '../../../clock.ts';
import type { QueueWorker, WorkQueue } from '../../../queue/work-queue.ts';
import { countOf } from '../../../text/count.ts';
import { formatBytes } from '../../../output/size.ts';
import { connectionOf } from '../../connection.ts';
import type { Context } from '../../context.ts';
import type { WorkerOptions } from '../../options/fleet-options.ts';

const defaultDrainMs = 300_000;
/** How often to check whether the queue is empty. */
const emptyLookMs = 1000;

/** `worker`: does jobs of a queue until a signal ends it, or the queue is empty. */
export async function worker(context: Context, options: WorkerOptions): Promise<void> {
  const { connection, runtime } = context;
  const queue = await openQueue(connection, options);
  // The first signal stops no work in progress.
  const lasting = { ...runtime, signal: new AbortController().signal };
  const closing: (() => Promise<void>)[] = [() => queue.close()];
  const own = connectionOf(lasting, context.options, context.messages, { secrets: connection.secrets });
  closing.push(() => own.close());
  try {
    const { pid, hostname = 'worker' } = runtime;
    const { name = `${hostname}:${String(pid)}`, jobs, lease, limitRate, s3Endpoint } = options;
    const metrics = await openMetrics(context, options);
    closing.push(metrics.close);
    const fleet = new FleetWorker(own, {
      name,
      jobs,
      leaseMs: lease,
      limitRate,
      s3Endpoint,
      onEvent: (event) => {
        metrics.take(event);
        tell(context, event);
      },
    });
    const running = await fleet.start(queue);
    context.note(`taking images from ${queue.name}`);
    try {
      await untilOver(context, queue, running, options.untilEmpty === true);
    } finally {
      if (running.active > 0)
        context.note(`finishing ${countOf(running.active, 'job')}; a second signal ends the worker at once`);
      await running.drain(options.drainTimeout ?? defaultDrainMs);
    }
    runtime.signal.throwIfAborted();
  } finally {
    for (const close of closing) await close();
  }
}

/** Serves this worker's metrics, if requested. */
async function openMetrics(
  context: Context,
  { metrics: address }: WorkerOptions,
): Promise<{ readonly take: (event: WorkerEvent) => void; readonly close: () => Promise<void> }> {
  if (address === undefined) return { take: () => undefined, close: () => Promise.resolve() };
  const [{ WorkerMetrics }, { serveMetrics }] = await Promise.all([
    import('../../../client/metrics/worker-metrics.ts'),
    import('../../../client/metrics/metrics-server.ts'),
  ]);
  const metrics = new WorkerMetrics(context.runtime.clock.wallTime());
  const { url, close } = await serveMetrics(address, () => metrics.format());
  context.note(`metrics at ${url.href}`);
  return { take: (event) => metrics.take(event), close };
}

/** Returns at the first signal, or when there is nothing left to do. */
async function untilOver(
  { runtime }: Context,
  queue: WorkQueue,
  running: QueueWorker,
  endsEmpty: boolean,
): Promise<void> {
  const { clock, signal } = runtime;
  for (;;) {
    try {
      await sleep(clock, emptyLookMs, signal);
    } catch {
      return;
    }
    if (endsEmpty && running.active === 0 && (await isEmpty(queue))) return;
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

/** What a worker has done, by kind of job. */
const deeds = { copy: 'fetched', audit: 'inspected', verify: 'verified' } as const;
const outcomes = {
  superseded: 'its record has changed in the meantime',
  failed: 'failed',
  back: 'handed back',
  lost: 'its lease is lost',
} as const;

function tell(context: Context, event: WorkerEvent): void {
  if (event.event === 'trouble') context.warn(`${event.message} [${event.code}]`);
  if (event.event !== 'job_end') return;
  const { image, kind, outcome, bytes, seconds, code, message } = event;
  const what = `${image}: ${outcome === 'done' ? deeds[kind] : outcomes[outcome]}`;
  if (message !== null && code !== null) context.tell(`${what}: ${message} [${code}]`);
  else context.note(outcome === 'done' ? `${what}, ${formatBytes(bytes)} in ${seconds.toFixed(1)} s` : what);
}
