// `--wait`: polls an image that is being created until its data is there, and waits for nothing else.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../src/cli/runtime.ts';
import { GlanceClient } from '../../../src/client/glance-client.ts';
import { systemOf } from '../../../src/client/system.ts';
import type { Fault } from '../../support/faults.ts';
import type { CatalogImage } from '../../../src/server/images/catalog.ts';
import { v1Versions, v2Versions } from '../../../src/server/versions.ts';
import { glance } from '../../support/glance.ts';
import { makeEntry } from '../../support/images.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const id = '11111111-2222-4333-8444-555555555555';
const active = makeEntry('the data', { id, name: 'cirros', disk_format: 'raw' });
const notYet = { size: null, checksum: null };
const entry = (status: string, more: object = notYet): CatalogImage => ({
  ...active,
  image: { ...active.image, status, ...more },
});

/** A Glance whose image enters one state after another, a new one each time it is requested after a pause. */
async function start(versions: typeof v1Versions, first: CatalogImage, faults: readonly Fault[] = []) {
  const changing = { ...first };
  const [clock, cwd, server] = [new ManualClock(), await tempDir(), await glance([changing], faults, { versions })];
  const pass = async (delayMs: number, next: CatalogImage): Promise<void> => {
    await clock.waitForTimer(delayMs);
    Object.assign(changing, next);
    clock.advance(delayMs);
  };
  return { clock, cwd, server, pass };
}

