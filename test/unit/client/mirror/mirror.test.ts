// Mirrors, with the library only.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import { systemOf } from '../../../../src/client/system.ts';
import {
  GlanceClient,
  type MirrorEvent,
  type MirrorReport,
  type VerifyEvent,
  verifyMirror,
} from '../../../../src/index.ts';
import type { CatalogImage } from '../../../../src/server/images/catalog.ts';
import { codeOf } from '../../../support/code-of.ts';
import type { Fault } from '../../../support/faults.ts';
import { glance } from '../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../support/images.ts';
import { eagerClock } from '../../../support/run-cli.ts';
import { expectEachValid } from '../../../support/schemas/schemas.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const entry = (id: string, data: Buffer | string, more: object = {}): CatalogImage =>
  makeEntry(data, { id, name: `image ${id}`, disk_format: 'raw', ...more });
const [large, small] = [makeBytes(300_000), Buffer.alloc(5000, 2)];
const catalog = [entry('1', large), entry('2', small), entry('3', Buffer.alloc(70_000, 3))];

/** A server with these images and these faults, and a client of it that does not wait. */
async function open(images: readonly CatalogImage[] = catalog, faults: readonly Fault[] = []) {
  const server = await glance(images, faults);
  const system = { ...systemOf(process), env: {}, clock: eagerClock };
  const client = await GlanceClient.connect({ endpoint: server.url, system, retries: 1 });
  onTestFinished(() => client.close());
  return { server, client };
}

const actions = ({ rows }: MirrorReport): unknown => rows.map(({ image, action }) => [image, action]);

