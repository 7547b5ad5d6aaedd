// Files within images, from end to end: listed and printed, from stores with and without ranges, files, mirrors and buckets.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readSample } from '../../../../support/disk/volumes/file-system-corpus.ts';
import { largeGuestImage } from '../../../../support/disk/guests/large-guest.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { type CliOptions, type CliResult, runCli } from '../../../../support/run-cli.ts';
import { startS3 } from '../../../../support/s3/double.ts';
import { expectValid } from '../../../../support/schemas/schemas.ts';
import { startStore, type Store, type StoreOptions, storeImage } from '../../../../support/servers/store.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const image = largeGuestImage();
const release = [
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  'NAME="Debian GNU/Linux"',
  'VERSION_ID="12"',
  'VERSION_CODENAME=bookworm',
  'ID=debian',
  '',
].join('\n');
/** 20 MiB that are nearly all holes. */
const kernel = '/boot/vmlinuz-6.1.0-13-amd64';
const kernelBytes = 20 * 1024 * 1024;

async function store(options: Partial<StoreOptions> = {}): Promise<Store> {
  return await startStore({ data: image, ranges: 'works', record: { disk_format: 'qcow2' }, ...options });
}

const failure = (result: CliResult): unknown[] => [result.code, result.error()['code']];
const errors = ['--error-format', 'json'] as const;

/** A directory with the image in it. */
async function directory(data: Uint8Array = image): Promise<string> {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'disk.qcow2'), data);
  return cwd;
}

describe('files', () => {
  it('lists a directory of an image by ranges: in a disk of 2 GiB with 4 MiB and 40 requests at most', async () => {
    const { url, asked } = await store();
    const result = await runCli(['--endpoint', url, 'files', storeImage, '/etc', '-f', 'json']);
    const rows = JSON.parse(result.stdout) as { readonly name: string }[];
    expect([result.code, result.stderr, rows.length]).toEqual([0, '', 207]);
    expect(rows.map(({ name }) => name)).toEqual(rows.map(({ name }) => name).toSorted());
    expect(rows.find(({ name }) => name === 'os-release')).toMatchObject({
      type: 'link',
      mode: '0777',
      uid: 0,
      target: '../usr/lib/os-release',
    });
    for (const row of rows) expectValid('guest-file', row);
    expect(asked[0]).toBe('all');
    expect(asked.length).toBeLessThanOrEqual(40);
  });

  it.each([
    ['json', ['-c', 'name', '-c', 'size'], '[\n  {\n    "name": "fstab",\n    "size": 42\n  }\n]\n'],
    ['ndjson', ['-c', 'name', '-c', 'type'], '{"name":"fstab","type":"file"}\n'],
    ['csv', ['-c', 'name', '-c', 'mode', '-c', 'target'], 'name,mode,target\nfstab,0644,\n'],
    ['yaml', ['-c', 'name', '-c', 'modified_at'], '- name: fstab\n  modified_at: "2026-11-26T19:20:45Z"\n'],
    ['value', ['-c', 'uid', '-c', 'gid', '-c', 'name'], '0 0 fstab\n'],
    ['table', [], 'NAME   TYPE  SIZE  MODE       MODIFIED\nfstab  file  42 B  rw-r--r--  2026-11-26T19:20:45Z\n'],
  ])('prints one file as %s', async (format, columns, text) => {
    const cwd = await directory();
    const result = await runCli(['files', 'disk.qcow2:/etc/fstab', '-f', format, ...columns], { cwd });
    expect([result.code, result.stderr, result.stdout]).toEqual([0, '', text]);
  });

  it('accepts image and path as one argument or two, and keeps a colon in either', async () => {
    const cwd = await directory();
    const { url } = await store();
    const http = `${url}/images/${storeImage}`;
    const listings = await Promise.all(
      [
        ['./disk.qcow2', 'usr/lib'],
        ['./disk.qcow2:/usr/lib'],
        ['./disk.qcow2:/lib/'],
        [http, '/usr/lib'],
        [`${http}:/usr/lib`],
      ].map(async (argv) => (await runCli(['files', ...argv, '-f', 'value', '-c', 'name'], { cwd })).stdout),
    );
    expect(new Set(listings).size).toBe(1);
    expect(listings[0]).toContain('os-release\n');
    expect((await runCli(['files', http, '-f', 'value', '-c', 'name'])).stdout).toContain('etc\n');
    // A drive of Windows, which is no image here.
    expect(failure(await runCli(['files', 'C:/disk.qcow2', ...errors], { cwd }))).toEqual([8, 'io.missing']);
    expect(failure(await runCli(['files', '-', ...errors], { cwd }))).toEqual([2, 'usage.argument']);
  });

  it('escapes names for people, and prints them exactly for programs', async () => {
    const data = Buffer.from(readSample('ext4-1k'));
    // A name of the directory, where it has no index.
    const name = Buffer.from('lost+found');
    for (let at = data.indexOf(name); at >= 0; at = data.indexOf(name, at + 1))
      data.write('a\u001b[2Jb\nc\u007f', at, 'latin1');
    const cwd = await directory(data);
    const shown = await runCli(['files', 'disk.qcow2'], { cwd, stdoutColumns: 100 });
    expect(shown.stdout).toContain('a\\x1b[2Jb\\x0ac\\x7fd');
    expect(shown.stdout).not.toContain('\u001b[2J');
    const listed = await runCli(['files', 'disk.qcow2', '-f', 'json'], { cwd });
    expect((JSON.parse(listed.stdout) as { name: string }[]).map((row) => row.name)).toContain('a\u001b[2Jb\nc\u007fd');
    expect(listed.stdout).not.toContain('\u001b');
  });

  it('says what is missing and what cannot be read, each with its exit code', async () => {
    const cwd = await directory();
    const files = async (...argv: readonly string[]): Promise<CliResult> =>
      await runCli(['files', ...argv, ...errors], { cwd });
    const none = await files('disk.qcow2:/none');
    expect(failure(none)).toEqual([3, 'contents.not_found']);
    expect(none.error()['hint']).toBe('glance-cli files IMAGE:/DIRECTORY lists what is there');
    expect(failure(await files('disk.qcow2', '--partition', '9'))).toEqual([3, 'contents.not_found']);
    expect(failure(await files('disk.qcow2', '--partition', '1'))).toEqual([7, 'contents.unreadable']);
    const limited = await files('disk.qcow2', '--contents-limit', '100K');
    expect([...failure(limited), limited.error()['hint']]).toEqual([
      9,
      'contents.limit',
      '--contents-limit allows more',
    ]);
    await writeFile(join(cwd, 'packed.gz'), Buffer.from('1f8b0800000000000003', 'hex'));
    expect(failure(await files('packed.gz'))).toEqual([7, 'contents.unreadable']);
    await writeFile(join(cwd, 'empty'), '');
    expect(failure(await files('empty'))).toEqual([7, 'data.empty']);
    expect(failure(await files('./none'))).toEqual([8, 'io.missing']);
    expect(failure(await files('./'))).toEqual([8, 'io.not_regular']);
  });
});

