import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runFailure, type MirrorReport } from '../../../../src/client/mirror/report.ts';
import { Mirror } from '../../../../src/client/mirror/mirror.ts';
import { formatJob, jobId, parseJob } from '../../../../src/queue/job.ts';
import { v2Versions } from '../../../../src/server/versions.ts';
import { codeOf } from '../../../support/code-of.ts';
import { makePlace, TestFleet, type TestPlace } from '../../../support/fleet/fleet.ts';
import { glance, type Glance } from '../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../support/images.ts';

const entry = (id: string, data: Buffer, more: object = {}) =>
  makeEntry(data, { id, name: `image ${id}`, disk_format: 'raw', ...more });
const data = { 1: makeBytes(100_000), 2: Buffer.alloc(5000, 2), 3: Buffer.alloc(0) } as const;
const catalog = [entry('1', data[1]), entry('2', data[2]), entry('3', data[3])];
const wrong = [{ on: { path: /images\/1$/ }, do: { type: 'flip', offset: 500 } as const }];

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');
const actions = ({ rows }: MirrorReport): unknown => rows.map(({ image, action }) => [image, action]);

/** A job as it is in the queue, but for another Glance. */
function movedTo({ url }: Glance, text: string): object {
  const job = parseJob(JSON.parse(text));
  if (job.kind !== 'copy') throw new Error('not the job of a mirror');
  return formatJob({ ...job, endpoint: new URL(new URL(job.endpoint).pathname, url).href });
}

/** Everything in the place: complete images, what lies beside them, and the lists; none of it contains times of day. */
async function contentsOf(place: TestPlace): Promise<Readonly<Record<string, string>>> {
  const files = await place.files();
  return Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.toString('base64')]));
}

