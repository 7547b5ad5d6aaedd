// What is in an image, from end to end: over stores with and without ranges, from files and streams, in every format.
import { writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { patch, u16le, u32le } from '../../../../support/disk/writers.ts';
import { largeCount, someHash } from '../../../../support/disk/guests/guests.ts';
import { largeGuestImage } from '../../../../support/disk/guests/large-guest.ts';
import { glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { type CliResult, runCli } from '../../../../support/run-cli.ts';
import { expectValid } from '../../../../support/schemas/schemas.ts';
import { startStore, type Store, type StoreOptions, storeImage } from '../../../../support/servers/store.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const image = largeGuestImage();
const mebibyte = 1024 * 1024;
const left = ['host_keys', 'machine_id_set', 'password_set', 'authorized_keys', 'shell_history'];

interface Told {
  readonly contents: {
    readonly read: boolean;
    readonly why: string | null;
    readonly os: { readonly id: string; readonly architecture: string | null } | null;
    readonly packages: unknown;
    readonly bytes_read: number;
    readonly requests: number;
  } | null;
  readonly hazards: readonly { readonly code: string }[];
}

async function store(options: Partial<StoreOptions> = {}): Promise<Store> {
  const record = { disk_format: 'qcow2', os_distro: 'ubuntu', hw_architecture: 'x86_64' };
  return await startStore({ data: image, ranges: 'works', record, ...options });
}

async function inspect({ url }: Store, ...argv: readonly string[]): Promise<CliResult> {
  return await runCli(['--endpoint', url, 'inspect', storeImage, ...argv]);
}

const told = ({ stdout }: CliResult): Told => JSON.parse(stdout) as Told;
const codes = ({ hazards }: Told): readonly string[] => hazards.map(({ code }) => code);

describe('the contents of an image', () => {
  it('are read by ranges: a disk of 2 GiB with 4 MiB and 80 requests at most', async () => {
    const server = await store();
    const result = await inspect(server, '--contents', '-f', 'json');
    const report = told(result);
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(report.contents).toMatchObject({
      read: true,
      why: null,
      filesystems: [
        { partition: '1', read: false },
        {
          partition: '2',
          type: 'ext4',
          label: 'cloudimg-rootfs',
          uuid: '01234567-89ab-4cde-8f01-23456789abcd',
          read: true,
        },
      ],
      os: { id: 'debian', version_id: '12', codename: 'bookworm', architecture: 'x86_64' },
      kernels: [{ version: '6.1.0-13-amd64', initrd: true }],
      packages: { manager: 'dpkg', count: largeCount },
      cloud_init: { datasources: ['NoCloud', 'ConfigDrive', 'OpenStack', 'None'] },
      guest_agent: true,
      machine_id: 'set',
    });
    expect(codes(report)).toEqual([...left, 'declared_os_mismatch']);
    const ranges = server.asked.slice(1);
    expect(server.asked[0]).toBe('all');
    expect(report.contents?.requests).toBe(ranges.length);
    expect(ranges.length).toBeLessThanOrEqual(80);
    expect(report.contents?.bytes_read).toBeLessThanOrEqual(4 * mebibyte);
    expectValid('inspect-report', report);
  });

  it('reveal the operating system with 1 MiB and 30 requests at most', async () => {
    const server = await store();
    const { contents } = told(await inspect(server, '--contents', '--contents-limit', '1M', '-f', 'json'));
    expect([contents?.os?.id, contents?.why, contents?.read, contents?.packages]).toEqual([
      'debian',
      'limit',
      true,
      null,
    ]);
    expect(contents?.bytes_read).toBeLessThanOrEqual(mebibyte);
    expect(contents?.requests).toBeLessThanOrEqual(30);
  });

  it.each(['refused', 'ignored'] as const)('are not read where ranges are %s, which is said', async (ranges) => {
    const server = await store({ ranges });
    const result = await inspect(server, '--contents', '-f', 'json');
    const report = told(result);
    expect([result.code, report.contents]).toMatchObject([
      0,
      { read: false, why: 'no_ranges', filesystems: [], os: null },
    ]);
    expect(codes(report)).toEqual([]);
    expect(server.asked.length).toBeLessThanOrEqual(3);
    expectValid('inspect-report', report);
    expect((await inspect(server, '--contents')).stdout).toContain('--spool fetches the whole image first');
  });

  it('are read from a temporary file with --spool, which is removed afterwards', async () => {
    const server = await store({ ranges: 'refused' });
    const tmpdir = await tempDir();
    const argv = ['--endpoint', server.url, 'inspect', storeImage, '--contents', '--spool', '-f', 'json'];
    const report = told(await runCli(argv, { tmpdir }));
    expect(report).toMatchObject({ id: storeImage, path: null, contents: { read: true, os: { id: 'debian' } } });
    expect(codes(report)).toEqual([...left, 'declared_os_mismatch']);
    expect(readdirSync(tmpdir)).toEqual([]);
    expect(server.asked.filter((asked) => asked === 'all')).toHaveLength(2);
  });

  it('are read in place even with --spool, if there are ranges', async () => {
    const server = await store();
    expect(told(await inspect(server, '--contents', '--spool', '-f', 'json')).contents?.read).toBe(true);
    expect(server.asked.filter((asked) => asked === 'all')).toHaveLength(1);
  });

  it('are read again after an answer breaks off', async () => {
    const server = await store();
    server.onData = () => {
      if (server.asked.length === 3) server.become({ fault: { type: 'cut', afterBytes: 1000 }, times: 2 });
      return undefined;
    };
    expect(told(await inspect(server, '--contents', '-f', 'json')).contents).toMatchObject({
      why: null,
      os: { id: 'debian' },
    });
  });

  it('leave the report as it is if the store fails, with what is known by then', async () => {
    const server = await store();
    server.onData = () => {
      if (server.asked.length === 16) server.become({ fault: { type: 'status', status: 500 } });
      return undefined;
    };
    const result = await inspect(server, '--contents', '-f', 'json', '--retries', '1');
    expect(result.code).toBe(0);
    expect(told(result).contents).toMatchObject({
      read: true,
      why: 'unavailable',
      os: { id: 'debian' },
      packages: null,
    });
    expect(result.stderr).toContain('part of the contents may be missing: ');
  });

  it('stop at a signal', async () => {
    const server = await store();
    const stop = new AbortController();
    server.onData = () => {
      if (server.asked.length === 5) stop.abort(new Error('stopped'));
      return undefined;
    };
    const argv = ['--endpoint', server.url, 'inspect', storeImage, '--contents'];
    const result = await runCli(argv, { signal: stop.signal });
    expect([result.code, result.stdout]).not.toEqual([0, expect.anything()]);
    expect(server.asked.length).toBeLessThan(12);
  });

  it('are not read without --contents', async () => {
    const server = await store();
    expect(told(await inspect(server, '-f', 'json')).contents).toBeNull();
    expect(server.asked).toEqual(['all']);
  });

  it.each([['--contents-limit', '1M'], ['--spool']])('are required for %s', async (...argv) => {
    const result = await inspect(await store(), ...argv, '--error-format', 'json');
    expect([result.code, result.error()['code']]).toEqual([2, 'usage.option']);
  });

  it('count as warnings with --fail-on warning, and otherwise change no exit code', async () => {
    const server = await store();
    expect((await inspect(server, '--contents', '--fail-on', 'warning')).code).toBe(11);
    expect((await inspect(server, '--contents')).code).toBe(0);
  });
});

describe('the contents of a file', () => {
  const fileSystem = (name: string): Buffer =>
    gunzipSync(readFileSync(new URL(`../../../../fixtures/disk/file-systems/${name}.gz`, import.meta.url)));

  async function inspectFile(data: Uint8Array, ...argv: readonly string[]): Promise<CliResult> {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'disk'), data);
    return await runCli(['inspect', './disk', '--contents', ...argv], { cwd, stdoutColumns: 100 });
  }

  it('are shown to people in a readable form', async () => {
    const { code, stdout } = await inspectFile(image);
    expect(code).toBe(0);
    const plain = stdout.replaceAll(/\u001b\[\d+m/g, '');
    expect(plain).toContain(`contents
  system        Debian GNU/Linux 12 (bookworm)
  architecture  x86_64
  kernels       6.1.0-13-amd64
  packages      1050 (dpkg)
  cloud-init    NoCloud, ConfigDrive, OpenStack, None
  guest agent   yes
  machine id    set
`);
    const line = `│▒▒▒▒│███${'░'.repeat(66)}│`;
    expect(plain).toContain(`disk
  ${line}
  size          2.0 GiB, GPT
  1 EFI system  124.0 MiB
  2 Linux       1.9 GiB, ext4 "cloudimg-rootfs", 1.8 GiB free
`);
    expect(plain).toContain('warning  password_set: 1 account with a password: root\n');
    expect(plain).toContain('to do    remove the keys: whoever holds them can log in to every guest\n');
    expect(plain).toMatch(/^verdict: safe, with 5 warnings\n/);
  });

  it('describe partitions as the report of a raw disk does', async () => {
    const { partitions } = told(await inspectFile(image, '-f', 'json')) as unknown as { partitions: unknown };
    expect(partitions).toEqual({
      scheme: 'gpt',
      entries: [
        expect.objectContaining({ number: 1, type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B' }),
        expect.objectContaining({ number: 2, type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4' }),
      ],
    });
  });

  it('never include the hash of a password, in any form of the report', async () => {
    for (const format of [['-f', 'json'], ['-f', 'yaml'], ['-f', 'csv'], ['-f', 'value'], ['--sarif'], []]) {
      const { stdout, stderr } = await inspectFile(image, ...format);
      expect(stdout).toContain('password_set');
      expect(stdout + stderr).not.toContain(someHash.slice(12, 24));
      expect(stdout + stderr).not.toContain('psecret');
    }
  });

  it.each([
    ['an ext4 without a table', 'ext4-1k', 'ext4'],
    ['an ext2', 'ext2-1k', 'ext2'],
  ])('of %s are read', async (_name, fixture, type) => {
    const report = told(await inspectFile(fileSystem(fixture), '-f', 'json'));
    expect(report.contents).toMatchObject({
      filesystems: [{ partition: null, type, read: true }],
      os: { id: 'debian' },
    });
  });

  it.each([
    ['an ext4', patch(fileSystem('ext4-1k'), [1024 + 0x3a, u16le(0)])],
    ['an XFS', fileSystem('xfs-dirty')],
  ])('of %s that was not unmounted are read, and that is said', async (_name, data) => {
    const result = await inspectFile(data, '-f', 'json');
    expect([result.code, told(result).contents]).toMatchObject([0, { read: true, why: null }]);
    expect(result.stderr).toContain('its file system: it was not unmounted, so what was written last may be missing');
  });

  it('of an ext4 with a broken superblock are damaged, as no guest would boot from a copy of it', async () => {
    const result = await inspectFile(patch(fileSystem('ext4-1k'), [1024 + 0x20, u32le(0)]), '-f', 'json');
    expect([result.code, told(result).contents]).toMatchObject([0, { read: true, why: 'damaged', os: null }]);
    expect(result.stderr).toContain(
      'its file system: the first data block or the number of blocks per group is out of range',
    );
  });

  it('are empty if it is not a disk', async () => {
    const report = told(await inspectFile(makeBytes(3 * mebibyte), '-f', 'json'));
    expect(report.contents).toMatchObject({
      read: true,
      why: null,
      filesystems: [{ type: null, read: false }],
      os: null,
    });
  });

  it('are reported as unreadable if encrypted, compressed or damaged', async () => {
    const gzip = told(
      await inspectFile(Buffer.concat([Buffer.from('1f8b08', 'hex'), Buffer.alloc(5000)]), '-f', 'json'),
    );
    expect(gzip.contents).toMatchObject({ read: false, why: 'unsupported', filesystems: [] });
    const damaged = await inspectFile(patch(image, [196_608, Buffer.alloc(65_536, 0xff)]), '-f', 'json');
    expect([damaged.code, told(damaged).contents]).toMatchObject([0, { why: 'damaged', os: null }]);
    expect(damaged.stderr).toContain('warning: part of the contents may be missing: ');
  });

  it('cannot be read from a stream', async () => {
    const result = await runCli(['inspect', '-', '--contents', '-f', 'json'], { stdin: 'text' });
    expect([result.code, told(result).contents]).toMatchObject([0, { read: false, why: 'no_ranges' }]);
  });
});

describe('hostile contents', () => {
  /** The same image, with a text on the disk replaced by another of the same length. */
  function changed(text: string, other: string): Buffer {
    const bytes = Buffer.from(image);
    expect(Buffer.byteLength(other)).toBe(text.length);
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) bytes.write(other, at);
    return bytes;
  }

  it('are escaped on a terminal, in SARIF and in JSON', async () => {
    const cwd = await tempDir();
    const evil = '\u001b]0;owned\u0007\u202e\u0000(bookworm)';
    const name = 'Debian GNU/Linux 12 (bookworm)';
    await writeFile(join(cwd, 'disk'), changed(name, evil.padEnd(name.length - 2)));
    for (const argv of [[], ['-f', 'json'], ['-f', 'yaml'], ['-f', 'csv'], ['--sarif']]) {
      const env = { NO_COLOR: '1' };
      const where = { cwd, env, stdoutColumns: 100 };
      const { code, stdout, stderr } = await runCli(['inspect', './disk', '--contents', ...argv], where);
      expect(code).toBe(0);
      expect(stdout + stderr).not.toMatch(/\u001b|\u0007|\u202e|\u0000/);
      if (!argv.includes('--sarif')) expect(stdout).toContain('owned');
    }
  });

  it('are results in SARIF, with advice', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'disk'), image);
    const { stdout } = await runCli(['inspect', './disk', '--contents', '--sarif'], { cwd });
    const log = JSON.parse(stdout) as { runs: [{ results: { ruleId: string; level: string }[] }] };
    expect(log.runs[0].results.map(({ ruleId, level }) => [ruleId, level])).toEqual(
      left.map((code) => [code, 'warning']),
    );
  });

  it('do not cause endless loops', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'disk'), changed('../usr/lib/os-release', '../etc/os-release/../'));
    const result = await runCli(['inspect', './disk', '--contents', '-f', 'json'], { cwd });
    expect([result.code, told(result).contents]).toMatchObject([0, { read: true }]);
  });
});

describe('the contents of every image', () => {
  const entries = [
    makeEntry(image, { id: 'a', name: 'guest', disk_format: 'qcow2' }),
    makeEntry('', { id: 'b', name: 'nothing' }),
  ];

  it('are columns of the table', async () => {
    const server = await glance(entries);
    const { stdout, code } = await server.cli(['inspect', '--all', '--contents', '--sort', 'id'], {
      stdoutColumns: 160,
    });
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/INSIDE.*PACKAGES/);
    expect(stdout).toMatch(/guest .*Debian GNU\/Linux 12 \(bookworm\) +1050 .*host_keys, /);
  });

  it('are in each line of JSON', async () => {
    const server = await glance(entries);
    const { stdout } = await server.cli(['inspect', '--all', '--contents', '--sort', 'id', '-f', 'ndjson']);
    const reports = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
    for (const report of reports) expectValid('inspect-report', report);
    expect(reports.map(({ contents }) => contents === null)).toEqual([false, false]);
  });
});
