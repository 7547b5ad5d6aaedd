// What commands print with --progress json: the library's events as they are, each once, and what is no event as messages.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { Interrupted } from '../../../src/cli/runtime.ts';
import { GlanceError } from '../../../src/errors.ts';
import * as bullQueue from '../../../src/queue/bullmq/bull-queue.ts';
import type { Fault } from '../../support/faults.ts';
import { QueueDouble } from '../../support/fleet/queue.ts';
import { glance } from '../../support/glance.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { replaceExports } from '../../support/replace-exports.ts';
import { type CliResult, runCli } from '../../support/run-cli.ts';
import { startS3 } from '../../support/s3/double.ts';
import { expectEachValid } from '../../support/schemas/schemas.ts';
import { jsonServer, versionList } from '../../support/servers/json-server.ts';
import { tempDir } from '../../support/temp-dir.ts';

let shared = new QueueDouble();
replaceExports(bullQueue, { openBullQueue: () => Promise.resolve(shared) });

const catalog = ['1', '2'].map((id) => makeEntry(makeBytes(5000), { id, name: `image ${id}`, disk_format: 'raw' }));
const json = ['--progress', 'json'];
const toQueue = ['--queue', 'redis://queue.example'];

type Event = Readonly<Record<string, unknown>>;

/** The events on stderr, without the error of the run, each checked against the schema. */
function eventsOf({ stderr }: CliResult): readonly Event[] {
  const lines = stderr.trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as Event).filter(({ event }) => event !== undefined);
  expectEachValid('progress-event', events);
  return events;
}

/** Those with one of these names, without their times. */
function only(events: readonly Event[], ...names: readonly string[]): readonly Event[] {
  return events.flatMap(({ time: _time, ...event }) => (names.includes(String(event['event'])) ? [event] : []));
}

/** What is not an event of the library. */
const messagesOf = (events: readonly Event[]): readonly unknown[] =>
  only(events, 'error', 'warning', 'note').map(({ event, message }) => `${String(event)}: ${String(message)}`);

describe('mirror --progress json', () => {
  it('plans each image before the first one starts, and names images by their ids', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const events = eventsOf(await server.cli(['mirror', 'm', ...json], { cwd }));
    const images = ['1', '2'];
    expect(events.slice(0, 2)).toMatchObject(
      images.map((image) => ({ event: 'plan', image, name: `image ${image}`, bytes: 5000 })),
    );
    for (const name of ['start', 'verify', 'sync', 'done']) {
      expect([
        name,
        only(events, name)
          .map(({ image }) => String(image))
          .toSorted(),
      ]).toEqual([name, images]);
    }
    expect(only(events, 'total').at(-1)).toMatchObject({ images: 2, finished: 2, bytes: 10_000, total: 10_000 });
    expect(messagesOf(events)).toEqual(['note: 2 fetched, 0 records updated, 0 unchanged, 0 gone, 0 failed']);
    const again = eventsOf(await server.cli(['mirror', 'm', ...json], { cwd }));
    expect(again.map(({ event }) => event)).toEqual(['note']);
  });

  it('with --prune tells what it removes, even with --quiet', async () => {
    const cwd = await tempDir();
    await (await glance(catalog)).cli(['mirror', 'm'], { cwd });
    const server = await glance(catalog.slice(1));
    const quiet = eventsOf(await server.cli(['mirror', 'm', '--prune', '--quiet', ...json], { cwd }));
    expect(only(quiet, 'remove')).toEqual([{ event: 'remove', image: '1' }]);
    expect(quiet).toHaveLength(1);
  });

  it('tells which records it cannot read', async () => {
    const images = [{ id: '7', name: 'odd', size: -1 }];
    const server = await jsonServer(({ pathname, searchParams }) =>
      pathname === '/' ? versionList('v2.9') : { body: { images: searchParams.has('marker') ? [] : images } },
    );
    const result = await runCli(['--endpoint', server.url.href, 'mirror', await tempDir(), ...json]);
    expect(result.code).toBe(9);
    const events = eventsOf(result);
    expect(only(events, 'unread')).toEqual([
      { event: 'unread', image: '7', message: expect.stringContaining('is malformed: size is') as unknown },
    ]);
    expect(messagesOf(events)).toEqual([expect.stringMatching(/^note: 0 fetched, .* 1 failed$/)]);
  });

  it('with --watch tells of trouble, and that it is over', async () => {
    const down: Fault = { on: { path: /detail/, after: 2, times: 4 }, do: { type: 'status', status: 503 } };
    const [cwd, server, controller] = [await tempDir(), await glance(catalog, [down]), new AbortController()];
    const pauseMs = 7777;
    let rounds = 0;
    const clock: Clock = {
      ...systemClock,
      startTimer(delayMs, onTime) {
        if (delayMs !== pauseMs) return systemClock.startTimer(delayMs, onTime);
        if (++rounds === 9) controller.abort(new Interrupted('SIGINT'));
        const immediate = setImmediate(onTime);
        return () => clearImmediate(immediate);
      },
    };
    const argv = ['mirror', 'm', '--watch', String(pauseMs / 1000), '--retries', '0', ...json];
    const result = await server.cli(argv, { cwd, clock, signal: controller.signal });
    expect([result.code, result.error()['code']]).toEqual([130, 'interrupted']);
    const events = eventsOf(result);
    expect(only(events, 'trouble', 'recovered')).toEqual([
      { event: 'trouble', code: 'http.503', message: expect.stringContaining('503') as unknown },
      { event: 'recovered' },
    ]);
    expect(messagesOf(events)).toEqual(['note: 2 fetched, 0 records updated, 0 unchanged, 0 gone, 0 failed']);
  });
});

