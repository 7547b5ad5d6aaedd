import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Connection } from '../../../../../src/client/connection.ts';
import { FleetWorker } from '../../../../../src/client/fleet/worker/worker.ts';
import { Interrupted } from '../../../../../src/cli/runtime.ts';
import { systemOf } from '../../../../../src/client/system.ts';
import * as bullQueue from '../../../../../src/queue/bullmq/bull-queue.ts';
import { glance, type Glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { gather } from '../../../../support/fleet/fleet.ts';
import { QueueDouble } from '../../../../support/fleet/queue.ts';
import { replaceExports } from '../../../../support/replace-exports.ts';
import { expectEachValid } from '../../../../support/schemas/schemas.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

let queue = new QueueDouble();
beforeEach(() => {
  queue = new QueueDouble();
});
replaceExports(bullQueue, { openBullQueue: () => Promise.resolve(queue) });

const secret = 'a-token-that-nobody-shows';
const address = ['--queue', 'redis://queue.example'];
const env = { OS_TOKEN: secret };
const catalog = [
  makeEntry(makeBytes(5000), { id: '1', name: 'image 1', disk_format: 'qcow2' }),
  makeEntry(Buffer.alloc(0), { id: '2', name: 'image 2', disk_format: 'raw' }),
];

async function work(server: Glance): Promise<void> {
  const connection = new Connection({ endpoint: server.url, token: secret, system: systemOf(process), retries: 0 });
  const worker = await new FleetWorker(connection, { name: 'one' }).start(queue);
  onTestFinished(async () => {
    await worker.drain(0);
    await connection.close();
  });
}

const happened = (stderr: string): { readonly event: string }[] =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string })
    .filter(({ event }) => event !== undefined);

describe('inspect --all with a queue', () => {
  it.each([['table'], ['json'], ['ndjson'], ['csv']])('prints as %s the same as without a queue', async (format) => {
    const server = await glance(catalog);
    await work(server);
    const argv = ['inspect', '--all', '-f', format, '-c', 'id', '-c', 'format', '-c', 'safe', '-c', 'virtual_size'];
    const result = await server.cli([...argv, ...address], { env });
    const alone = await server.cli(argv, { env });
    expect([result.code, result.stdout]).toEqual([11, alone.stdout]);
    expect(result.stderr).toContain('2 images: 1 unsafe, 0 unread, 1 safe');
    expect(queue.size).toBe(0);
    expect(queue.texts.filter((text) => text.includes(secret))).toEqual([]);
  });

  it('prints SARIF, and counts as --fail-on says', async () => {
    const server = await glance(catalog);
    await work(server);
    const argv = ['inspect', '--all', '--sarif', '--fail-on', 'never'];
    const result = await server.cli([...argv, ...address], { env });
    expect([result.code, result.stdout]).toEqual([0, (await server.cli(argv, { env })).stdout]);
  });

  it('reports the progress of the fleet as events', async () => {
    const server = await glance(catalog);
    await work(server);
    const { stderr } = await server.cli(['inspect', '--all', '--progress', 'json', ...address], { env });
    const events = happened(stderr);
    expectEachValid('progress-event', events);
    expect(events.findLast(({ event }) => event === 'fleet')).toMatchObject({
      images: 2,
      finished: 2,
      total: null,
      by_worker: [{ worker: 'one', finished: 2 }],
    });
  });

  it('leaves the reports to the workers with --detach', async () => {
    const [server, directory] = [await glance(catalog), await tempDir()];
    const place = join(directory, 'reports');
    const result = await server.cli(['inspect', '--all', '--detach', '--to', place, ...address], { env });
    expect([result.code, result.stdout]).toEqual([0, '']);
    expect(result.stderr).toContain('2 images for workers to inspect');
    await work(server);
    while (queue.size > 0) await new Promise((resolve) => setImmediate(resolve));
    const alone = await server.cli(['inspect', '--all', '-f', 'json'], { env });
    const kept = JSON.parse(await readFile(join(place, 'audit/1.json'), 'utf8')) as unknown;
    expect(kept).toEqual((JSON.parse(alone.stdout) as unknown[])[0]);
  });

  it.each([
    [['--all', '--jobs', '2', ...address], '--jobs does not work'],
    [['--all', '--detach', ...address], 'needs a place'],
    [['--all', '--to', 'x', ...address], '--to works with --detach only'],
    [['--all', '--detach', '--to', 'x', '--sarif', ...address], '--sarif does not work'],
    [['--all', '--detach', '--to', 'x', '--html', 'y', ...address], '--html does not work'],
    [['--all', '--detach', '--to', 'x', '--fail-on', 'never', ...address], '--fail-on does not work'],
    [['--all', '--detach', '--to', 'x'], 'only with --all and a queue'],
    [['--all', '--spool', ...address], '--spool needs --contents'],
    [['1', ...address], 'without a queue'],
  ])('refuses %j', async (argv, text) => {
    const server = await glance(catalog);
    const result = await server.cli(['inspect', ...argv], {});
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain(text);
    expect(queue.texts).toEqual([]);
  });
});

