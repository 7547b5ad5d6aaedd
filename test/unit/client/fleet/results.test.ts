import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { auditImages } from '../../../../src/client/inspect/audit.ts';
import { planAudits } from '../../../../src/client/fleet/fleet-audit.ts';
import { verifyMirrorOver } from '../../../../src/client/mirror/verify-mirror.ts';
import { GlanceError } from '../../../../src/errors.ts';
import { codeOf } from '../../../support/code-of.ts';
import { gather, makePlace, TestFleet } from '../../../support/fleet/fleet.ts';
import { glance } from '../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../support/images.ts';
import { BufferPool } from '../../../../src/transfer/flow/buffers.ts';

const entry = (id: string, data: Buffer) => makeEntry(data, { id, name: `image ${id}`, disk_format: 'qcow2' });
const data = [makeBytes(100_000), Buffer.alloc(5000, 2), Buffer.alloc(0)] as const;
const catalog = data.map((bytes, index) => entry(String(index + 1), bytes));
const gone = [{ on: { path: /images\/2/ }, do: { type: 'status', status: 404 } as const }];

describe('images that workers inspect', () => {
  it('are reported as by inspect, in order, and leave nothing in the queue', async () => {
    const server = await glance(catalog, gone);
    const fleet = new TestFleet(await makePlace('directory'));
    await fleet.work(server);
    const asked = { contents: true, target: 'glance-2026.1' } as const;
    const reports = await fleet.audit(server, asked);
    const connection = fleet.connect(server);
    const alone = auditImages(connection, await connection.service(), {}, asked);
    // For an image that has been deleted, workers know only what the job says.
    const declared = expect.any(Object) as object;
    expect(reports).toEqual((await gather(alone)).map((report) => ({ ...report, declared })));
    expect(reports.map(({ id, safe, error }) => [id, safe, error?.code])).toEqual([
      ['1', false, undefined],
      ['2', null, 'image.not_found'],
      ['3', false, undefined],
    ]);
    expect(fleet.queue.size).toBe(0);
    expect(fleet.ends().toSorted()).toEqual(['1 done', '2 done', '3 done']);
    expect(fleet.events.at(-1)).toMatchObject({
      event: 'fleet',
      images: 3,
      finished: 3,
      failed: 0,
      workers: 1,
      by_worker: [{ worker: 'one', jobs: 0, finished: 3 }],
    });
  });

  it('are inspected again if leases, events or the queue itself are lost', async () => {
    const server = await glance(catalog);
    const fleet = new TestFleet(await makePlace('directory'));
    let steps = 0;
    fleet.queue.onStep = () => {
      if (++steps === 2) fleet.queue.loseLeases();
      if (steps === 5) fleet.queue.lose();
    };
    fleet.queue.isMute = true;
    await fleet.work(server, { jobs: 1 });
    const reports = fleet.audit(server);
    for (let isOver = false; !isOver;) {
      await fleet.settled();
      const next = fleet.clock.waitForTimer(2000).then(() => false);
      isOver = await Promise.race([reports.then(() => true), next]);
      if (!isOver) fleet.clock.advance(2000);
    }
    expect((await reports).map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(fleet.queue.size).toBe(0);
  });

  it('are kept side by side when a place is given, and planned only once', async () => {
    const server = await glance([...catalog, entry('../4', data[1])]);
    for (const kind of ['directory', 'bucket'] as const) {
      const fleet = new TestFleet(await makePlace(kind));
      const failed: unknown[] = [];
      const plan = () =>
        planAudits(fleet.connect(server), fleet.queue, {}, fleet.place.name, {
          signal: new AbortController().signal,
          onFailed: ({ id, error }) => failed.push([id, error?.code]),
        });
      expect(await plan()).toEqual({ images: 3, added: 3, failed: 1 });
      expect(await plan()).toEqual({ images: 3, added: 0, failed: 1 });
      expect(failed[0]).toEqual(['../4', 'io.name']);
      const worker = await fleet.work(server, { jobs: 3 });
      await worker.drain(1);
      const files = await fleet.place.files();
      expect([...files.keys()].toSorted()).toEqual(['audit/1.json', 'audit/2.json', 'audit/3.json']);
      expect(JSON.parse(files.get('audit/1.json')?.toString() ?? '')).toMatchObject({
        id: '1',
        format: 'raw',
        safe: false,
      });
      expect(fleet.queue.size).toBe(0);
    }
  });

  it('are handed back by a worker without room for reports', async () => {
    const server = await glance(catalog.slice(0, 1));
    const fleet = new TestFleet(await makePlace('directory'));
    const how = { signal: new AbortController().signal, onFailed: () => undefined };
    await planAudits(fleet.connect(server), fleet.queue, {}, fleet.place.name, how);
    await rm(join(fleet.place.name, 'audit'), { recursive: true });
    const worker = await fleet.work(server);
    await fleet.clock.waitForTimer(5000);
    await worker.drain(0);
    expect(fleet.told.at(-1)).toMatchObject({ outcome: 'back', code: 'io.missing' });
  });

  it.each([
    ['nothing', ''],
    ['no report', '{}'],
    ['a report on another', JSON.stringify({ id: '2', name: null })],
    ['a hazard that does not exist', JSON.stringify({ id: '1', hazards: [{ code: 'constructor' }] })],
    ['partitions without bytes', JSON.stringify({ id: '1', partitions: { scheme: 'mbr', entries: [{ number: 1 }] } })],
  ])('fail if a worker says %s', async (_title, result) => {
    const server = await glance(catalog.slice(0, 1));
    const fleet = new TestFleet(await makePlace('directory'));
    await fleet.pretend(() => Promise.resolve({ outcome: 'done', result }));
    expect(await fleet.audit(server)).toMatchObject([{ id: '1', safe: null, error: { code: 'metadata.invalid' } }]);
  });

  it('fail if workers die on them twice', async () => {
    const server = await glance(catalog.slice(0, 1));

    const dying = new TestFleet(await makePlace('directory'));
    const { queue } = dying;
    const reports = dying.audit(server);
    while (queue.texts.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await dying.clock.waitForTimer(2000);
    for (let died = 0; died < 2; died++) {
      queue.fail('1', 'worker.died', 'three times');
      if (died === 0) await dying.clock.waitForTimer(2000);
    }
    expect(await reports).toMatchObject([{ id: '1', error: { code: 'worker.died' } }]);
    expect(queue.added).toEqual([1, 1]);
  });

  it('are given up without workers, or if the queue is gone for good', async () => {
    const server = await glance(catalog);
    for (const isGone of [false, true]) {
      const fleet = new TestFleet(await makePlace('directory'));
      const code = codeOf(fleet.audit(server));
      while (fleet.queue.texts.length < 3) await new Promise((resolve) => setImmediate(resolve));
      await fleet.clock.waitForTimer(2000);
      fleet.queue.isGone = isGone;
      for (let minutes = 0; minutes < 11; minutes++) {
        fleet.clock.advance(60_000);
        await Promise.race([code, fleet.clock.waitForTimer(2000)]);
      }
      expect(await code).toBe('queue.unavailable');
    }
  });

  it('are no longer waited for once the call ends', async () => {
    const server = await glance(catalog);
    const fleet = new TestFleet(await makePlace('directory'));
    const call = new AbortController();
    const code = codeOf(fleet.audit(server, { signal: call.signal }));
    while (fleet.queue.texts.length < 3) await new Promise((resolve) => setImmediate(resolve));
    call.abort(new GlanceError('interrupted', 'enough'));
    expect(await code).toBe('interrupted');
  });
});

describe.each(['directory', 'bucket'] as const)('a mirror in a %s that workers compare', (kind) => {
  it('has the verdicts of verify, in order, and leaves nothing in the queue', async () => {
    const server = await glance(catalog);
    const fleet = new TestFleet(await makePlace(kind));
    const worker = await fleet.work(server);
    await fleet.plan(server);
    expect((await fleet.verify(server)).map(({ path, status }) => [path, status])).toEqual([
      ['1/1.qcow2', 'ok'],
      ['2/2.qcow2', 'ok'],
      ['3/3.qcow2', 'ok'],
    ]);
    await fleet.place.remove('2/2.qcow2');
    await fleet.place.remove('3/image.json');
    if (kind === 'directory') {
      await writeFile(join(fleet.place.name, '1/1.qcow2'), Buffer.alloc(data[0].length));
      await mkdir(join(fleet.place.name, 'audit'));
      for (const name of ['audit/1.json', 'audit/other', 'stray']) await writeFile(join(fleet.place.name, name), '');
    }
    for (const quick of [false, true]) {
      const alone = verifyMirrorOver(fleet.connect(server), fleet.place.name, { quick });
      const verdicts = await fleet.verify(server, quick);
      expect(verdicts).toEqual(await gather(alone));
      if (kind === 'bucket' || quick) continue;
      expect(verdicts.map(({ path, status }) => [path, status])).toEqual([
        ['1/1.qcow2', 'altered'],
        ['2/2.qcow2', 'missing'],
        ['3/image.json', 'missing'],
        ['audit/other', 'stray'],
        ['stray', 'stray'],
      ]);
    }
    expect(fleet.queue.size).toBe(0);
    await worker.drain(0);
  });

  it('is checked anew, whatever an earlier run left in the queue', async () => {
    const server = await glance(catalog.slice(0, 1));
    const fleet = new TestFleet(await makePlace(kind));
    await fleet.work(server);
    await fleet.plan(server);
    const call = new AbortController();
    fleet.queue.onStep = (step) => {
      if (step === 'leased') call.abort(new GlanceError('interrupted', 'enough'));
    };
    const { verifyByFleet } = await import('../../../../src/client/fleet/fleet-verify.ts');
    const killed = verifyByFleet(fleet.connect(server), fleet.queue, fleet.place.name, { signal: call.signal });
    expect(await codeOf(gather(killed))).toBe('interrupted');
    while (fleet.ends().length < 2) await new Promise((resolve) => setImmediate(resolve));
    fleet.queue.onStep = () => undefined;
    expect(fleet.queue.size).toBe(1);
    await fleet.place.remove('1/1.qcow2');
    expect(await fleet.verify(server)).toMatchObject([{ path: '1/1.qcow2', status: 'missing' }]);
    expect(fleet.queue.size).toBe(0);
  });
});

it('keeps no buffers once a worker is drained, however often', async () => {
  const fleet = new TestFleet(await makePlace('directory'));
  const worker = await fleet.work(await glance([]));
  await worker.drain(1);
  await worker.drain(0);
  const pool = new BufferPool(1);
  const buffer = await pool.acquire();
  pool.release(buffer);
  pool.close();
  expect(new BufferPool(1).acquireNow()).not.toBe(buffer);
});