describe('verify --progress json of a mirror', () => {
  it('tells how much there is to compare, and how far it is', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    await server.cli(['mirror', 'm'], { cwd });
    const events = eventsOf(await runCli(['verify', 'm', ...json], { cwd }));
    expect(only(events, 'start')).toEqual([{ event: 'start', name: '2 images', total: 10_000, kept: 0, images: 2 }]);
    expect(only(events, 'progress').at(-1)).toEqual({ event: 'progress', bytes: 10_000, total: 10_000 });
    expect(messagesOf(events)).toEqual(['note: 2 images good, 0 findings']);
  });

  it('does not repeat in words how much it reads from a bucket', async () => {
    const [server, { env }] = [await glance(catalog), await startS3()];
    await server.cli(['mirror', 's3://images/prod'], { env });
    const events = eventsOf(await runCli(['verify', 's3://images/prod', ...json], { env }));
    expect(only(events, 'start')).toMatchObject([{ total: 10_000, images: 2 }]);
    expect(messagesOf(events)).toEqual(['note: 2 images good, 0 findings']);
  });

  it('tells that no mirror wrote the index', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'index.json'), '{}');
    const result = await runCli(['verify', '.', ...json], { cwd });
    expect(result.code).toBe(6);
    const events = eventsOf(result);
    expect(only(events, 'forged')).toEqual([
      { event: 'forged', message: expect.stringContaining('index.json') as unknown },
    ]);
    expect(messagesOf(events)).toEqual(['note: 0 images good, 1 finding']);
  });
});

