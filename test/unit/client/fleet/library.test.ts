import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GlanceClient, type GlanceError, type Report } from '../../../../src/index.ts';
import * as bullQueue from '../../../../src/queue/bullmq/bull-queue.ts';
import { codeOf } from '../../../support/code-of.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { QueueDouble } from '../../../support/fleet/queue.ts';
import { replaceExports } from '../../../support/replace-exports.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const queues: QueueDouble[] = [];

replaceExports(bullQueue, {
  openBullQueue: () => {
    const queue = new QueueDouble();
    queues.push(queue);
    return Promise.resolve(queue);
  },
});

it('lets a program plan, work and wait like the commands, with its own login', async () => {
  const server = await glance(['1', '2'].map((id) => makeEntry(`data ${id}`, { id, name: `image ${id}` })));
  const client = await GlanceClient.connect({ endpoint: server.url });
  const place = join(await tempDir(), 'mirror');
  await mkdir(place);
  const fleet = await client.fleet({ queue: 'redis://queue.example:6379/3#images' });
  const worker = await fleet.work({ name: 'one' });
  const { counts } = await fleet.mirror(place);
  expect(counts).toMatchObject({ fetched: 2, failed: 0 });
  const reports: unknown[] = [];
  for await (const { id, format } of fleet.audit()) reports.push([id, format]);
  expect(reports).toEqual([
    ['1', 'raw'],
    ['2', 'raw'],
  ]);
  const verdicts: string[] = [];
  for await (const { path, status } of fleet.verify(place)) verdicts.push(`${path} ${status}`);
  expect(verdicts).toEqual(['1/1.raw ok', '2/2.raw ok']);
  expect(await fleet.queue.counts()).toMatchObject({ waiting: 0, active: 0, failed: 0 });
  await worker.drain(1000);
  await fleet.close();
  await client.close();
  expect(queues).toHaveLength(1);
});

it('leaves reports to workers, as the command does with --detach', async () => {
  const server = await glance(['1', '2', '../3'].map((id) => makeEntry(`data ${id}`, { id, name: `image ${id}` })));
  const client = await GlanceClient.connect({ endpoint: server.url });
  const place = join(await tempDir(), 'reports');
  const fleet = await client.fleet({ queue: 'redis://queue.example' });
  const failed: unknown[] = [];
  const onFailed = ({ id, error }: Report): void => void failed.push([id, error?.code]);
  expect(await fleet.planAudit(place, {}, { onFailed })).toEqual({ images: 2, added: 2, failed: 1 });
  expect(await fleet.planAudit(place, { name: 'image 1' })).toEqual({ images: 1, added: 0, failed: 0 });
  expect(failed).toEqual([['../3', 'io.name']]);
  const worker = await fleet.work({ untilEmpty: true });
  await worker.finished();
  expect((await readdir(join(place, 'audit'))).toSorted()).toEqual(['1.json', '2.json']);
  const kept = JSON.parse(await readFile(join(place, 'audit/1.json'), 'utf8')) as unknown;
  const report = await client.inspect('1');
  expect(kept).toEqual({ ...report, virtual_size: Number(report.virtual_size) });
  expect(await codeOf(fleet.planAudit('ftp://images'))).toBe('usage.argument');
  await client.close();
});

it('explains that a place cannot be used as an error of the mirror', async () => {
  const client = await GlanceClient.connect({ endpoint: 'http://127.0.0.1:9/' });
  const fleet = await client.fleet({ queue: 'redis://queue.example' });
  const error = await fleet.mirror('ftp://images').catch((reason: unknown) => reason as GlanceError);
  expect(error).toMatchObject({ code: 'usage.argument' });
  await client.close();
});