describe.each([
  { api: 'v1', versions: v1Versions },
  { api: 'v2', versions: v2Versions },
])('--wait over $api', ({ versions }) => {
  it.each([
    ['show', ['show', 'cirros', '-f', 'value', '-c', 'status'], 'active\n'],
    [
      'show by id, as another client prints it',
      ['show', id, '--compat', 'openstack', '-f', 'value', '-c', 'status'],
      'active\n',
    ],
    ['download to a pipe', ['download', `cirros@md5:${active.image.checksum ?? ''}`], 'the data'],
    ['inspect', ['inspect', 'cirros', '-f', 'value', '-c', 'size'], '8\n'],
    ['show by a pattern', ['show', 'cirr*', '-f', 'value', '-c', 'status'], 'active\n'],
    ['inspect by filters', ['inspect', '--name', 'cirros', '-f', 'value', '-c', 'size'], '8\n'],
  ])('%s waits longer and longer, and says so once', async (_what, argv, printed) => {
    const { clock, cwd, server, pass } = await start(versions, entry('queued'));
    const running = server.cli([...argv, '--wait'], { clock, cwd });
    for (const [delayMs, status] of [
      [2000, 'queued'],
      [3000, 'saving'],
      [4500, 'uploading'],
      [6750, 'importing'],
    ] as const) {
      await pass(delayMs, entry(status));
    }
    await pass(10_125, active);
    const { code, stdout, stderr } = await running;
    expect([code, stdout]).toEqual([0, printed]);
    expect(stderr.match(/waiting for image "cirros" .*: its status is queued\n/g)).toHaveLength(1);
    expect(stderr.match(/waiting/g)).toHaveLength(1);
  });

  it('does not wait if the data is there', async () => {
    const { clock, cwd, server } = await start(versions, active);
    const { code, stderr } = await server.cli(['download', 'cirros', '-o', 'd/{name}', '--wait', '-q'], { clock, cwd });
    expect([code, stderr, await readFile(join(cwd, 'd/cirros'), 'utf8')]).toEqual([0, '', 'the data']);
  });

  it.each(['killed', 'deleted', 'pending_delete'])(
    'stops at once if it is %s, from the start or later',
    async (status) => {
      const atStart = await start(versions, entry(status));
      const first = await atStart.server.cli(['show', id, '--wait', '-f', 'json'], { clock: atStart.clock });
      expect([first.code, first.stdout]).toEqual([3, '']);
      const { clock, server, pass } = await start(versions, entry('saving'));
      const running = server.cli(['show', id, '--wait', '-f', 'json'], { clock });
      await pass(2000, entry(status));
      const { code, stdout } = await running;
      expect([code, stdout]).toEqual([3, '']);
    },
  );

  it('stops at once for an unknown name, and when the image is deleted meanwhile', async () => {
    const gone: Fault = { on: { path: new RegExp(`images/${id}$`) }, do: { type: 'status', status: 404 } };
    const { clock, cwd, server, pass } = await start(versions, entry('queued'), [gone]);
    const missing = await server.cli(['download', 'ciros', '-o', 'f', '--wait', '-f', 'json'], { clock, cwd });
    expect([missing.code, missing.error()]).toMatchObject([
      3,
      { code: 'image.not_found', hint: 'did you mean "cirros"?' },
    ]);
    const running = server.cli(['download', 'cirros', '-o', 'f', '--wait', '-f', 'json'], { clock, cwd });
    await pass(2000, active);
    const { code, error } = await running;
    expect([code, error()]).toMatchObject([
      3,
      { code: 'image.not_found', message: expect.stringContaining('is gone') },
    ]);
  });

  it('gives up when the time is over, after a last check', async () => {
    const { clock, server, pass } = await start(versions, entry('saving'));
    const running = server.cli(['show', 'cirros', '--wait', '--wait-timeout', '6', '-f', 'json'], { clock });
    await pass(2000, entry('saving'));
    await pass(3000, entry('saving'));
    await pass(1000, entry('saving'));
    const { code, stdout, error } = await running;
    expect([code, stdout, error()]).toMatchObject([
      5,
      '',
      { code: 'wait.timeout', retryable: true, message: expect.stringMatching(/still saving after 6 s$/) },
    ]);
    expect(error()['hint']).toContain('--wait-timeout');
  });

  it('stops at once at a signal', async () => {
    const { clock, server } = await start(versions, entry('queued'));
    const controller = new AbortController();
    const running = server.cli(['show', 'cirros', '--wait'], { clock, signal: controller.signal });
    await clock.waitForTimer(2000);
    controller.abort(new Interrupted('SIGINT'));
    expect((await running).code).toBe(130);
  });

  it('is available to programs', async () => {
    const { clock, cwd, server, pass } = await start(versions, entry('queued'));
    const system = { ...systemOf(process), env: {}, cwd, clock };
    const client = await GlanceClient.connect({ system, endpoint: server.url.href });
    const told: (string | null)[] = [];
    const how = { waitMs: 60_000, onWait: ({ status }: { status: string | null }) => told.push(status) };
    try {
      const found = client.find('cirros', how);
      await pass(2000, active);
      expect((await found).checksum).toBe(active.image.checksum);
      await expect(client.find('cirros', how)).resolves.toMatchObject({ status: 'active' });
    } finally {
      await client.close();
    }
    expect(told).toEqual(['queued']);
  });

  it('waits once for an image that several names refer to, and fails once', async () => {
    const { clock, cwd, server, pass } = await start(versions, entry('queued'));
    const system = { ...systemOf(process), env: {}, cwd, clock };
    const client = await GlanceClient.connect({ system, endpoint: server.url.href });
    const told: (string | null)[] = [];
    const how = { waitMs: 2000, onWait: ({ status }: { status: string | null }) => told.push(status) };
    const request = { images: ['cirros', id, 'cirr*'] };
    try {
      const missed = client.select(request, how).catch((error: unknown) => error);
      await pass(2000, entry('queued'));
      expect(await missed).toMatchObject({ code: 'partial', failures: [{ image: 'cirros', code: 'wait.timeout' }] });
      const found = client.select(request, how);
      await pass(2000, active);
      const { images, choices } = await found;
      expect(images.map(({ status }) => status)).toEqual(['active']);
      expect(choices.flatMap((choice) => choice.images.map(({ status }) => status))).toEqual(Array(3).fill('active'));
    } finally {
      await client.close();
    }
    expect(told).toEqual(['queued', 'queued']);
  });

  it('starts streaming an image once its data is there', async () => {
    const { clock, cwd, server, pass } = await start(versions, entry('queued'));
    const system = { ...systemOf(process), env: {}, cwd, clock };
    const client = await GlanceClient.connect({ system, endpoint: server.url.href });
    try {
      const read = text(client.open(await client.find('cirros'), { waitMs: 60_000 }));
      await pass(2000, active);
      expect(await read).toBe('the data');
    } finally {
      await client.close();
    }
  });
});

describe('--wait', () => {
  it('waits for each of several, and failures do not stop the others', async () => {
    const other = makeEntry('other', { id: 'other', name: 'other', disk_format: 'raw' });
    const catalog: CatalogImage[] = [entry('queued'), other];
    const [clock, cwd, server] = [new ManualClock(), await tempDir(), await glance(catalog)];
    const argv = ['download', 'cirros', 'other', '-o', 'd/', '--wait', '--wait-timeout', '1', '-f', 'json', '-q'];
    const running = server.cli(argv, { clock, cwd });
    await clock.waitForTimer(1000);
    clock.advance(1000);
    const { code, error } = await running;
    expect([code, error()['failures']]).toMatchObject([9, [{ image: 'cirros', code: 'wait.timeout' }]]);
    expect(await readFile(join(cwd, 'd/other.raw'), 'utf8')).toBe('other');
  });

  it.each([
    [['show', 'x', '--wait-timeout', '5'], '--wait-timeout works with --wait only'],
    [['download', 'x', '--wait', '--wait-timeout', '0'], 'more than 0'],
    [['inspect', '--all', '--wait'], '--all'],
  ])('is refused as %j', async (argv, message) => {
    const { code, stderr } = await runCli(['--endpoint', 'http://127.0.0.1:1', ...argv]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
