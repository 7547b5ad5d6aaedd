// Several images with the library only, without a command.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectOptions } from '../../../../src/client/connect-options.ts';
import { bareSystem } from '../../../../src/client/system.ts';
import { GlanceClient, GlanceError, type ProgressEvent } from '../../../../src/index.ts';
import type { Fault, FaultAction } from '../../../support/faults.ts';
import { glance } from '../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../support/images.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { rawServer } from '../../../support/servers/raw-server.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const data = makeBytes(200_000);
const catalog = ['a', 'b', 'c', 'd'].map((id) => makeEntry(data, { id, name: id, disk_format: 'qcow2' }));

const fault = (id: string, action: FaultAction, times = Infinity): Fault => ({
  on: { method: 'GET', path: new RegExp(`/images/${id}$`), times },
  do: action,
});

/** A server with these faults, a client of it, and a directory that does not exist yet. */
async function open(faults: readonly Fault[] = [], options: Partial<ConnectOptions> = {}, images = catalog) {
  const server = await glance(images, faults);
  const client = await GlanceClient.connect({ endpoint: server.url, retries: 0, ...options });
  onTestFinished(() => client.close());
  const directory = join(await tempDir(), 'images');
  const events: ProgressEvent[] = [];
  const onEvent = (event: ProgressEvent): unknown => events.push(event);
  return { server, client, directory, events, onEvent };
}

const reasonOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => null,
    (error: unknown) => error,
  );

/** Some turns of the event loop, in which what a server in this process has sent is read. */
async function letArrive(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
}

