import { startWork } from '../../../client/fleet/run-worker.ts';
import type { WorkerEvent } from '../../../client/fleet/worker/worker-event.ts';
import { openQueue } from '../../../client/fleet/open-queue.ts';
import { countOf } from '../../../text/count.ts';
import { formatBytes } from '../../../output/size.ts';
import type { Words } from '../../console/messages.ts';
import type { Context } from '../../context.ts';
import type { WorkerOptions } from '../../options/fleet-options.ts';

/** `worker`: does jobs of a queue until a signal ends it, or the queue is empty. */
export async function worker(context: Context, options: WorkerOptions): Promise<void> {
  const { connection, runtime } = context;
  const { name, jobs, lease, limitRate, s3Endpoint, untilEmpty, drainTimeout, metrics } = options;
  const queue = await openQueue(connection, options);
  try {
    const work = await startWork(connection, queue, {
      name,
      jobs,
      leaseMs: lease,
      limitRate,
      s3Endpoint,
      untilEmpty,
      drainMs: drainTimeout,
      metrics,
      signal: runtime.signal,
      onEvent: (event) => context.event(event, wordsFor(event)),
    });
    if (work.metrics !== null) context.note(`metrics at ${work.metrics.href}`);
    context.note(`taking images from ${queue.name}`);
    await work.finished();
  } finally {
    await queue.close();
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

function wordsFor(event: WorkerEvent): Words | null {
  if (event.event === 'trouble') return { kind: 'warning', message: `${event.message} [${event.code}]` };
  if (event.event === 'drain' && event.jobs > 0) {
    const message = `finishing ${countOf(event.jobs, 'job')}; a second signal ends the worker at once`;
    return { kind: 'note', message };
  }
  return event.event === 'job_end' ? describeEnd(event) : null;
}

function describeEnd(end: Extract<WorkerEvent, { event: 'job_end' }>): Words {
  const { image, kind, outcome, bytes, seconds, code, message } = end;
  const what = `${image}: ${outcome === 'done' ? deeds[kind] : outcomes[outcome]}`;
  if (message !== null && code !== null) return { kind: 'error', message: `${what}: ${message} [${code}]` };
  const details = outcome === 'done' ? `, ${formatBytes(bytes)} in ${seconds.toFixed(1)} s` : '';
  return { kind: 'note', message: what + details };
}
