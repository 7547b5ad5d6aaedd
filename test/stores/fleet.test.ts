import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openBullQueue } from '../../src/queue/bullmq/bull-queue.ts';
import { parseQueueUrl } from '../../src/queue/queue-url.ts';
import type { WorkQueue } from '../../src/queue/work-queue.ts';
import { glance } from '../support/glance.ts';
import { makeBytes, makeEntry } from '../support/images.ts';
import { startCli } from '../support/spawn-cli.ts';
import { tempDir } from '../support/temp-dir.ts';
import { startMortalRedis, startRedis } from './support/redis.ts';
import { makeBucket, runningStore, stores } from './support/stores.ts';

const run = promisify(execFile);
const data = [makeBytes(20_000_000), makeBytes(3000), Buffer.alloc(0)];
const catalog = data.map((bytes, index) => makeEntry(bytes, { id: String(index), name: `image ${String(index)}` }));
const wrong = [{ on: { path: /images\/1$/ }, do: { type: 'flip', offset: 500 } as const }];
const stalls = [{ on: { path: /images\/0$/ }, do: { type: 'stall', afterBytes: 1000 } as const }];

async function openQueue(url: string): Promise<WorkQueue> {
  const queue = await openBullQueue({ address: parseQueueUrl(url), ca: null, timeoutMs: 60_000 });
  onTestFinished(() => queue.close());
  return queue;
}

type Cli = Awaited<ReturnType<typeof glance>>;

/** A call that workers carry out, one of which starts once everything is planned. */
async function shared(
  server: Cli,
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
): Promise<Awaited<ReturnType<Cli['cli']>>> {
  const queue = await openQueue(env['GLANCE_CLI_QUEUE'] ?? '');
  const { failed } = await queue.counts();
  const call = server.cli([...argv, '--progress', 'none'], { env });
  while ((await queue.counts()).waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await server.cli(['worker', '--until-empty'], { env })).toMatchObject({ code: 0 });
  const result = await call;
  expect(await queue.counts()).toMatchObject({ waiting: 0, active: 0, failed });
  return result;
}

/** How much of an image is read depends on how it arrives. */
function withoutBytes(stdout: string): unknown {
  return (JSON.parse(stdout) as object[]).map((report) => ({ ...report, bytes_read: 0 }));
}