describe.each(['directory', 'bucket'] as const)('a fleet with a %s', (kind) => {
  it('reports, and leaves behind, the same as a mirror', async () => {
    const server = await glance(catalog);
    const fleet = new TestFleet(await makePlace(kind));
    await fleet.work(server);
    const report = await fleet.plan(server);
    const alone = new TestFleet(await makePlace(kind));
    expect(report).toEqual(await new Mirror(alone.connect(server), alone.place.name, {}).run());
    expect(await contentsOf(fleet.place)).toEqual(await contentsOf(alone.place));
    expect(fleet.ends().toSorted()).toEqual(['1 done', '2 done', '3 done']);
    expect(fleet.events.filter(({ event }) => event === 'done')).toHaveLength(3);
  });

  it('has nothing to do the second time, and plans again what was lost', async () => {
    const server = await glance(catalog);
    const fleet = new TestFleet(await makePlace(kind));
    await fleet.work(server);
    await fleet.plan(server);
    const planned = fleet.queue.texts.length;
    expect(actions(await fleet.plan(server))).toEqual([]);
    expect(fleet.queue.texts.length).toBe(planned);
    await fleet.place.remove('2/2.raw');
    // A directory still has the record of the image.
    expect(actions(await fleet.plan(server))).toEqual([['2', kind === 'directory' ? 'data' : 'new']]);
    expect((await fleet.place.files()).get('2/2.raw')?.equals(data[2])).toBe(true);
  });

  it('plans without waiting, and a second planner adds nothing', async () => {
    const server = await glance(catalog);
    const fleet = new TestFleet(await makePlace(kind));
    expect(actions(await fleet.plan(server, { detach: true }))).toHaveLength(3);
    await fleet.plan(server, { detach: true });
    expect(fleet.queue.added).toEqual([3, 0]);
    const waits = fleet.plan(server);
    await fleet.work(server);
    expect((await waits).counts).toMatchObject({ images: 3, fetched: 3, failed: 0 });
  });

  it('counts what is only later found to be missing', async () => {
    const server = await glance(catalog.slice(0, 2));
    const fleet = new TestFleet(await makePlace(kind));
    await fleet.work(server);
    await fleet.plan(server, { query: { name: 'image 2' } });
    fleet.queue.isPaused = true;
    const report = fleet.plan(server);
    await fleet.clock.waitForTimer(2000);
    await fleet.place.remove('2/2.raw');
    await fleet.queue.resume();
    await report;
    expect(fleet.events.at(-1)).toMatchObject({ event: 'fleet', images: 2, finished: 2, failed: 0 });
  });

  it('notices what workers did while nobody was waiting', async () => {
    const server = await glance(catalog);
    const fleet = new TestFleet(await makePlace(kind));
    await fleet.plan(server, { detach: true });
    const worker = await fleet.work(server, { jobs: 3 });
    await worker.drain(1);
    expect((await fleet.plan(server)).counts).toMatchObject({ images: 3, fetched: 0, same: 3 });
    expect(fleet.queue.added).toEqual([3]);
  });

  it('writes changed records itself, and removes what is no longer listed', async () => {
    const fleet = new TestFleet(await makePlace(kind));
    const first = await glance(catalog);
    const worker = await fleet.work(first);
    await fleet.plan(first);
    await worker.drain(1);
    const renamed = await glance([entry('1', data[1], { name: 'other' }), catalog[1] ?? entry('2', data[2])]);
    const report = await fleet.plan(renamed, { prune: true });
    expect(actions(report)).toEqual([
      ['1', 'record'],
      ['3', 'remove'],
    ]);
    const files = await fleet.place.files();
    expect(files.get('1/image.json')?.toString()).toContain('other');
    expect([...files.keys()].filter((name) => name.startsWith('3/'))).toEqual([]);
  });

  it('replaces data that has changed', async () => {
    const fleet = new TestFleet(await makePlace(kind));
    const first = await glance(catalog);
    const worker = await fleet.work(first);
    await fleet.plan(first);
    await worker.drain(1);
    const changed = await glance([entry('1', data[2]), ...catalog.slice(1)]);
    await fleet.work(changed);
    expect(actions(await fleet.plan(changed))).toEqual([['1', 'data']]);
    expect((await fleet.place.files()).get('1/1.raw')?.equals(data[2])).toBe(true);
  });

  it('fails once for an image whose data is wrong, and remembers it until its record changes', async () => {
    const server = await glance(catalog, wrong);
    const fleet = new TestFleet(await makePlace(kind));
    await fleet.work(server);
    const report = await fleet.plan(server);
    expect(report.rows[0]).toMatchObject({ action: 'failed', reason: expect.stringContaining('[integrity.digest]') });
    expect(report.counts).toMatchObject({ images: 3, fetched: 2, failed: 1 });
    expect(runFailure(report.counts)).toMatchObject({ code: 'partial' });
    const files = await fleet.place.files();
    expect(JSON.parse(files.get('1/failure.json')?.toString() ?? '')).toMatchObject({ code: 'integrity.digest' });
    expect([...files.keys()].filter((name) => /^1\/(?:1\.raw|image)/.test(name))).toEqual([]);
    expect((await fleet.plan(server)).rows).toMatchObject([{ image: '1', action: 'failed' }]);
    expect(fleet.ends().filter((end) => end === '1 failed')).toHaveLength(1);
    expect((await fleet.plan(server, { retryFailed: true })).counts).toMatchObject({ failed: 1 });
    expect(fleet.ends().filter((end) => end === '1 failed')).toHaveLength(2);
  });

  it('stops a job when its lease is lost, and another worker does it', async () => {
    const server = await glance(catalog.slice(0, 1));
    // Steps: leased, some progress, and renewals before room is made for the data and before the commit.
    for (let at = 0; at < 6; at++) {
      const fleet = new TestFleet(await makePlace(kind));
      let steps = 0;
      fleet.queue.onStep = () => {
        if (steps++ === at) fleet.queue.loseLeases();
      };
      await fleet.work(server, { jobs: 1 });
      const report = await fleet.plan(server);
      const seen = fleet.ends();
      expect(report.counts).toMatchObject({ fetched: 1, failed: 0 });
      expect(seen.at(-1)).toBe('1 done');
      if (steps > at && seen.length > 1) expect(seen[0]).toBe('1 lost');
      const files = await fleet.place.files();
      expect(files.get('1/1.raw')?.equals(data[1])).toBe(true);
      expect([...files.keys()].filter((name) => name.startsWith('1/')).toSorted()).toEqual([
        '1/1.raw',
        '1/digests.json',
        '1/image.json',
      ]);
    }
  });

  it('commits nothing once the lease is lost', async () => {
    const server = await glance(catalog.slice(0, 1));
    const fleet = new TestFleet(await makePlace(kind));
    let renewals = 0;
    fleet.queue.onStep = (step) => {
      if (step === 'renew' && ++renewals === 2) fleet.queue.lose();
    };
    await fleet.plan(server, { detach: true });
    const worker = await fleet.work(server);
    await worker.drain(1);
    expect(fleet.ends()).toEqual(['1 lost']);
    expect((await fleet.place.files()).has('1/image.json')).toBe(false);
  });

  it('finishes even without events, and even if the queue is lost', async () => {
    const server = await glance(catalog);
    const fleet = new TestFleet(await makePlace(kind));
    fleet.queue.isMute = true;
    fleet.queue.isPaused = true;
    await fleet.work(server);
    const report = fleet.plan(server);
    await fleet.clock.waitForTimer(2000);
    fleet.queue.lose();
    await fleet.queue.resume();
    fleet.clock.advance(2000);
    for (let left = 3; left > 0; left--) {
      const isOver = await Promise.race([report.then(() => true), fleet.clock.waitForTimer(2000).then(() => false)]);
      if (isOver) break;
      while (fleet.ends().length < 3) await new Promise((resolve) => setImmediate(resolve));
      fleet.clock.advance(2000);
    }
    expect((await report).counts).toMatchObject({ fetched: 3, failed: 0 });
    expect(fleet.queue.added).toEqual([3, 3]);
  });

  it('does not fetch an image that was replaced meanwhile', async () => {
    const fleet = new TestFleet(await makePlace(kind));
    await fleet.plan(await glance([entry('1', data[1])]), { detach: true });
    const changed = await glance([entry('1', data[2])]);
    const [text = ''] = fleet.queue.texts;
    fleet.queue.lose();
    fleet.queue.put('copy-1', movedTo(changed, text));
    const worker = await fleet.work(changed);
    await worker.drain(1);
    expect(fleet.ends()).toEqual(['1 superseded']);
    expect((await fleet.place.files()).has('1/1.raw')).toBe(false);
  });
});

