// What people see on a terminal and in a pipe.
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { v2Versions } from '../../../src/server/versions.ts';
import { glance } from '../../support/glance.ts';
import { makeEntry } from '../../support/images.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const uuid = (digit: number): string => `6b5f8c9e-0000-4000-8000-00000000000${String(digit)}`;
const ubuntu = makeEntry('x'.repeat(5000), {
  id: uuid(1),
  name: 'ubuntu-24.04-server-cloudimg-amd64',
  disk_format: 'qcow2',
  virtual_size: 3 * 1024 ** 3,
  min_disk: 3,
  owner: '5f2c1b0a9d8e4f6ba1c2d3e4f5a6b7c8',
  created_at: '2025-12-29T00:00:00Z',
  updated_at: '2025-12-31T22:00:00.5Z',
  properties: { os_distro: 'ubuntu', note: 'it goes on and on, so that it has to be wrapped on a terminal' },
});
const rescue = makeEntry('', {
  id: uuid(2),
  name: '救援',
  status: 'deactivated',
  visibility: 'private',
  disk_format: 'iso',
  created_at: '2023-01-01T00:00:00Z',
});
const catalog = [ubuntu, rescue];
const v2 = { versions: v2Versions };
const sha512 = '0123456789abcdef'.repeat(8);
const plain = { env: { NO_COLOR: '1' } };

/** A terminal of this width, on the first of January 2026. */
const terminal = (stdoutColumns: number) => ({ ...plain, stdoutColumns, clock: new ManualClock() });