describe('with a queue', () => {
  it('mirror and worker tell what each of them does', async () => {
    const busy: Fault = { on: { method: 'GET', path: /images\/1$/, times: 1 }, do: { type: 'status', status: 503 } };
    const [cwd, queue, server] = [await tempDir(), new QueueDouble(), await glance(catalog, [busy])];
    shared = queue;
    const place = join(cwd, 'm');
    const planner = server.cli(['mirror', place, ...toQueue, ...json], { cwd });
    while (queue.texts.length < 2) await new Promise((resolve) => setImmediate(resolve));
    queue.onStep = (step) => {
      if (step === 'leased') queue.trouble(new GlanceError('queue.unavailable', 'it cannot be reached'));
    };
    const argv = ['worker', '--until-empty', '--name', 'one', ...toQueue, ...json];
    const worked = eventsOf(await server.cli(argv, { cwd }));
    const planned = eventsOf(await planner);

    expect(only(planned, 'plan').map(({ image }) => image)).toEqual(['1', '2']);
    expect(
      only(planned, 'start', 'done')
        .map(({ image }) => String(image))
        .toSorted(),
    ).toEqual(['1', '1', '2', '2']);
    expect(only(planned, 'done')[0]).toMatchObject({ bytes: 5000, worker: 'one' });
    expect(only(planned, 'fleet').at(-1)).toMatchObject({ images: 2, finished: 2, total: 10_000 });
    expect(messagesOf(planned)).toEqual(['note: 2 fetched, 0 records updated, 0 unchanged, 0 gone, 0 failed']);

    const ofFirst = worked.filter(({ image }) => image === '1');
    const [begun, ended] = [only(ofFirst, 'job')[0], only(ofFirst, 'job_end')[0]];
    const job = begun?.['job'];
    expect(begun).toEqual({ event: 'job', job, kind: 'copy', image: '1', name: 'image 1', place });
    expect(ended).toMatchObject({ job, outcome: 'done', bytes: 5000, code: null, message: null });
    expect(String(ended?.['seconds'])).toMatch(/^\d+(\.\d{1,3})?$/);
    const received = only(worked, 'job_progress').filter((event) => event['job'] === job);
    expect(received.reduce((sum, { bytes }) => sum + Number(bytes), 0)).toBe(5000);
    expect(only(worked, 'job_retry')).toEqual([{ event: 'job_retry', job, kind: 'copy', code: 'http.503' }]);
    expect(only(worked, 'drain', 'trouble')).toEqual([
      { event: 'trouble', code: 'queue.unavailable', message: 'it cannot be reached' },
      { event: 'drain', jobs: 0 },
    ]);
    expect(messagesOf(worked)).toEqual([`note: taking images from ${queue.name}`]);
  });

  it('a worker with --quiet tells only of problems', async () => {
    const damaged = makeEntry('data', { id: '3', name: 'image 3', checksum: '0'.repeat(32) });
    const [cwd, queue, server] = [await tempDir(), new QueueDouble(), await glance([...catalog, damaged])];
    shared = queue;
    await server.cli(['mirror', join(cwd, 'm'), '--detach', ...toQueue], { cwd });
    const argv = ['worker', '--until-empty', '--quiet', ...toQueue, ...json];
    const events = eventsOf(await server.cli(argv, { cwd }));
    expect(events).toMatchObject([{ event: 'job_end', image: '3', outcome: 'failed', code: 'integrity.digest' }]);
  });

  it('verify tells how much there is, how far the workers are, and which images they could not compare', async () => {
    const [cwd, queue, server] = [await tempDir(), new QueueDouble(), await glance(catalog)];
    await server.cli(['mirror', 'm'], { cwd });
    shared = queue;
    const verifying = runCli(['verify', 'm', ...toQueue, ...json], { cwd });
    while (queue.texts.length < 2) await new Promise((resolve) => setImmediate(resolve));
    queue.fail('1', 'place.unavailable', 'the disk is on fire');
    const worker = server.cli(['worker', '--until-empty', ...toQueue, ...json], { cwd });
    const result = await verifying;
    expect([result.code, result.error()['code']]).toEqual([8, 'io.error']);
    const events = eventsOf(result);
    expect(only(events, 'start').filter(({ images }) => images !== undefined)).toMatchObject([
      { name: '2 images', total: 10_000, images: 2 },
    ]);
    expect(only(events, 'uncompared')).toEqual([
      { event: 'uncompared', path: '1/1.raw', code: 'place.unavailable', message: 'the disk is on fire' },
    ]);
    expect(only(events, 'fleet').at(-1)).toMatchObject({ images: 2, finished: 1, failed: 1 });
    expect(messagesOf(events)).toEqual([expect.stringMatching(/^note: 1 image good, .*1 .*/)]);
    expect(only(eventsOf(await worker), 'job_end')).toMatchObject([{ kind: 'verify', image: '2', outcome: 'done' }]);
    expect(await readFile(join(cwd, 'm/index.json'), 'utf8')).toContain('"id":"1"');
  });
});
