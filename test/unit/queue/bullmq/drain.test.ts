// A worker that drains while its queue does not answer: BullMQ's own end never comes.
import type { Job as BullJob, Worker } from 'bullmq';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { verifyJob } from '../../../../src/client/fleet/jobs.ts';
import { formatJob } from '../../../../src/queue/job.ts';
import { recordHash } from '../../../../src/mirror/index-file.ts';
import { BullWorker } from '../../../../src/queue/bullmq/bull-worker.ts';
import { loadPackages } from '../../../../src/queue/bullmq/packages.ts';
import type { JobOutcome } from '../../../../src/queue/work-queue.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const never = (): Promise<never> => new Promise(() => undefined);

/** A worker of such a queue; `take` gives it a job, which ends as `work` does. */
async function openWorker(work: () => Promise<JobOutcome>) {
  const { bullmq } = await loadPackages();
  const silent = { on: () => silent, close: never } as unknown as Worker;
  let doJob: (job: BullJob) => Promise<void> = never;
  const worker = new BullWorker(
    bullmq,
    { name: 'one', jobs: 1, leaseMs: 30_000, work, onTrouble: () => undefined },
    (does) => {
      doJob = does;
      return silent;
    },
    never,
  );
  const entry = { id: '1', file: '1.raw', size: 5, record: recordHash('{}'), digests: [] };
  const data = formatJob(verifyJob(entry, '/mirror', true));
  const job = { id: '1', data, progress: 0, stalledCounter: 0, updateData: never } as unknown as BullJob;
  return { worker, take: () => void doJob(job).catch(() => undefined) };
}

/** Seconds after which the promise resolves. */
async function secondsOf(promise: Promise<void>): Promise<number> {
  const start = Date.now();
  const ended = promise.then(() => (Date.now() - start) / 1000);
  await vi.advanceTimersByTimeAsync(4_000_000);
  return Math.round(await ended);
}

it('ends soon without a job, however long it may drain', async () => {
  const { worker } = await openWorker(never);
  expect(await secondsOf(worker.drain(3_600_000))).toBe(10);
});

it('waits for a job in progress, and then as long as without one', async () => {
  const { worker, take } = await openWorker(
    () =>
      new Promise((resolve) =>
        setTimeout(() => resolve({ outcome: 'failed', error: null as never, isFinal: false }), 60_000),
      ),
  );
  take();
  expect(worker.active).toBe(1);
  expect(await secondsOf(worker.drain(3_600_000))).toBe(70);
});

it('does not wait for a queue that cannot be told the result', async () => {
  const { worker, take } = await openWorker(() => Promise.resolve({ outcome: 'done', result: 'a report' }));
  take();
  expect(await secondsOf(worker.drain(3_600_000))).toBe(10);
});

it('waits for a job that does not end when it is handed back, no longer than it may', async () => {
  const { worker, take } = await openWorker(never);
  take();
  expect(await secondsOf(worker.drain(30_000))).toBe(40);
});