describe.skipIf(stores.redis === undefined)('a queue in a real Redis', () => {
  describe.each(['rgw', 'directory'] as const)('with a %s', (kind) => {
    test.skipIf(kind === 'rgw' && stores.rgw === undefined)('is processed by two workers', async () => {
      const queue = `redis://127.0.0.1:${String(await startRedis())}/0`;
      const bucket = `fleet-${randomUUID()}`;
      if (kind === 'rgw') await makeBucket('rgw', bucket);
      const place = kind === 'rgw' ? `s3://${bucket}/m` : join(await tempDir(), 'm');
      const env = { ...(kind === 'rgw' && runningStore('rgw')), GLANCE_CLI_QUEUE: queue };
      const server = await glance(catalog, wrong);
      expect(await server.cli(['mirror', place, '--detach'], { env })).toMatchObject({ code: 0 });
      const status = JSON.parse((await server.cli(['queue', '-f', 'json'], { env })).stdout) as unknown;
      expect(status).toMatchObject({ waiting: 3, active: 0, failed: 0, workers: 0, paused: false });
      const workers = [1, 2].map(() => server.cli(['worker', '--until-empty', '--jobs', '1'], { env }));
      for (const { code } of await Promise.all(workers)) expect(code).toBe(0);

      const report = await server.cli(['mirror', place, '-f', 'json'], { env });
      expect(report).toMatchObject({ code: 9 });
      expect(JSON.parse(report.stdout)).toMatchObject([
        { action: 'failed', image: '1', reason: expect.stringContaining('[integrity.digest]') },
      ]);
      const stored = kind === 'rgw' ? runningStore('rgw') : {};
      expect(await server.cli(['verify', place], { env: stored })).toMatchObject({ code: 0 });
      expect(await shared(server, env, ['verify', place, '-f', 'json'])).toMatchObject({ code: 0 });
      const reports = await shared(server, env, ['inspect', '--all', '-f', 'json']);
      const alone = await server.cli(['inspect', '--all', '-f', 'json'], { env: stored });
      expect([reports.code, withoutBytes(reports.stdout)]).toEqual([alone.code, withoutBytes(alone.stdout)]);
      const kept = await server.cli(['inspect', '--all', '--detach', '--to', place], { env });
      expect(kept).toMatchObject({ code: 0 });
      expect(await server.cli(['worker', '--until-empty'], { env })).toMatchObject({ code: 0 });
      expect(await server.cli(['verify', place], { env: stored })).toMatchObject({ code: 0 });
      const failed = JSON.parse((await server.cli(['queue', 'failed', '-f', 'json'], { env })).stdout) as unknown;
      expect(failed).toMatchObject([{ image: '1', code: 'integrity.digest', place }]);
      const retried = await server.cli(['queue', 'retry', '1'], { env });
      expect([retried.code, retried.stderr]).toEqual([0, expect.stringContaining('1 image to be tried again')]);
      expect(await (await openQueue(queue)).counts()).toMatchObject({ waiting: 1, failed: 0 });
      expect(await server.cli(['queue', 'clear'], { env })).toMatchObject({ code: 0 });
      expect(await (await openQueue(queue)).counts()).toMatchObject({ waiting: 0, failed: 0 });
    });
  });

  test('is refused if it may evict, or rejects the login', async () => {
    const evicting = `redis://127.0.0.1:${String(await startRedis({ 'maxmemory-policy': 'allkeys-lru' }))}`;
    const locked = String(await startRedis({ requirepass: 'the-secret-of-the-queue' }));
    const server = await glance(catalog);
    const ask = (queue: string) =>
      server.cli(['queue', '--error-format', 'json'], { env: { GLANCE_CLI_QUEUE: queue } });
    const evicts = await ask(evicting);
    expect([evicts.code, evicts.error()]).toMatchObject([2, { code: 'config.invalid' }]);
    for (const login of ['', ':another-secret@', 'ann:another-secret@']) {
      const denied = await ask(`redis://${login}127.0.0.1:${locked}`);
      expect([denied.code, denied.error()]).toMatchObject([4, { code: 'queue.denied' }]);
      expect(denied.stderr).not.toContain('another-secret');
    }
    const missing = await ask(`redis://:the-secret-of-the-queue@127.0.0.1:${locked}/9999`);
    expect([missing.code, missing.error()]).toMatchObject([3, { code: 'queue.missing' }]);
    expect(await ask(`redis://:the-secret-of-the-queue@127.0.0.1:${locked}`)).toMatchObject({ code: 0 });
  });

  test('holds no secret, and fails jobs that make no sense only once', async () => {
    const port = await startRedis();
    const url = `redis://127.0.0.1:${String(port)}`;
    const env = { GLANCE_CLI_QUEUE: url, OS_TOKEN: 'a-token-that-nobody-shows' };
    const server = await glance(catalog, wrong);
    await server.cli(['mirror', join(await tempDir(), 'm'), '--detach'], { env });
    await server.cli(['worker', '--until-empty'], { env });
    await server.cli(['inspect', '--all', '--detach', '--contents', '--to', await tempDir()], { env });
    const said = await server.cli(['worker', '--until-empty', '--metrics', '0', '--debug'], { env });
    // A report that nobody collects stays, so it is searched for secrets, too.
    const call = startCli(
      ['inspect', '--all', '--contents'],
      { ...env, OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href },
      '/',
    );
    const opened = await openQueue(url);
    while ((await opened.counts()).waiting < catalog.length) await new Promise((resolve) => setImmediate(resolve));
    call.child.kill('SIGKILL');
    await call.ended;
    await server.cli(['worker', '--until-empty'], { env });
    const { bullmq } = await import('../../src/queue/bullmq/packages.ts').then((each) => each.loadPackages());
    const other = new bullmq.Queue('mirror', { connection: { host: '127.0.0.1', port } });
    onTestFinished(() => other.close());
    await other.add('copy', { schema: 1, kind: 'copy', image: '../../etc' }, { attempts: 3 });
    await server.cli(['worker', '--until-empty'], { env });
    const failed = await other.getFailed();
    const reasons = failed.map(({ failedReason, attemptsMade }) => [failedReason.split(' ')[0], attemptsMade]);
    expect(Object.fromEntries(reasons)).toEqual({ 'integrity.digest': 1, 'metadata.invalid': 1 });
    const { stdout } = await run('redis-cli', ['-p', String(port), '--rdb', '-'], {
      encoding: 'latin1',
      maxBuffer: 1e8,
    });
    const events = await run('redis-cli', ['-p', String(port), 'xrange', 'bull:mirror:events', '-', '+']);
    const keys = (await run('redis-cli', ['-p', String(port), 'keys', '*'])).stdout.trim().split('\n');
    expect(keys.filter((key) => key.startsWith('bull:mirror:audit-'))).toHaveLength(catalog.length);
    const hashes = keys.filter((key) => /:(?:copy|audit)-/.test(key));
    const kept = await Promise.all(hashes.map((key) => run('redis-cli', ['-p', String(port), 'hgetall', key])));
    const texts = [stdout, events.stdout, JSON.stringify(failed), said.stderr, ...kept.map((each) => each.stdout)];
    expect(texts.filter((text) => /nobody-shows|\/src\/|\.ts:\d/.test(text))).toEqual([]);
  });

  test.each(['gone', 'started again'])('that is %s does not keep a process from ending', async (what) => {
    const { port, kill } = await startMortalRedis();
    const queue = await openBullQueue({
      address: parseQueueUrl(`redis://127.0.0.1:${String(port)}`),
      ca: null,
      timeoutMs: 60_000,
    });
    const close = await queue.watch(() => undefined);
    await kill();
    if (what === 'started again') await startRedis({ port: String(port) });
    await expect(close()).resolves.toBeUndefined();
    await expect(queue.close()).resolves.toBeUndefined();
  });

  test('that is gone does not keep a worker without jobs from ending, however long it may drain', async () => {
    const { port, kill } = await startMortalRedis();
    const env = { GLANCE_CLI_QUEUE: `redis://127.0.0.1:${String(port)}` };
    const idle = startCli(['worker', '--drain-timeout', '3600'], env, await tempDir());
    await idle.says('taking images from');
    await kill();
    await idle.says('[queue.unavailable]');
    idle.child.kill('SIGTERM');
    expect(await idle.ended).toMatchObject({ signal: 'SIGTERM' });
  });

  test('stops at the first signal once the drain time is over, and immediately at the second', async () => {
    const env = { GLANCE_CLI_QUEUE: `redis://127.0.0.1:${String(await startRedis())}` };
    const server = await glance(catalog.slice(0, 1), stalls);
    const directory = await tempDir();
    await server.cli(['mirror', join(directory, 'm'), '--detach'], { env });
    const spawned = { ...env, OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href };
    const queue = await openQueue(env.GLANCE_CLI_QUEUE);

    const patient = startCli(['worker', '--drain-timeout', '1'], spawned, directory);
    await server.waitForStalls(1);
    patient.child.kill('SIGTERM');
    expect(await patient.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(await queue.counts()).toMatchObject({ waiting: 1, active: 0, failed: 0 });

    const hasty = startCli(['worker'], spawned, directory);
    const begun = (): number => server.asked().filter((request) => request === 'GET /v1/images/0').length;
    for (const before = begun(); begun() === before;) await new Promise((resolve) => setImmediate(resolve));
    hasty.child.kill('SIGINT');
    await hasty.says('a second signal ends the worker');
    hasty.child.kill('SIGINT');
    expect(await hasty.ended).toMatchObject({ signal: 'SIGINT' });
  });

  test.each(['s3', 'directory'])('survives a minute of kills with %s as the place', async (kind) => {
    if (kind === 's3' && stores.rgw === undefined) return;
    const script = fileURLToPath(new URL('../fleet-kill.mjs', import.meta.url));
    const env = { ...process.env, ...(kind === 's3' && runningStore('rgw')) };
    const { stdout } = await run(process.execPath, [script, '30', kind], { env });
    expect(stdout).toContain('no image wrong, none lost');
  });
});