describe('a worker', () => {
  it('hands back a job for another Glance, and says so', async () => {
    const [server, other] = [await glance(catalog.slice(0, 1)), await glance(catalog.slice(0, 1))];
    const fleet = new TestFleet(await makePlace('directory'));
    await fleet.plan(server, { detach: true });
    const worker = await fleet.work(other);
    await fleet.clock.waitForTimer(5000);
    const drained = worker.drain(0);
    await drained;
    expect(fleet.told.at(-1)).toMatchObject({ outcome: 'back', code: 'config.invalid' });
    expect(fleet.queue.outcomes).toEqual(['back']);
    expect(other.asked()).not.toContain('GET /v1/images/1');
    expect(await fleet.queue.counts()).toMatchObject({ waiting: 1, failed: 0 });
  });

  it.each([
    ['sees no mirror where there should be one', 'io.missing', {}],
    ['is refused by the Glance', 'auth.required', { token: 'wrong-token-of-a-worker' }],
  ])('that %s hands back', async (_title, code, connect) => {
    const denied =
      code === 'auth.required' ? [{ on: { path: /images\/1/ }, do: { type: 'status', status: 401 } as const }] : [];
    const [server, refusing] = [await glance(catalog.slice(0, 1)), await glance(catalog.slice(0, 1), denied)];
    const fleet = new TestFleet(await makePlace('directory'));
    await fleet.plan(server, { detach: true });
    if (code === 'io.missing') await rm(join(fleet.place.name, 'index.json'));
    const [text = ''] = fleet.queue.texts;
    fleet.queue.lose();
    const asked = code === 'io.missing' ? server : refusing;
    fleet.queue.put('copy-1', movedTo(asked, text));
    const worker = await fleet.work(asked, {}, connect);
    await fleet.clock.waitForTimer(5000);
    await worker.drain(0);
    expect(fleet.told.at(-1)).toMatchObject({ outcome: 'back', code });
    expect(await fleet.queue.counts()).toMatchObject({ waiting: 1, failed: 0 });
  });

  it('slows down the whole queue when a server is overloaded', async () => {
    const busy = {
      on: { path: /images\/1$/, times: 1 },
      do: { type: 'status', status: 429, headers: [['retry-after', '7']] } as const,
    };
    const server = await glance(catalog.slice(0, 1), [busy]);
    const fleet = new TestFleet(await makePlace('directory'));
    await fleet.work(server);
    expect((await fleet.plan(server)).counts).toMatchObject({ fetched: 1, failed: 0 });
    expect(fleet.queue.slowed).toEqual([7000]);
  });

  it('hands back its jobs when its drain time is up', async () => {
    const server = await glance(catalog.slice(0, 1), [
      { on: { path: /images\/1$/ }, do: { type: 'stall', afterBytes: 1000 } },
    ]);
    const fleet = new TestFleet(await makePlace('directory'));
    await fleet.plan(server, { detach: true });
    const worker = await fleet.work(server);
    await server.waitForStalls(1);
    expect(worker.active).toBe(1);
    await worker.drain(0);
    expect(fleet.ends()).toEqual(['1 back']);
    expect(await fleet.queue.counts()).toMatchObject({ waiting: 1, active: 0 });
  });
});

