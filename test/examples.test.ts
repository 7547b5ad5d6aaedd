// The programs that docs/library.md shows, run as it says. Needs the built program in dist/.
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { glance } from './support/glance.ts';
import { makeBytes, makeEntry } from './support/images.ts';
import { start } from './support/spawn-cli.ts';
import { tempDir } from './support/temp-dir.ts';

const root = join(import.meta.dirname, '..');

/** What all of them print, run one after another against one server: starting that takes longer than they do. */
let printed: Promise<{ readonly lines: readonly string[]; readonly stderr: string }> | null = null;

async function runAll(): Promise<{ readonly lines: readonly string[]; readonly stderr: string }> {
  const ended = await start([process.execPath, 'examples/run.mjs'], {}, root).ended;
  expect([ended.code, ended.signal]).toEqual([0, null]);
  return { lines: ended.stdout.toString('utf8').trimEnd().split('\n'), stderr: ended.stderr };
}

/** Lines of those that fetch, which come first, of the one that serves, and of those that mirror and look inside, which come last. */
const [fetchedLines, servedLines, mirroredLines] = [8, 4, 18];
const sizeOf = 1_048_576;

it('runs the programs that fetch images', async () => {
  const { lines: all, stderr } = await (printed ??= runAll());
  const lines = all.slice(0, fetchedLines);
  expect(lines[0]).toBe('downloaded: 1048576 bytes, 0 of them from before, verified by sha512');
  expect(lines.slice(1, 3)).toEqual([
    'ubuntu-* matches 2; the newest is ubuntu-24.04',
    'debian-12 matches 1; the newest is debian-12',
  ]);
  const file = (name: string, told: string): unknown => expect.stringMatching(new RegExp(`^${told}.*newest.${name}`));
  expect(lines.slice(3, 7)).toEqual([
    file('ubuntu-24.04.raw, 0 of 1048576 bytes', 'plan: fetch '),
    file('debian-12.qcow2, 0 of 12910592 bytes', 'plan: fetch '),
    file('ubuntu-24.04.raw$', 'downloaded: '),
    file('debian-12.qcow2$', 'downloaded: '),
  ]);
  expect(lines.slice(7)).toEqual([expect.stringMatching(/ubuntu\.raw\.gz is whole and verified$/)]);
  expect(stderr).toMatch(/1048576 of 1048576 bytes/);
});

it('runs the program that serves a directory to a command', async () => {
  const { lines, stderr } = await (printed ??= runAll());
  const served = lines.slice(fetchedLines, fetchedLines + servedLines);
  expect(served).toEqual(['debian-12', 'ubuntu-22.04', 'ubuntu-24.04', 'unsafe']);
  expect(stderr).toMatch(/^GET \/v2\/images\?\S+ 200, \d+ bytes$/m);
});

it('runs the program that audits and prints SARIF', async () => {
  const { lines, stderr } = await (printed ??= runAll());
  expect(stderr.split('\n').slice(-2)).toEqual(['1 of 4 images are unsafe', '']);
  const { version, runs } = JSON.parse(lines.slice(fetchedLines + servedLines, -mirroredLines).join('\n')) as {
    version: string;
    runs: readonly object[];
  };
  expect([version, runs.length]).toEqual(['2.1.0', 1]);
  expect(runs[0]).toMatchObject({
    tool: { driver: { name: 'glance-cli' } },
    results: [{ ruleId: 'backing_file', message: { text: expect.stringMatching(/^unsafe: .*passwd/) as string } }],
    invocations: [{ executionSuccessful: true }],
  });
});

it('runs the programs that mirror only safe images, and that look inside an image', async () => {
  const { lines: all } = await (printed ??= runAll());
  const lines = all.slice(-mirroredLines);
  const mirrored = lines.slice(0, 11);
  expect(mirrored[0]).toBe('4 of 4 images to fetch');
  expect(mirrored.slice(1, 4).toSorted()).toEqual([
    expect.stringMatching(/^\S+: (1048576|12910592) bytes$/),
    expect.stringMatching(/^\S+: (1048576|12910592) bytes$/),
    expect.stringMatching(/^\S+: (1048576|12910592) bytes$/),
  ]);
  expect(mirrored.slice(4, 8).toSorted()).toEqual([
    expect.stringMatching(/^failed: unsafe: .*\[unsafe\.image\]$/),
    'new: debian-12',
    'new: ubuntu-22.04',
    'new: ubuntu-24.04',
  ]);
  expect(mirrored.slice(8)).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^\S+ is ok$/) as string));
  expect(lines.slice(11)).toEqual([
    'qcow2, safe',
    'Debian GNU/Linux 12 (bookworm), 1050 packages',
    '0644 ssh_host_ed25519_key, 35 bytes',
    '0644 ssh_host_rsa_key, 35 bytes',
    '0644 ssh_host_rsa_key.pub, 12 bytes',
    '0644 sshd_config, 0 bytes',
    'LABEL=cloudimg-rootfs / ext4 defaults 0 1',
  ]);
});

/** An example with a Glance in this process that misbehaves in the given way. */
async function against(faults: Parameters<typeof glance>[1]) {
  const data = makeBytes(2 * sizeOf);
  const server = await glance([makeEntry(data, { id: '1', name: 'one' })], faults);
  const directory = await tempDir();
  const env = { OS_AUTH_TYPE: 'none', OS_ENDPOINT: server.url.href };
  const run = (example: string, target: string) =>
    start([process.execPath, join(root, 'examples', `${example}.mjs`), 'one', target], env, directory);
  return { data, directory, run };
}

it('runs the download program, stops it with Ctrl-C, and runs it again', async () => {
  const stall = {
    on: { path: /\/images\/1$/, method: 'GET', times: 1 },
    do: { type: 'stall', afterBytes: sizeOf },
  } as const;
  const { data, directory, run } = await against([stall]);
  const first = run('download', 'file');
  await first.says(' of 2097152 bytes');
  first.child.kill('SIGINT');
  expect(await first.ended).toMatchObject({ code: 130, signal: null, stderr: expect.stringMatching(/\nstopped\n$/) });
  expect(await readdir(directory)).not.toContain('file');
  const { code, stdout } = await run('download', 'file').ended;
  expect([code, stdout.toString()]).toEqual([
    0,
    expect.stringMatching(/^downloaded: 2097152 bytes, [1-9]\d* of them from before, verified by md5\n$/),
  ]);
  expect((await readFile(join(directory, 'file'))).equals(data)).toBe(true);
});

it('runs the programs that download and send a stream when the data is wrong', async () => {
  const flip = { on: { path: /\/images\/1$/, method: 'GET' }, do: { type: 'flip', offset: 9 } } as const;
  const { data, directory, run } = await against([flip]);
  const downloaded = await run('download', 'file').ended;
  const md5 = createHash('md5').update(data).digest('hex');
  expect([downloaded.code, downloaded.stderr]).toEqual([
    6,
    expect.stringMatching(new RegExp(`its md5 is .*, not ${md5}`)),
  ]);
  const streamed = await run('stream', 'file.gz').ended;
  expect([streamed.code, streamed.stderr]).toEqual([1, expect.stringContaining('[integrity.digest]')]);
  expect(await readdir(directory)).toEqual([]);
});