describe('list', () => {
  it('is a readable table with ages on a wide terminal', async () => {
    const { stdout } = await (await glance(catalog)).cli(['list'], terminal(200));
    expect(stdout).toMatchInlineSnapshot(`
      "NAME                                ID                                    STATUS       VISIBILITY  FORMAT     SIZE  CREATED
      ubuntu-24.04-server-cloudimg-amd64  6b5f8c9e-0000-4000-8000-000000000001  active       public      qcow2   4.9 KiB  3 days ago
      救援                                6b5f8c9e-0000-4000-8000-000000000002  deactivated  private     iso         0 B  3 years ago
      "
    `);
  });

  it.each([
    [80, ['NAME', 'ID', 'STATUS', 'SIZE']],
    [60, ['NAME', 'ID']],
    [40, ['NAME', 'STATUS', 'SIZE']],
  ])('drops columns by priority on %d cells', async (cells, labels) => {
    const { stdout } = await (await glance(catalog)).cli(['list'], terminal(cells));
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]?.split(/ {2,}/)).toEqual(labels);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(cells);
  });

  it.each([60, 80])('tells ten images with one long name apart by their complete ids on %d cells', async (cells) => {
    const name = 'n'.repeat(70);
    const twins = Array.from({ length: 10 }, (_, digit) => makeEntry('x', { id: uuid(digit), name }));
    const { stdout } = await (await glance(twins)).cli(['list'], terminal(cells));
    for (let digit = 0; digit < 10; digit++) expect(stdout).toContain(uuid(digit));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(cells);
  });

  it('cuts no digest, however narrow the terminal', async () => {
    const hashed = makeEntry('x', { id: uuid(1), name: 'n'.repeat(70), os_hash_algo: 'sha512', os_hash_value: sha512 });
    const server = await glance([hashed], [], v2);
    const { stdout } = await server.cli(['list', '-c', 'name', '-c', 'os_hash_value'], terminal(60));
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`nnnnnnn…  ${sha512}`);
  });

  it('cuts nothing in a pipe, and prints absolute times', async () => {
    const { stdout } = await (await glance(catalog)).cli(['list']);
    expect(stdout).toContain('ubuntu-24.04-server-cloudimg-amd64');
    expect(stdout).toContain('2025-12-29T00:00:00Z');
    const relative = await (await glance(catalog)).cli(['list', '--time', 'relative'], { clock: new ManualClock() });
    expect(relative.stdout).toContain('3 days ago');
  });

  it('shows every column in full with --wide, even on a narrow terminal', async () => {
    const { stdout } = await (await glance(catalog)).cli(['list', '--wide', '--time', 'absolute'], terminal(40));
    const [head = ''] = stdout.split('\n');
    expect(head.split(/ {2,}/)).toEqual(
      'NAME ID STATUS VISIBILITY FORMAT CONTAINER SIZE VIRTUAL_SIZE MIN_DISK MIN_RAM OWNER PROTECTED TAGS CREATED UPDATED'
        .split(' ')
        .map((label) => label.replace('_', ' ')),
    );
    expect(stdout).toContain('5f2c1b0a9d8e4f6ba1c2d3e4f5a6b7c8');
  });

  it('omits the header with --no-headers, in CSV too, and changes no other format', async () => {
    const server = await glance([ubuntu]);
    expect((await server.cli(['list', '--no-headers', '-c', 'name'])).stdout).toBe(
      'ubuntu-24.04-server-cloudimg-amd64\n',
    );
    expect((await server.cli(['list', '--no-headers', '-f', 'csv', '-c', 'id', '-c', 'size'])).stdout).toBe(
      `${uuid(1)},5000\n`,
    );
    for (const format of ['json', 'ndjson', 'yaml', 'value']) {
      const [without, ordinary] = [
        await server.cli(['list', '--no-headers', '-f', format]),
        await server.cli(['list', '-f', format]),
      ];
      expect(without.stdout).toBe(ordinary.stdout);
    }
  });

  it('defuses cells that a spreadsheet would run with --csv-safe, and is exact otherwise', async () => {
    const properties = { note: ' @SUM(A1)', 'a;b': 'c;=1' };
    const server = await glance([{ ...ubuntu, image: { ...ubuntu.image, name: '=cmd()', owner: '-1', properties } }]);
    const columns = ['-c', 'name', '-c', 'size', '-c', 'properties.note', '-c', 'properties.a;b', '-c', 'owner'];
    const list = ['list', '-f', 'csv', '--no-headers', ...columns];
    expect((await server.cli(list)).stdout).toBe('=cmd(),5000," @SUM(A1)",c;=1,-1\n');
    expect((await server.cli([...list, '--csv-safe'])).stdout).toBe(`'=cmd(),5000,' @SUM(A1),"c;=1",'-1\n`);
    expect((await server.cli(['show', uuid(1), '-f', 'csv', '-c', 'name', '--csv-safe'])).stdout).toBe(
      "name\n'=cmd()\n",
    );
  });

  it.each([[[]], [['-f', 'json']]])('refuses --csv-safe with %j, where it would be ignored', async (format) => {
    const { code, stderr } = await (
      await glance(catalog)
    ).cli(['list', '--csv-safe', '--error-format', 'human', ...format]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--csv-safe works with -f csv only [usage.option]')]);
  });

  it('uses colours for status and visibility in addition to words', async () => {
    const { stdout } = await (
      await glance(catalog)
    ).cli(['list'], { ...terminal(200), env: { TERM: 'xterm-256color' } });
    expect(stdout).toContain('\u001b[32mactive\u001b[39m');
    expect(stdout).toContain('\u001b[31mdeactivated\u001b[39m');
    expect(stdout).toContain('\u001b[36mpublic\u001b[39m');
  });

  it.each([['--wide'], ['--no-headers'], ['--time', 'relative'], ['-f', 'csv', '--csv-safe']])(
    'refuses %s with --compat openstack, where it would be ignored',
    async (...option) => {
      const { code, stderr } = await (await glance(catalog)).cli(['list', '--compat', 'openstack', ...option]);
      expect(code).toBe(2);
      expect(stderr).toContain(
        `${option.find((word) => word.startsWith('--')) ?? ''} does not work with --compat openstack [usage.option]`,
      );
    },
  );
});

