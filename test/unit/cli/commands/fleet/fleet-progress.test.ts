import { expect, it } from 'vitest';
import * as bullQueue from '../../../../../src/queue/bullmq/bull-queue.ts';
import { type Job, jobId } from '../../../../../src/queue/job.ts';
import type { QueueEvent, WorkQueue } from '../../../../../src/queue/work-queue.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { replaceExports } from '../../../../support/replace-exports.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

/** A queue whose workers say at once that each job is done, without a report. */
class HastyQueue implements Partial<WorkQueue> {
  readonly name = 'redis://queue.example:6379/0#mirror';
  #onEvent: (event: QueueEvent) => void = () => undefined;

  async watch(onEvent: (event: QueueEvent) => void): Promise<() => Promise<void>> {
    this.#onEvent = onEvent;
    return await Promise.resolve(() => Promise.resolve());
  }

  async plan(jobs: readonly Job[]): Promise<number> {
    for (const job of jobs) {
      for (const event of ['leased', 'finished'] as const) this.#onEvent({ event, id: jobId(job) });
    }
    return await Promise.resolve(jobs.length);
  }

  async *failures(): AsyncGenerator<never, void, undefined> {
    // None.
  }

  async close(): Promise<void> {
    // It has nothing open.
  }
}

replaceExports(bullQueue, { openBullQueue: () => Promise.resolve(new HastyQueue() as unknown as WorkQueue) });

it('mirror with a queue counts each image once, however many pages and passes planning takes', async () => {
  const server = await glance(['1', '2', '3'].map((id) => makeEntry(`data ${id}`, { id, name: `image ${id}` })));
  const result = await server.cli(
    ['mirror', await tempDir(), '--queue', 'redis://queue.example', '--page-size', '1', '--progress', 'json'],
    {},
  );
  expect(result).toMatchObject({ code: 9 });
  const totals = result.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; images?: number; finished?: number })
    .filter(({ event }) => event === 'fleet');
  expect(totals.length).toBeGreaterThan(0);
  expect(totals.at(-1)).toMatchObject({ images: 3, finished: 3 });
});
