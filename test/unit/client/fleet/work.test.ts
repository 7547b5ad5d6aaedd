// A worker of a program: what ends it, what it finishes before, and what it serves meanwhile.
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { auditJob } from '../../../../src/client/fleet/jobs.ts';
import { type Clock, systemClock } from '../../../../src/clock.ts';
import { type FleetWorkOptions, GlanceClient, systemOf, type WorkerEvent } from '../../../../src/index.ts';
import * as bullQueue from '../../../../src/queue/bullmq/bull-queue.ts';
import { codeOf } from '../../../support/code-of.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { QueueDouble } from '../../../support/fleet/queue.ts';
import { replaceExports } from '../../../support/replace-exports.ts';

let queue = new QueueDouble();
beforeEach(() => {
  queue = new QueueDouble();
});
replaceExports(bullQueue, { openBullQueue: () => Promise.resolve(queue) });

/** Looks at the queue again at once; everything else takes its time. */
const clock: Clock = {
  ...systemClock,
  startTimer: (delayMs, onTime) => systemClock.startTimer(delayMs === 1000 ? 1 : delayMs, onTime),
};

const catalog = ['1', '2'].map((id) => makeEntry(`data ${id}`, { id, name: `image ${id}` }));

/** A fleet that has two images to inspect, which are planned but not begun. */
async function open(signal?: AbortSignal) {
  const server = await glance(catalog);
  const system = { ...systemOf(process), env: {}, clock, hostname: 'machine', pid: 42 };
  const client = await GlanceClient.connect({ endpoint: server.url, system, signal });
  const fleet = await client.fleet({ queue: 'redis://queue.example' });
  onTestFinished(() => client.close());
  const policy = { contents: false, contentsLimit: null, spool: false, target: null };
  const { endpoint } = await client.api();
  for await (const image of client.list()) await queue.plan([auditJob(image, null, endpoint, policy)]);
  const events: WorkerEvent[] = [];
  const work = async (options: FleetWorkOptions & { readonly signal?: AbortSignal } = {}) =>
    await fleet.work({ onEvent: (event) => events.push(event), ...options });
  return { work, events };
}

const ends = (events: readonly WorkerEvent[]): readonly string[] =>
  events.flatMap((event) => (event.event === 'job_end' ? [`${event.image} ${event.outcome}`] : []));

/** That a worker takes no more jobs, and finishes so many. */
const drainOf = (jobs: number): unknown => ({ event: 'drain', time: expect.stringMatching(/Z$/) as string, jobs });

describe('a worker', () => {
  it('with `untilEmpty` ends once nothing is left, and serves its metrics until then', async () => {
    const { work, events } = await open();
    await queue.pause();
    const worker = await work({ untilEmpty: true, metrics: { host: '127.0.0.1', port: 0 } });
    const url = worker.metrics ?? new URL('http://127.0.0.1/');
    expect(await (await fetch(url)).text()).toContain('glance_cli_jobs_total{kind="audit",outcome="done"} 0');
    await queue.resume();
    await worker.finished();
    expect(ends(events).toSorted()).toEqual(['1 done', '2 done']);
    expect([worker.active, events.at(-1)]).toEqual([0, drainOf(0)]);
    await expect(fetch(url)).rejects.toThrow(TypeError);
  });

  it('takes no more jobs and closes its port, whatever a listener throws at its end', async () => {
    const { work } = await open();
    const onEvent = ({ event }: WorkerEvent): void => {
      if (event === 'drain') throw new Error('a listener failed');
    };
    const worker = await work({ untilEmpty: true, metrics: { host: '127.0.0.1', port: 0 }, onEvent });
    await expect(worker.finished()).rejects.toThrow('a listener failed');
    await expect(fetch(worker.metrics ?? '')).rejects.toThrow('fetch failed');
  });

  it('waits with `untilEmpty` while the queue cannot be reached, and fails if it refuses', async () => {
    const { work } = await open();
    const counts = vi.spyOn(queue, 'counts');
    queue.onStep = () => {
      queue.isGone = true;
    };
    const worker = await work({ untilEmpty: true });
    while (counts.mock.calls.length < 4) await new Promise((resolve) => setImmediate(resolve));
    counts.mockRejectedValue(Object.assign(new Error('not allowed'), { code: 'queue.denied' }));
    await expect(worker.finished()).rejects.toThrow('not allowed');
    expect(worker.active).toBe(0);
  });

  it.each(['the client', 'the call'])(
    'ended by the signal of %s finishes its job and takes no other',
    async (whose) => {
      const [stop, reason] = [new AbortController(), new Error('enough')];
      const { work, events } = await open(whose === 'the client' ? stop.signal : undefined);
      queue.onStep = (step) => {
        if (step === 'leased') stop.abort(reason);
      };
      const worker = await work({ jobs: 1, ...(whose === 'the call' && { signal: stop.signal }) });
      expect(await codeOf(worker.finished())).toBe(reason);
      expect(ends(events)).toEqual(['1 done']);
      expect(events.filter(({ event }) => event === 'drain')).toEqual([drainOf(1)]);
      expect(await queue.counts()).toMatchObject({ waiting: 1, active: 0, workers: 0 });
    },
  );

  it('hands back what takes longer than `drainMs` after the signal', async () => {
    const [stop, reason] = [new AbortController(), new Error('enough')];
    const { work, events } = await open();
    queue.onStep = (step) => {
      if (step === 'leased') stop.abort(reason);
    };
    const worker = await work({ jobs: 1, drainMs: 0, signal: stop.signal });
    expect(await codeOf(worker.finished())).toBe(reason);
    expect(ends(events)).toEqual(['1 back']);
  });

  it('is not started by a call that is over, and ends without a failure when it is drained', async () => {
    const { work, events } = await open();
    const reason = new Error('enough');
    expect(await codeOf(work({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(events).toEqual([]);
    const worker = await work();
    await worker.drain(1000);
    await worker.finished();
    expect(worker.metrics).toBeNull();
    expect((await queue.counts()).workers).toBe(0);
  });

  it('is called after its machine and process unless it has a name', async () => {
    const { work } = await open();
    const start = vi.spyOn(queue, 'startWorker');
    for (const name of [undefined, 'mine']) await (await work({ name })).drain(1000);
    expect(start.mock.calls.map(([{ name }]) => name)).toEqual(['machine:42', 'mine']);
  });

  it('serves metrics nowhere if its queue refuses it', async () => {
    const { work } = await open();
    queue.isGone = true;
    expect(await codeOf(work({ metrics: { host: '127.0.0.1', port: 0 } }))).toBe('queue.unavailable');
  });
});