describe('cat', () => {
  it.each(['refused', 'ignored'] as const)(
    'suggests --spool where ranges are %s, and reads the image with it',
    async (ranges) => {
      const { url, asked } = await store({ ranges });
      const tmpdir = await tempDir();
      const argv = ['--endpoint', url, 'cat', `${storeImage}:/etc/os-release`];
      const result = await runCli([...argv, ...errors], { tmpdir });
      expect([...failure(result), result.stdout]).toEqual([7, 'contents.unreadable', '']);
      expect(result.error()['hint']).toContain('--spool');
      expect(asked.length).toBeLessThanOrEqual(3);
      const spooled = await runCli([...argv, '--spool'], { tmpdir });
      expect([spooled.code, spooled.stderr, spooled.stdout]).toEqual([0, '', release]);
      expect(readdirSync(tmpdir)).toEqual([]);
    },
  );

  it('reads images of mirrors in a directory and in a bucket', async () => {
    const entry = makeEntry(image, { id: 'guest', disk_format: 'qcow2' });
    const [server, bucket] = [await glance([entry]), await startS3()];
    const options: CliOptions = { cwd: await tempDir(), env: bucket.env };
    for (const place of ['m', 's3://images/prod']) {
      expect((await server.cli(['mirror', place, '--progress', 'none'], options)).code).toBe(0);
    }
    for (const argv of [
      ['m/guest:/etc/os-release'],
      ['s3://images/prod/guest:/etc/os-release'],
      ['s3://images/prod/guest', '/etc/os-release'],
    ]) {
      expect((await runCli(['cat', ...argv], options)).stdout).toBe(release);
    }
    const missing = await runCli(['cat', 's3://images/prod/none:/x', ...errors], options);
    expect(failure(missing)).toEqual([3, 'place.missing']);
  });

  it('writes a file completely or not at all, including its holes', async () => {
    const cwd = await directory();
    const argv = ['cat', `disk.qcow2:${kernel}`, '-o', 'kernel', '--progress', 'none'];
    const result = await runCli(argv, { cwd });
    expect([result.code, result.stdout, result.stderr]).toEqual([
      0,
      '',
      `kernel: 20.0 MiB, ${kernel} of ${cwd}/disk.qcow2\n`,
    ]);
    const { size, blocks, mode } = statSync(join(cwd, 'kernel'));
    expect([size, mode % 0o1000]).toEqual([kernelBytes, 0o644]);
    expect(blocks * 512).toBeLessThan(kernelBytes / 4);
    const bytes = readFileSync(join(cwd, 'kernel'));
    expect([bytes.toString('latin1', 0, 6), bytes.indexOf(0), bytes.subarray(6).every((byte) => byte === 0)]).toEqual([
      'kernel',
      6,
      true,
    ]);
    // What is there already stays, unless it is to be replaced.
    await writeFile(join(cwd, 'kernel'), 'mine');
    expect(failure(await runCli([...argv, ...errors], { cwd }))).toEqual([8, 'io.exists']);
    expect(readFileSync(join(cwd, 'kernel'), 'utf8')).toBe('mine');
    expect((await runCli([...argv, '--force'], { cwd })).code).toBe(0);
    expect(statSync(join(cwd, 'kernel')).size).toBe(kernelBytes);
    expect(readdirSync(cwd).toSorted()).toEqual(['disk.qcow2', 'kernel']);
  });

  it('leaves the target untouched, with nothing beside it, if the limit is reached on the way', async () => {
    const cwd = await directory();
    const path = '/var/lib/dpkg/status';
    await writeFile(join(cwd, 'status'), 'mine');
    const argv = ['cat', `disk.qcow2:${path}`, '--contents-limit', '1300K', ...errors];
    const result = await runCli([...argv, '-o', 'status', '--force', '--progress', 'none'], { cwd });
    expect(failure(result)).toEqual([9, 'contents.limit']);
    expect(result.error()['hint']).toMatch(/^--contents-limit allows more: \d+M would be enough$/);
    expect(readFileSync(join(cwd, 'status'), 'utf8')).toBe('mine');
    expect(readdirSync(cwd).toSorted()).toEqual(['disk.qcow2', 'status']);
    expect(failure(await runCli(argv, { cwd }))).toEqual([9, 'contents.limit']);
    const whole = await runCli(['cat', `disk.qcow2:${path}`], { cwd });
    const enough = /(\d+)M/.exec(String(result.error()['hint']))?.[1] ?? '';
    const again = await runCli(['cat', `disk.qcow2:${path}`, '--contents-limit', `${enough}M`], { cwd });
    expect(sha256(again.stdoutBytes)).toBe(sha256(whole.stdoutBytes));
    expect([again.code, again.stdoutBytes.length > 100_000]).toEqual([0, true]);
  });

  it('escapes text on a terminal, and refuses to show binary data there', async () => {
    const cwd = await directory();
    const terminal = { cwd, stdoutColumns: 80 };
    expect((await runCli(['cat', 'disk.qcow2:/etc/os-release'], terminal)).stdout).toBe(release);
    const data = Buffer.from(readSample('fat12'));
    data.write('a\u001b[31m\tnames', data.indexOf('a short name\n'), 'latin1');
    await writeFile(join(cwd, 'fat'), data);
    expect((await runCli(['cat', 'fat:/readme.txt'], terminal)).stdout).toBe('a\\x1b[31m\tnames\n');
    expect((await runCli(['cat', 'fat:/readme.txt'], { cwd })).stdout).toBe('a\u001b[31m\tnames\n');
    const binary = await runCli(['cat', `disk.qcow2:${kernel}`, ...errors], terminal);
    expect([...failure(binary), binary.stdout]).toEqual([2, 'usage.terminal', '']);
    // The same file to a pipe has every byte.
    const piped = await runCli(['cat', `disk.qcow2:${kernel}`], { cwd });
    expect([piped.code, piped.stdoutBytes.length]).toEqual([0, kernelBytes]);
  });

  it('refuses anything but files, and calls that make no sense', async () => {
    const cwd = await directory();
    const cat = async (...argv: readonly string[]): Promise<unknown> =>
      failure(await runCli(['cat', ...argv, ...errors], { cwd }));
    expect(await cat('disk.qcow2:/etc')).toEqual([3, 'contents.not_found']);
    expect(await cat('disk.qcow2:/')).toEqual([3, 'contents.not_found']);
    expect(await cat('disk.qcow2')).toEqual([2, 'usage.argument']);
    expect(await cat('disk.qcow2:/etc/fstab', '--force')).toEqual([2, 'usage.option']);
    expect(await cat('disk.qcow2:/etc/fstab', '-o', ' ')).toEqual([2, 'usage.option']);
    for (const path of ['./', 'new/', 'new/.', 'disk.qcow2/..'])
      expect(await cat('disk.qcow2:/etc/fstab', '-o', path)).toEqual([8, 'io.not_regular']);
    expect(existsSync(join(cwd, 'new'))).toBe(false);
    expect(await cat('disk.qcow2:/etc/fstab', '-o', 'none/file')).toEqual([8, 'io.missing']);
    expect(existsSync(join(cwd, 'none'))).toBe(false);
    expect((await runCli(['cat', 'disk.qcow2:/etc/fstab', '-o', '/dev/null'], { cwd })).code).toBe(0);
    const closed = await runCli(['cat', 'disk.qcow2:/etc/fstab', ...errors], { cwd, isStdoutClosed: true });
    expect(failure(closed)).toEqual([8, 'io.closed']);
  });

  it('reports that the reader of its pipe hung up', async () => {
    const cwd = await directory();
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    });
    const result = await runCli(['cat', `disk.qcow2:${kernel}`, ...errors], {
      cwd,
      stdout: Object.assign(stdout, { isTTY: false, columns: 0 }),
    });
    expect(result.code).toBe(141);
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