describe('show', () => {
  it('groups related values, with sizes and times for people', async () => {
    const { stdout } = await (await glance(catalog)).cli(['show', uuid(1)], terminal(80));
    expect(stdout).toMatchInlineSnapshot(`
      "Identity
        name              ubuntu-24.04-server-cloudimg-amd64
        id                6b5f8c9e-0000-4000-8000-000000000001
        status            active
        visibility        public
        owner             5f2c1b0a9d8e4f6ba1c2d3e4f5a6b7c8
        protected         no
        created_at        2025-12-29 00:00:00 UTC, 3 days ago
        updated_at        2025-12-31 22:00:00 UTC, 1 hour ago

      Data
        disk_format       qcow2
        container_format  bare
        size              4.9 KiB (5000 bytes)
        virtual_size      3.0 GiB (3221225472 bytes)
        checksum          a6bb7bde3251ca2d810d32dadd9e8ae7

      Requirements
        min_disk          3 GB
        min_ram           none

      Properties
        os_distro         ubuntu
        note              it goes on and on, so that it has to be wrapped on a
                          terminal
      "
    `);
  });

  it('prints the same in a pipe, with absolute times and no wrapping', async () => {
    const { stdout } = await (await glance(catalog)).cli(['show', uuid(1)]);
    expect(stdout).toContain('  created_at        2025-12-29 00:00:00 UTC\n');
    expect(stdout).toContain('  note              it goes on and on, so that it has to be wrapped on a terminal\n');
  });

  it.each([40, 60, 80])('wraps no digest on %d cells', async (cells) => {
    const entry = makeEntry('x', {
      id: uuid(1),
      os_hash_algo: 'sha512',
      os_hash_value: sha512,
      properties: { sha512 },
    });
    const { stdout } = await (await glance([entry], [], v2)).cli(['show', uuid(1)], terminal(cells));
    expect(stdout.split('\n').filter((line) => line.trim() === sha512)).toHaveLength(2);
  });

  it('puts an id below its name rather than cut it, on 40 cells', async () => {
    const { stdout } = await (await glance(catalog)).cli(['show', uuid(1)], terminal(40));
    expect(stdout).toContain(`\n  id\n    ${uuid(1)}\n`);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('omits unset values unless --wide is given', async () => {
    const server = await glance(catalog);
    const { stdout } = await server.cli(['show', uuid(2)]);
    expect(stdout).toContain('  owner             -\n');
    expect(stdout).not.toMatch(/os_hash_algo|deleted_at|Location|Properties/);
    expect((await server.cli(['show', uuid(2), '--wide'])).stdout).toMatch(/\n {2}os_hash_algo +-\n/);
  });

  it('has no headings with --no-headers, and plain values with -c', async () => {
    const server = await glance(catalog);
    expect((await server.cli(['show', uuid(1), '--no-headers'])).stdout).toMatch(/^name +ubuntu/);
    expect((await server.cli(['show', uuid(1), '-c', 'size', '-c', 'created_at'], terminal(80))).stdout).toBe(
      'size        5000\ncreated_at  2025-12-29T00:00:00Z\n',
    );
  });
});

describe('the pager', () => {
  it('gets what the terminal would, and only on request', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    const run = { ...terminal(80), cwd, env: { ...plain.env, PAGER: 'false', GLANCE_CLI_PAGER: 'cat >paged' } };
    const direct = await server.cli(['list'], run);
    expect(direct.stdout).toContain('ubuntu');
    const paged = await server.cli(['list', '--pager'], run);
    expect([paged.code, paged.stdout, paged.stderr]).toEqual([0, '', '']);
    expect(await readFile(join(cwd, 'paged'), 'utf8')).toBe(direct.stdout);
  });

  it('is not used in a pipe', async () => {
    const { stdout } = await (await glance(catalog)).cli(['list', '--pager'], { env: { PAGER: 'exit 127' } });
    expect(stdout).toContain('ubuntu');
  });

  it('may be quit early', async () => {
    const run = { ...terminal(80), cwd: await tempDir(), env: { PAGER: 'exit 0' } };
    const { code, stderr } = await (await glance(catalog)).cli(['list', '--pager'], run);
    expect([code, stderr]).toEqual([0, '']);
  });

  it.each([127, 2, 1])('is reported with its variable if it exits with %d', async (end) => {
    const env = { GLANCE_CLI_PAGER: `exit ${String(end)}`, PAGER: 'cat' };
    const run = { ...terminal(80), cwd: await tempDir(), env };
    const result = await (await glance(catalog)).cli(['list', '--pager', '--error-format', 'json'], run);
    expect([result.code, result.error()['code'], result.error()['message']]).toEqual([
      2,
      'config.invalid',
      `the pager does not work: GLANCE_CLI_PAGER is "exit ${String(end)}", which exited with ${String(end)}`,
    ]);
  });
});

describe('verify', () => {
  it('shows people a summary, and programs every key', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'file'), 'data');
    const call = ['verify', 'file', '--expect', `md5:${createHash('md5').update('data').digest('hex')}`];
    const [shown, json] = [await runCli(call, { cwd }), await runCli([...call, '-f', 'json'], { cwd })];
    expect([shown.code, json.code]).toEqual([0, 0]);
    expect(shown.stdout).toMatch(/^status +ok$/m);
    expect(shown.stdout).not.toContain('expected_size');
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'ok', expected_size: null });
  });

  it('begins with the verdict, then the image, with each fact once', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'file'), 'x'.repeat(5000));
    const { stdout, stderr } = await (await glance(catalog)).cli(['verify', 'file', uuid(1)], { ...terminal(80), cwd });
    expect(stdout.split('\n')).toEqual([
      'status  ok',
      'path    file',
      'image   ubuntu-24.04-server-cloudimg-amd64',
      `id      ${uuid(1)}`,
      'size    4.9 KiB (5000 bytes)',
      'md5     a6bb7bde3251ca2d810d32dadd9e8ae7',
      '',
    ]);
    expect(stderr).toBe('');
  });

  it.each([60, 80])('shows both digests whole, a line each, and what to do, on %d cells', async (cells) => {
    const cwd = await tempDir();
    const entry = makeEntry('data', { id: uuid(1), name: 'one', os_hash_algo: 'sha512', os_hash_value: sha512 });
    const server = await glance([entry], [], v2);
    await writeFile(join(cwd, 'file'), 'atad');
    const run = { ...terminal(cells), stderrColumns: cells, cwd };
    const { code, stdout, stderr } = await server.cli(['verify', 'file', 'one'], run);
    const lines = stdout.split('\n').map((line) => line.trim());
    expect([code, lines[0]]).toEqual([6, 'status     altered']);
    expect(lines).toContain(sha512);
    expect(lines).toContain(createHash('sha512').update('atad').digest('hex'));
    expect(stderr.replaceAll(/\n(?! {4})/g, ' ')).toContain(
      `error: file is not image one (${uuid(1)}): its sha512 differs [integrity.digest]`,
    );
    expect(stderr).toContain(`\n    glance-cli download ${uuid(1)} -o file --force\n`);
  });

  it('shows the digests of altered images in a mirror, and how to fetch them again', async () => {
    const cwd = await tempDir();
    const server = await glance([ubuntu]);
    expect((await server.cli(['mirror', 'm'], { cwd })).code).toBe(0);
    const path = `${uuid(1)}/${uuid(1)}.qcow2`;
    await writeFile(join(cwd, 'm', path), 'y'.repeat(5000));
    const { code, stdout, stderr } = await server.cli(['verify', 'm'], { ...terminal(60), cwd });
    const lines = stdout.split('\n').map((line) => line.trim());
    expect([code, lines[0], lines[2]?.split(' ')[0]]).toEqual([6, 'verdict: bad, 0 images good, 1 finding', 'altered']);
    expect(lines.slice(4)).toContain(path);
    for (const data of ['x', 'y']) {
      const hex = createHash('md5').update(data.repeat(5000)).digest('hex');
      expect(lines.some((line) => line.endsWith(`  ${hex}`))).toBe(true);
    }
    // This call cannot know which images were meant.
    expect(stderr).toContain('run the same mirror command as before');
    const json = await server.cli(['verify', 'm', '-f', 'json'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject([{ path, status: 'altered' }]);
  });
});