describe('several images of a program', () => {
  it('are saved under their names, with a record of each in the given order', async () => {
    const { client, directory, events, onEvent } = await open();
    const { records, failures } = await client.downloadSeveral(['c', await client.find('a')], directory, { onEvent });
    expect(failures).toEqual([]);
    expect(records).toMatchObject([
      { outcome: 'downloaded', image: 'c', name: 'c', path: join(directory, 'c.qcow2'), bytes: 200_000 },
      { outcome: 'downloaded', image: 'a', name: 'a', path: join(directory, 'a.qcow2'), verified_by: 'md5' },
    ]);
    expect((await readdir(directory)).toSorted()).toEqual(['a.qcow2', 'c.qcow2']);
    expect((await readFile(join(directory, 'a.qcow2'))).equals(data)).toBe(true);
    for (const image of ['a', 'c']) {
      const own = events.filter((event) => event.image === image).map(({ event }) => event);
      expect([own[0], own.at(-1)]).toEqual(['start', 'done']);
    }
    expect(events.filter(({ image }) => image === undefined)).toEqual([]);
    const again = await client.downloadSeveral(['a', 'c'], directory);
    expect(again.records.map(({ outcome }) => outcome)).toEqual(['current', 'current']);
  });

  it.each<[string, FaultAction, string, readonly string[]]>([
    ['wrong by a bit', { type: 'flip', offset: 9 }, 'integrity.digest', []],
    [
      'broken off',
      { type: 'cut', afterBytes: 100_000 },
      'http.truncated',
      ['.b.qcow2.KEY.part', '.b.qcow2.KEY.part.json'],
    ],
    ['refused', { type: 'status', status: 403 }, 'auth.forbidden', []],
    ['gone', { type: 'status', status: 404 }, 'image.no_data', []],
    ['unavailable at the moment', { type: 'status', status: 503 }, 'http.503', []],
    ['a web page', { type: 'html' }, 'http.not_image', []],
  ])('of which one is %s all arrive anyway, and it is reported as %j: %s', async (_, action, code, kept) => {
    const { client, directory, events, onEvent } = await open([fault('b', action)]);
    const { records, failures } = await client.downloadSeveral(['a', 'b', 'c'], directory, { onEvent });
    expect(records.map(({ outcome }) => outcome)).toEqual(['downloaded', 'failed', 'downloaded']);
    expect(failures).toMatchObject([{ image: 'b', error: { code } }]);
    expect(failures[0]?.error).toBeInstanceOf(GlanceError);
    expect(records[1]).toMatchObject({ image: 'b', path: null, error: { code, message: failures[0]?.error.message } });
    expect(events.filter(({ event, image }) => event === 'failed' && image === 'b')).toHaveLength(1);
    const names = (await readdir(directory)).map((name) => name.replace(/[0-9a-f]{12}/, 'KEY')).toSorted();
    expect(names).toEqual([...kept, 'a.qcow2', 'c.qcow2']);
  });

  it('are saved even if one of them is missing, or its target is in the way', async () => {
    const { client, events, onEvent } = await open();
    const directory = await tempDir();
    await writeFile(join(directory, 'b.qcow2'), 'mine');
    const { records, failures } = await client.downloadSeveral(['nobody', 'a', 'b'], directory, { onEvent });
    expect(records.map(({ outcome }) => outcome)).toEqual(['failed', 'downloaded', 'failed']);
    expect(failures.map(({ image, error }) => `${image} ${error.code}`).toSorted()).toEqual([
      'b io.exists',
      'nobody image.not_found',
    ]);
    expect(events.filter(({ image }) => image === 'nobody')).toMatchObject([{ event: 'failed', bytes: 0, kept: null }]);
    expect(await readFile(join(directory, 'b.qcow2'), 'utf8')).toBe('mine');
    const forced = await client.downloadSeveral(['b'], directory, { force: true });
    expect(forced.records).toMatchObject([{ outcome: 'downloaded' }]);
  });

  it('never share a path, and one that is given twice counts once', async () => {
    const twins = ['1', '2'].map((id) => makeEntry(data, { id, name: 'same', disk_format: 'raw' }));
    const { server, client, directory } = await open([], {}, twins);
    const first = await client.find('1');
    const { records, failures } = await client.downloadSeveral(['1', first, '2', '1'], directory);
    expect(records.map(({ image, outcome }) => `${image} ${outcome}`)).toEqual(['1 downloaded', '2 downloaded']);
    expect(failures).toEqual([]);
    expect(await readdir(directory)).toEqual(['same-1.raw', 'same-2.raw']);
    expect(server.asked().filter((request) => /^GET .*\/images\/\d$/.test(request))).toHaveLength(2);
  });

  it('use the newest of those with one name on request', async () => {
    const times = ['2026-01-01T00:00:00', '2026-02-01T00:00:00'];
    const images = times.map((created_at, index) => makeEntry(data, { id: String(index), name: 'same', created_at }));
    const { client, directory } = await open([], {}, images);
    const { failures } = await client.downloadSeveral(['same'], directory);
    expect(failures).toMatchObject([{ error: { code: 'image.ambiguous' } }]);
    expect((await client.downloadSeveral(['same'], directory, { latest: true })).records).toMatchObject([
      { image: '1' },
    ]);
  });

  it('are all settled when a signal stops them, and the next call resumes them', async () => {
    const stall = { type: 'stall', afterBytes: 100_000 } as const;
    const { server, client, directory, events, onEvent } = await open([fault('a', stall, 1), fault('b', stall, 1)]);
    const controller = new AbortController();
    const { signal } = controller;
    const work = reasonOf(client.downloadSeveral(['a', 'b', 'c'], directory, { signal, onEvent }));
    await server.waitForStalls(2);
    await letArrive();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await work).toBe(reason);
    const kept = events.flatMap((event) => (event.event === 'failed' && event.kept !== null ? [event.image] : []));
    expect([kept.length, new Set(kept)]).toEqual([2, new Set(['a', 'b'])]);
    expect(server.asked()).not.toContain('GET /v1/images/c');
    expect(await readdir(directory)).toHaveLength(4);
    const { records } = await client.downloadSeveral(['a', 'b', 'c'], directory);
    expect(records.map(({ resumed_from: from }) => from > 0)).toEqual([true, true, false]);
    expect(await readdir(directory)).toHaveLength(3);
  });

  it("report that something was kept when they stop with the client's connection", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const stalled = fault('a', { type: 'stall', afterBytes: 100_000 });
    const { server, client, directory } = await open([stalled], { signal });
    const work = reasonOf(client.downloadSeveral(['a', 'b'], directory));
    await server.stalled;
    await letArrive();
    controller.abort(new Error('enough'));
    expect(await work).toMatchObject({ code: 'interrupted', cause: { message: 'enough' } });
  });

  it('are fetched fewer at once for the rest of the call after a 429', async () => {
    const tooMany = { type: 'status', status: 429, headers: [['Retry-After', '0']] } as const;
    const stall = { type: 'stall', afterBytes: 10 } as const;
    const faults = [fault('a', tooMany, 1), fault('c', stall), fault('d', stall)];
    const { server, client, directory } = await open(faults, { retries: 5 });
    const controller = new AbortController();
    const { signal } = controller;
    const work = reasonOf(client.downloadSeveral(['a', 'b', 'c', 'd'], directory, { jobs: 2, signal }));
    await server.stalled;
    // Long enough for another request, if there were going to be one.
    await client.find('b');
    controller.abort();
    expect(await work).toBe(signal.reason);
    expect(server.asked().filter((request) => /^GET .*\/images\/[cd]$/.test(request))).toHaveLength(1);
  });

  it('fail when the time is up, except those that are complete', async () => {
    const clock = new ManualClock();
    const system = { ...bareSystem(), clock };
    const { server, client, directory } = await open([fault('b', { type: 'stall', afterBytes: 10 })], { system });
    const work = client.downloadSeveral(['a', 'b', 'c'], directory, { jobs: 1, maxTimeMs: 5000 });
    await server.stalled;
    clock.advance(5000);
    const { records, failures } = await work;
    expect(records.map(({ outcome }) => outcome)).toEqual(['downloaded', 'failed', 'failed']);
    expect(failures.map(({ error }) => error.code)).toEqual(['net.timeout.total', 'net.timeout.total']);
    expect(failures[0]?.error.message).toBe('not done within the 5 s that maxTimeMs allows');
  });

  it('stop at the time limit even if Glance has not answered yet', async () => {
    const ofAnother = await (await open()).client.find('a');
    const clock = new ManualClock();
    const silent = await rawServer(() => undefined);
    const { client, directory } = await open([], { endpoint: silent.url, system: { ...bareSystem(), clock } });
    const work = reasonOf(client.downloadSeveral([ofAnother], directory, { maxTimeMs: 5000 }));
    await clock.waitForTimer(5000);
    clock.advance(5000);
    expect(await work).toMatchObject({ code: 'net.timeout.total' });
  });

  it('fail for a wrong call, whatever Glance answers', async () => {
    const ofAnother = await (await open()).client.find('a');
    const { client, directory } = await open([], { endpoint: new URL('http://127.0.0.1:1') });
    const work = reasonOf(client.downloadSeveral([ofAnother], `${directory}/{nothing}`, { template: true }));
    expect(await work).toMatchObject({ code: 'usage.option' });
    await letArrive();
  });

  it.each([{ jobs: 0 }, { jobs: 1.5 }, { jobs: Number.NaN }, { connections: -1 }])(
    'are not started with %j',
    async (options) => {
      const { server, client, directory } = await open();
      const before = server.asked().length;
      const error = await reasonOf(client.downloadSeveral(['a'], directory, options));
      expect([error instanceof GlanceError && error.code, server.asked().length]).toEqual(['usage.option', before]);
    },
  );
});

it('one image of a program stops at its time limit', async () => {
  const clock = new ManualClock();
  const system = { ...bareSystem(), clock };
  const { server, client } = await open([fault('a', { type: 'stall', afterBytes: 10 })], { system });
  const work = reasonOf(client.download('a', join(await tempDir(), 'a'), { maxTimeMs: 2000 }));
  await server.stalled;
  clock.advance(2000);
  expect(await work).toMatchObject({ code: 'net.timeout.total' });
});