describe('worker --metrics', () => {
  it('answers Prometheus on this machine while it works', async () => {
    const server = await glance(catalog);
    const reports = server.cli(['inspect', '--all', '--progress', 'none', ...address], { env });
    while (queue.texts.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const { code, stderr } = await server.cli(['worker', '--until-empty', '--metrics', '0', ...address], { env });
    expect(await reports).toMatchObject({ code: 11 });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/metrics at http:\/\/127\.0\.0\.1:\d+\/metrics/)]);
    expect(stderr).toMatch(/^1: inspected, 4\.9 KiB in /m);
    const url = /http:\S+/.exec(stderr)?.[0] ?? '';
    await expect(fetch(url)).rejects.toThrow(TypeError);
  });

  it.each([['x'], ['70000'], ['a b:1'], ['::1:9100']])('refuses %s', async (metrics) => {
    const server = await glance(catalog);
    expect(await server.cli(['worker', '--metrics', metrics, ...address], {})).toMatchObject({ code: 2 });
  });
});

it('worker ends with a signal once its job is finished, and says so', async () => {
  const [server, controller] = [await glance(catalog), new AbortController()];
  const reports = server.cli(['inspect', '--all', '--progress', 'none', ...address], { env });
  while (queue.texts.length < 2) await new Promise((resolve) => setImmediate(resolve));
  queue.onStep = (step) => {
    if (step === 'leased') controller.abort(new Interrupted('SIGTERM'));
  };
  const argv = ['worker', '--jobs', '1', ...address];
  const { code, stderr } = await server.cli(argv, { env, signal: controller.signal });
  expect([code, stderr]).toEqual([143, expect.stringMatching(/^finishing 1 job; [\s\S]*^1: inspected, /m)]);
  expect(await queue.counts()).toMatchObject({ active: 0, workers: 0 });
  queue.onStep = () => undefined;
  await work(server);
  expect(await reports).toMatchObject({ code: 11 });
});

it('queue failed prints failed jobs with the keys that programs get', async () => {
  const [server, place] = [await glance(catalog), join(await tempDir(), 'm')];
  expect(await server.cli(['mirror', place, '--detach', ...address], { env })).toMatchObject({ code: 0 });
  queue.fail('1', 'integrity.digest', 'its md5 differs');
  const { stdout } = await server.cli(['queue', 'failed', '-f', 'json', ...address], { env });
  const job = expect.stringMatching(/^copy-/) as unknown;
  const failed = { job, kind: 'copy', image: '1', name: 'image 1', place };
  expect(JSON.parse(stdout)).toEqual([{ ...failed, code: 'integrity.digest', message: 'its md5 differs' }]);
  expect(JSON.parse(stdout)).toEqual((await gather(queue.failures())).flat());
});

describe('verify of a mirror with a queue', () => {
  it('prints the same, and exits with the same code, as without a queue', async () => {
    const [server, directory] = [await glance(catalog), join(await tempDir(), 'm')];
    await server.cli(['mirror', directory], { env });
    await work(server);
    const argv = ['verify', directory, '-f', 'json'];
    const good = await server.cli([...argv, '--progress', 'json', ...address], {});
    expect([good.code, good.stdout]).toEqual([0, (await server.cli(argv, {})).stdout]);
    const events = happened(good.stderr);
    expectEachValid('progress-event', events);
    expect(events.findLast(({ event }) => event === 'fleet')).toMatchObject({ images: 2, bytes: 5000, total: 5000 });
    await writeFile(join(directory, '1/1.qcow2'), Buffer.alloc(5000));
    const bad = await server.cli([...argv, ...address], {});
    expect([bad.code, bad.stdout]).toEqual([6, (await server.cli(argv, {})).stdout]);
    expect(queue.size).toBe(0);
  });

  it('says which images workers could not compare, and why', async () => {
    const [server, directory] = [await glance(catalog), join(await tempDir(), 'm')];
    await server.cli(['mirror', directory], { env });
    const result = server.cli(['verify', directory, ...address], {});
    for (const image of ['1', '2']) {
      while (queue.texts.length < 2) await new Promise((resolve) => setImmediate(resolve));
      queue.fail(image, 'place.unavailable', 'the disk is on fire');
    }
    expect(await result).toMatchObject({ code: 8 });
    expect((await result).stderr).toContain('1/1.qcow2: the disk is on fire [place.unavailable]');
  });

  it.each([
    [['m', '--jobs', '2', ...address], '--jobs does not work'],
    [['f', ...address], 'without a queue'],
  ])('refuses %j', async (argv, text) => {
    const [server, cwd] = [await glance(catalog), await tempDir()];
    await server.cli(['mirror', 'm'], { env, cwd });
    await writeFile(join(cwd, 'f'), '');
    const result = await server.cli(['verify', ...argv], { cwd });
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain(text);
  });
});