describe("a client's mirror", () => {
  it('is planned without writing anything, then made, then found unchanged', async () => {
    const [{ server, client }, directory] = [await open(), join(await tempDir(), 'm')];
    const mirror = client.mirror(directory);
    const plan = await mirror.plan();
    expect(actions(plan)).toEqual([
      ['1', 'new'],
      ['2', 'new'],
      ['3', 'new'],
    ]);
    expect(plan.counts).toEqual({ images: 3, fetched: 3, found: 0, renewed: 0, same: 0, gone: 0, failed: 0 });
    expect(await readdir(join(directory, '..'))).toEqual([]);
    expect(await mirror.run()).toEqual(plan);
    expect((await readFile(join(directory, '1/1.raw'))).equals(large)).toBe(true);
    const asked = server.asked().length;
    expect(await mirror.run()).toEqual({ rows: [], counts: { ...plan.counts, fetched: 0, same: 3 } });
    const requests = server.asked().slice(asked);
    expect(requests.filter((request) => !request.startsWith('GET /v1/images/detail?'))).toEqual([]);
  });

  it('includes only the images of its query', async () => {
    const { client } = await open();
    const report = await client.mirror(await tempDir(), { query: { sizeMin: 60_000 } }).run();
    expect(actions(report)).toEqual([
      ['1', 'new'],
      ['3', 'new'],
    ]);
  });

  it('contains the others if one image is unavailable, and fetches that one the next time', async () => {
    const fault: Fault = { on: { path: /images\/2$/, times: 1 }, do: { type: 'status', status: 403 } };
    const [{ client }, directory] = [await open(catalog, [fault]), await tempDir()];
    const mirror = client.mirror(directory);
    const report = await mirror.run();
    expect(actions(report)).toEqual([
      ['1', 'new'],
      ['2', 'failed'],
      ['3', 'new'],
    ]);
    expect(report.rows[1]).toMatchObject({
      path: null,
      bytes: 5000,
      reason: expect.stringMatching(/\[auth\.forbidden\]$/) as string,
    });
    expect(report.counts).toMatchObject({ images: 3, fetched: 2, failed: 1 });
    expect(actions(await mirror.run())).toEqual([['2', 'new']]);
  });

  it('recovers from a break, and reports the progress of each image', async () => {
    const fault: Fault = { on: { path: /images\/1$/, times: 1 }, do: { type: 'reset', afterBytes: 100_000 } };
    const [{ client }, events] = [await open(catalog, [fault]), [] as MirrorEvent[]];
    const directory = await tempDir();
    const report = await client.mirror(directory, { onEvent: (event) => events.push(event) }).run();
    expect(report.counts).toMatchObject({ fetched: 3, failed: 0 });
    expect((await readFile(join(directory, '1/1.raw'))).equals(large)).toBe(true);
    expect(events.slice(0, 3)).toMatchObject([
      { event: 'plan', image: '1', name: 'image 1', bytes: 300_000 },
      { event: 'plan', image: '2' },
      { event: 'plan', image: '3' },
    ]);
    const ofFirst = events.filter((event) => 'image' in event && event.image === '1').map(({ event }) => event);
    expect([ofFirst[1], ofFirst.at(-1), ofFirst.includes('retry')]).toEqual(['start', 'done', true]);
    expectEachValid('progress-event', events);
  });

  it('reports once that an image failed, before or after its data began to arrive', async () => {
    const refused: Fault = { on: { path: /images\/2$/ }, do: { type: 'status', status: 403 } };
    const [{ client }, events] = [
      await open([entry('1', large, { checksum: '0'.repeat(32) }), entry('2', small)], [refused]),
      [] as MirrorEvent[],
    ];
    const report = await client.mirror(await tempDir(), { jobs: 1, onEvent: (event) => events.push(event) }).run();
    expect(report.counts).toMatchObject({ fetched: 0, failed: 2 });
    expect(events.filter(({ event }) => event === 'failed')).toMatchObject([
      { image: '1', bytes: 300_000 },
      { image: '2', bytes: 0, kept: null },
    ]);
  });

  it('is compared to its end, and all that was read is reported, even if something is missing', async () => {
    const [{ client }, directory, events] = [await open(), await tempDir(), [] as VerifyEvent[]];
    await client.mirror(directory).run();
    await rm(join(directory, '3/3.raw'));
    const found: string[] = [];
    const verdicts = verifyMirror(directory, { jobs: 1, onEvent: (event) => events.push(event) });
    for await (const { status } of verdicts) found.push(status);
    expect(found).toEqual(['ok', 'ok', 'missing']);
    expect(events.at(-1)).toMatchObject({ event: 'progress', bytes: 305_000, total: 375_000 });
  });

  it('stops at the first failure if told to, with its code', async () => {
    const fault: Fault = { on: { path: /images\/2$/ }, do: { type: 'status', status: 403 } };
    const { client } = await open(catalog, [fault]);
    const mirror = client.mirror(await tempDir(), { failFast: true, jobs: 1 });
    expect(await codeOf(mirror.run())).toBe('auth.forbidden');
    expect(actions(await mirror.plan())).toEqual([
      ['2', 'new'],
      ['3', 'new'],
    ]);
  });

  it('refuses what is unsafe, remembers it, and accepts it where that is allowed', async () => {
    const evil = writeQcow2({ size: 1_048_576, pieces: [] }, { backingFile: '/etc/passwd' });
    const images = [entry('2', small), entry('6', evil, { disk_format: 'qcow2' })];
    const [{ server, client }, directory] = [await open(images), await tempDir()];
    const safe = client.mirror(directory, { requireSafe: true });
    const refused = await safe.run();
    expect(actions(refused)).toEqual([
      ['2', 'new'],
      ['6', 'failed'],
    ]);
    expect([refused.rows[1]?.reason, await readdir(join(directory, '6'))]).toEqual([
      expect.stringMatching(/\[unsafe\.image\]$/),
      ['failure.json'],
    ]);
    const asked = server.asked().length;
    expect((await safe.run()).rows).toMatchObject([
      { image: '6', reason: expect.stringMatching(/^as before: /) as string },
    ]);
    expect(
      server
        .asked()
        .slice(asked)
        .filter((request) => request.endsWith('/images/6')),
    ).toEqual([]);
    expect(actions(await client.mirror(directory).run())).toEqual([['6', 'new']]);
  });

  it('stops with the reason of a signal, and resumes what was in progress', async () => {
    const fault: Fault = { on: { path: /images\/1$/, times: 1 }, do: { type: 'stall', afterBytes: 200_000 } };
    const [{ client }, directory] = [await open(catalog, [fault]), await tempDir()];
    const [stop, reason] = [new AbortController(), new Error('enough')];
    const stopAtProgress = (event: MirrorEvent): void => {
      if (event.event === 'progress' && event.bytes > 0) stop.abort(reason);
    };
    const interrupted = client.mirror(directory, { jobs: 1, signal: stop.signal, onEvent: stopAtProgress });
    expect(await codeOf(interrupted.run())).toBe(reason);
    const starts: number[] = [];
    const onEvent = (event: MirrorEvent): void => {
      if (event.event === 'start' && event.image === '1') starts.push(event.kept);
    };
    const report = await client.mirror(directory, { onEvent }).run();
    expect([report.counts.fetched, report.counts.failed]).toEqual([3, 0]);
    expect((await readFile(join(directory, '1/1.raw'))).equals(large)).toBe(true);
    expect(starts).toHaveLength(1);
    expect(starts[0]).toBeGreaterThan(0);
  });

  it('removes nothing, or what is gone, but never more than half unless forced', async () => {
    const directory = await tempDir();
    await (await open()).client.mirror(directory).run();
    const { client } = await open(catalog.slice(2));
    expect(await client.mirror(directory).run()).toMatchObject({ rows: [], counts: { gone: 2, same: 1 } });
    const events: string[] = [];
    const onEvent = ({ event }: MirrorEvent): unknown => events.push(event);
    expect(await codeOf(client.mirror(directory, { prune: true, onEvent }).run())).toBe('usage.option');
    expect([events, (await readdir(directory)).includes('1')]).toEqual([[], true]);
    const forced = client.mirror(directory, { prune: true, force: true, onEvent });
    const plan = await forced.plan();
    expect(actions(plan)).toEqual([
      ['1', 'remove'],
      ['2', 'remove'],
    ]);
    expect(await forced.run()).toEqual(plan);
    expect(events).toEqual(['remove', 'remove']);
    expect((await readdir(directory)).toSorted()).toEqual(['3', 'MD5SUMS', 'SHA512SUMS', 'index.json']);
  });

  it('has rows that match the schema of the JSON output, whatever they report', async () => {
    const directory = await tempDir();
    await (await open()).client.mirror(directory).run();
    const changed = [
      entry('1', makeBytes(9000)),
      entry('2', small, { name: 'renamed' }),
      entry('4', ''),
      entry('5', 'x', { status: 'queued' }),
    ];
    const mirror = (await open(changed)).client.mirror(directory, { prune: true });
    const { rows } = await mirror.plan();
    expect(rows.map(({ action }) => action)).toEqual(['data', 'new', 'failed', 'record', 'remove']);
    expectEachValid('mirror-report', rows);
    expectEachValid('mirror-report', (await mirror.run()).rows);
  });

  it('can be watched: each round is reported, and trouble whenever it changes', async () => {
    const down: Fault = { on: { path: /detail/, after: 1, times: 4 }, do: { type: 'status', status: 503 } };
    const { client } = await open(catalog, [down]);
    const [events, rounds, stop] = [[] as unknown[], [] as number[], new AbortController()];
    const onEvent = (event: MirrorEvent): void => {
      if (event.event === 'trouble') events.push([event.event, event.code]);
      else if (event.event === 'recovered') events.push(event.event);
    };
    const mirror = client.mirror(await tempDir(), { onEvent, signal: stop.signal });
    const watching = mirror.watch(0, ({ counts }) => {
      rounds.push(counts.fetched);
      if (rounds.length === 3) stop.abort(new Error('enough'));
    });
    await expect(watching).rejects.toThrow('enough');
    expect([rounds, events]).toEqual([
      [3, 0, 0],
      [['trouble', 'http.503'], 'recovered'],
    ]);
  });
});