describe('a planner', () => {
  it('gives up if no worker appears for ten minutes, and says what is left', async () => {
    const fleet = new TestFleet(await makePlace('directory'));
    const report = codeOf(fleet.plan(await glance(catalog)));
    for (let minutes = 0; minutes < 10; minutes++) {
      await fleet.clock.waitForTimer(2000);
      fleet.clock.advance(60_000);
    }
    expect(await report).toBe('queue.unavailable');
  });

  it('waits five minutes for a queue that has disappeared', async () => {
    const server = await glance(catalog);
    const fleet = new TestFleet(await makePlace('directory'));
    const report = fleet.plan(server);
    await fleet.clock.waitForTimer(2000);
    fleet.queue.isGone = true;
    for (let minutes = 0; minutes < 4; minutes++) {
      fleet.clock.advance(60_000);
      await fleet.clock.waitForTimer(2000);
    }
    fleet.queue.isGone = false;
    await fleet.work(server);
    fleet.clock.advance(2000);
    expect((await report).counts).toMatchObject({ fetched: 3, failed: 0 });

    const again = codeOf(new TestFleet(await makePlace('directory')).plan(server, { query: { name: 'none' } }));
    expect(await again).toBe(null);
    const lonely = new TestFleet(await makePlace('directory'));
    const lost = codeOf(lonely.plan(server));
    await lonely.clock.waitForTimer(2000);
    lonely.queue.isGone = true;
    for (let minutes = 0; minutes < 6; minutes++) {
      lonely.clock.advance(60_000);
      await Promise.race([lost, lonely.clock.waitForTimer(2000)]);
    }
    expect(await lost).toBe('queue.unavailable');
  });

  it('fails images that workers call done but that the place lacks', async () => {
    const server = await glance(catalog.slice(0, 1));
    const fleet = new TestFleet(await makePlace('directory'));
    await fleet.pretend(() => Promise.resolve({ outcome: 'done', result: null }));
    const { rows, counts } = await fleet.plan(server);
    expect(rows).toMatchObject([{ action: 'failed', reason: expect.stringContaining('[place.unavailable]') }]);
    expect(counts).toMatchObject({ fetched: 0, failed: 1 });
    expect(fleet.queue.added).toEqual([1, 1, 1, 1]);
  });

  it('retries once a job that killed its worker, and then sets it aside', async () => {
    const server = await glance(catalog.slice(0, 1));
    const fleet = new TestFleet(await makePlace('directory'));
    fleet.queue.onStep = (step) => {
      if (step === 'leased') fleet.queue.fail('1', 'worker.died', '3 workers died while working on it');
    };
    await fleet.pretend(() => new Promise(() => undefined));
    await fleet.pretend(() => new Promise(() => undefined));
    const { rows } = await fleet.plan(server);
    expect(rows).toMatchObject([{ action: 'failed', reason: expect.stringContaining('[worker.died]') }]);
    expect(fleet.queue.added).toEqual([1, 1]);
  });

  it('lets workers take data from the stores that the plan prefers', async () => {
    const id = '11111111-2222-4333-8444-000000000001';
    const os = { os_hash_algo: 'md5', os_hash_value: md5(data[2]), os_hidden: false };
    const server = await glance([entry(id, data[2], os)], [], { versions: v2Versions });
    const fleet = new TestFleet(await makePlace('directory'));
    await fleet.work(server);
    expect((await fleet.plan(server, { preferStore: ['near', 'far'] })).counts).toMatchObject({
      fetched: 1,
      failed: 0,
    });
    expect(server.asked()).toContain(`GET /v2/images/${id}/file?prefer=near,far`);
    expect(await codeOf(fleet.plan(await glance(catalog), { preferStore: ['near'] }))).toBe('usage.unsupported');
  });

  it('does not mistake the failure of another record for one that it planned', async () => {
    const server = await glance(catalog.slice(0, 1));
    const fleet = new TestFleet(await makePlace('directory'));
    await fleet.plan(server, { detach: true });
    const job = parseJob(JSON.parse(fleet.queue.texts[0] ?? ''));
    fleet.queue.lose();
    const stale = { ...job, record: 'another' };
    fleet.queue.put(jobId(stale), formatJob(stale));
    fleet.queue.fail('1', 'http.404' as 'http.status', 'it was not there');
    await fleet.work(server);
    expect((await fleet.plan(server)).counts).toMatchObject({ fetched: 1, failed: 0 });
  });

  it('refuses to remove more than half before it waits for anything', async () => {
    const fleet = new TestFleet(await makePlace('directory'));
    const first = await glance(catalog);
    await fleet.work(first);
    await fleet.plan(first);
    const few = await glance(catalog.slice(0, 1));
    expect(await codeOf(fleet.plan(few, { prune: true }))).toBe('usage.option');
    expect((await fleet.place.files()).has('3/image.json')).toBe(true);
  });
});