describe('errors', () => {
  it.each([
    [['lst'], 'did you mean list?'],
    [['--fromat', 'json', 'list'], 'did you mean --format?'],
    [['show', uuid(1), '--lates'], 'did you mean --latest?'],
    [['list', '-c', 'nme'], 'did you mean "name"? there are id, '],
    [['list', '-f', 'jsn'], 'did you mean "json"?'],
    [['list', '--visibility', 'publi'], 'did you mean "public"?'],
    [['show', 'Ubuntu-24.04-server'], 'did you mean "ubuntu-24.04-server-cloudimg-amd64"?'],
    [['show', 'xyz'], 'see glance-cli list; names are compared exactly'],
    [['show'], 'see glance-cli show --help'],
    [['verify', 'f', '--expect-from=SUMS'], 'did you mean --against?'],
    [['download', 'x', '--against', 'SUMS'], 'did you mean --expect-from?'],
    [['list', '--against', 'SUMS'], 'see glance-cli list --help'],
    [['download', '*'], 'give the id, --latest for the newest, or a directory for all of them (-o DIR/, or -O)'],
    [['stores', 'more'], 'see glance-cli stores --help'],
    [['queue', 'list'], 'see glance-cli queue --help'],
    [['queue', 'stats'], 'did you mean "status"?'],
  ])('%j is answered with: %s', async (argv, hint) => {
    const { code, stdout, stderr } = await (await glance(catalog)).cli(argv);
    expect(code).toBeGreaterThan(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`\n  hint: ${hint}`);
  });

  it.each([
    ['inspect', 'x', '--html', ''],
    ['inspect', 'x', '--html', '-'],
    ['inspect', 'x', '--sbom', ''],
    ['download', '-O', '--images-from', ''],
    ['download', 'x', '-O', '--expect-from', ''],
    ['verify', 'x', '--against', ' '],
  ])('report an option that names no file: %s %s %s "%s"', async (...argv) => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    const { code, stderr } = await server.cli(argv, { cwd });
    const why = argv.at(-1) === '-' ? 'It has to be a file' : 'It is empty: is a variable unset?';
    expect([code, stderr]).toEqual([2, expect.stringContaining(`is invalid. ${why}`)]);
    expect([server.asked(), await readdir(cwd)]).toEqual([[], []]);
  });

  it('suggest a name with one more request, and none if that fails', async () => {
    const query = 'Ubuntu-24.04-server';
    const fault = {
      on: { where: ({ path = '' }) => !path.includes(query) },
      do: { type: 'status', status: 403 },
    } as const;
    const [sound, broken] = [
      await glance(catalog),
      await glance(catalog, [{ ...fault, on: { ...fault.on, after: 1 } }]),
    ];
    expect((await sound.cli(['show', query])).stderr).toContain('did you mean');
    const { code, stderr } = await broken.cli(['show', query]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('hint: see glance-cli list')]);
    expect(broken.asked()).toHaveLength(sound.asked().length);
  });

  it('list matches one below the other', async () => {
    const twins = [1, 20].map((digits) =>
      makeEntry('x'.repeat(digits * 1000), {
        id: `t${String(digits)}`,
        name: 'twin',
        created_at: '2026-01-02T03:04:05Z',
      }),
    );
    const { code, stderr } = await (await glance(twins)).cli(['show', 'twin']);
    expect(code).toBe(3);
    expect(stderr).toMatchInlineSnapshot(`
      "error: several images are called twin [image.ambiguous]
        t1   2026-01-02 03:04:05 UTC    1000 B  public
        t20  2026-01-02 03:04:05 UTC  19.5 KiB  public
        hint: give the id, or --latest for the newest
      "
    `);
  });
});
