// `--quiet`: no progress and no notes, and everything that matters.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../src/cli/runtime.ts';
import { glance } from '../../support/glance.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const data = makeBytes(300_000);
const catalog = [
  makeEntry(data, { id: '1', name: 'one\nline' }),
  makeEntry('two', { id: '2', name: 'two', checksum: null }),
  makeEntry('three', { id: '\u001b[2J3', name: 'three' }),
];

describe('-q', () => {
  it('leaves only problems on stderr, and all results', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const [loud, quiet] = [
      await server.cli(['download', '1', '-o', 'loud'], { cwd, stderrColumns: 80 }),
      await server.cli(['download', '1', '-o', 'quiet', '-q'], { cwd, stderrColumns: 80 }),
    ];
    expect([loud.code, loud.stderr]).toEqual([0, expect.stringContaining('md5 verified')]);
    expect([quiet.code, quiet.stdout, quiet.stderr]).toEqual([0, '', '']);
    expect(await readFile(join(cwd, 'quiet'))).toEqual(data);
    const record = await server.cli(['download', '1', '-o', 'quiet', '--quiet', '-f', 'json'], { cwd });
    expect([JSON.parse(record.stdout), record.stderr]).toEqual([expect.objectContaining({ outcome: 'current' }), '']);
    expect((await server.cli(['-q', 'list', '--name', 'none'])).stderr).toBe('');
  });

  it('hides no warning or error, in words and as events', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const warned = await server.cli(['download', '2', '-o', 'two', '-q'], { cwd });
    expect([warned.code, warned.stderr]).toEqual([
      0,
      'warning: not verified: the server has no digest for this image; only its size was checked\n',
    ]);
    const event = await server.cli(['download', '2', '-o', 'event', '-q', '--progress', 'json'], { cwd });
    expect(event.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(event.error()).toMatchObject({ event: 'warning', message: expect.stringContaining('not verified') });
    await writeFile(join(cwd, 'two'), 'another');
    const failed = await server.cli(['download', '2', '-o', 'two', '-q'], { cwd });
    expect([failed.code, failed.stderr]).toEqual([8, expect.stringMatching(/^error: .* \[io\.exists\]\n {2}hint: /)]);
    const secret = await server.cli(['list', '-q', '--os-token', 'x']);
    expect(secret.stderr).toMatch(/^warning: --os-token on the command line/);
  });

  it('says what was kept of several images after a signal', async () => {
    const [cwd, controller] = [await tempDir(), new AbortController()];
    const server = await glance(
      [makeEntry(makeBytes(5_000_000), { id: '1', name: 'one' }), ...catalog.slice(1)],
      [{ on: { path: /images\/1$/, method: 'GET' }, do: { type: 'stall', afterBytes: 4_500_000 } }],
    );
    const running = server.cli(['download', '1', '2', '-o', 'd/', '-q', '--progress', 'plain'], {
      cwd,
      signal: controller.signal,
    });
    await server.stalled;
    controller.abort(new Interrupted('SIGINT'));
    const { code, stderr } = await running;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/^1: kept .*\n/m)]);
    expect(stderr).not.toContain('md5 verified');
  });
});

describe('list -q', () => {
  it('prints ids, one per line, that cannot control a terminal', async () => {
    const server = await glance(catalog);
    for (const argv of [
      ['list', '-q'],
      ['-q', 'ls', '--wide', '--no-headers'],
      ['image', 'list', '--quiet'],
    ]) {
      const { code, stdout } = await server.cli(argv);
      expect([code, stdout]).toEqual([0, '1\n\\x1b[2J3\n2\n']);
    }
    expect((await server.cli(['list', '-q', '--sort', 'size', '--limit', '1'])).stdout).toBe('2\n');
  });

  it.each([[['-f', 'json']], [['-f', 'table']], [['-c', 'name']], [['-q', '-f', 'value', '-c', 'id']]])(
    'is refused with %j before any request',
    async (more) => {
      const { code, stdout, stderr } = await runCli(['--endpoint', 'http://127.0.0.1:1', 'list', '-q', ...more]);
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('list -q prints only ids')]);
    },
  );

  it('prints the same list under --compat openstack', async () => {
    const server = await glance(catalog);
    const [plain, quiet] = [
      await server.cli(['image', 'list', '--compat', 'openstack', '-f', 'json']),
      await server.cli(['image', 'list', '--compat', 'openstack', '-f', 'json', '-q']),
    ];
    expect([quiet.code, quiet.stdout]).toEqual([0, plain.stdout]);
    expect(JSON.parse(plain.stdout)).toHaveLength(3);
  });
});
