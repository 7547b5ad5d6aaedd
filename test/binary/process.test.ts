// What only a process can show: signals, closed pipes, terminals. Needs the build, which `npm test` makes first.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { version } from '../../src/version.ts';
import { glance } from '../support/glance.ts';
import { makeBytes, makeEntry } from '../support/images.ts';
import { fetchHttp } from '../support/servers/raw-client.ts';
import { shellProgram, start, startCli } from '../support/spawn-cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const data = makeBytes(3_000_000);
const catalog = [makeEntry(data, { id: '1', name: 'one' })];
const endpoint = (server: { url: URL }): Record<string, string> => ({ OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href });

it('prints its version', async () => {
  const { code, stdout } = await startCli(['--version'], {}, '/').ended;
  expect([code, stdout.toString()]).toEqual([0, `${version}\n`]);
});

it('prints help and completions without any configuration', async () => {
  const help = await startCli(['--help'], {}, '/').ended;
  expect([help.code, help.stderr]).toEqual([0, '']);
  expect(help.stdout.toString()).toContain('Usage: glance-cli');
  const completion = await startCli(['completion', 'bash'], {}, '/').ended;
  expect([completion.code, completion.stderr]).toEqual([0, '']);
  expect(completion.stdout.toString()).toContain('complete ');
});

it('computes digests of large data in separate threads', async () => {
  const cwd = await tempDir();
  const large = makeBytes(9_000_000);
  const server = await glance([makeEntry(large, { id: '1', disk_format: 'qcow2' })]);
  const argv = ['download', '1', '-o', 'f', '--digest', 'sha256', '-f', 'json'];
  const { code, stdout } = await startCli(argv, endpoint(server), cwd).ended;
  expect(code).toBe(0);
  const sha256 = createHash('sha256').update(large).digest('hex');
  expect(JSON.parse(stdout.toString())).toMatchObject({ bytes: large.length, digests: { sha256 } });
  expect((await readFile(join(cwd, 'f'))).equals(large)).toBe(true);
});

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends a download by that signal, and the part is kept',
    async (name) => {
      const cwd = await tempDir();
      await writeFile(join(cwd, 'f'), 'old');
      const server = await glance(catalog, [
        { on: { method: 'GET', path: /\/1$/ }, do: { type: 'stall', afterBytes: 1_000_000 } },
      ]);
      const { child, ended } = startCli(['download', '1', '-o', 'f', '--force'], endpoint(server), cwd);
      await server.stalled;
      child.kill(name);
      const { code, signal, stderr } = await ended;
      expect([code, signal]).toEqual([null, name]);
      expect(stderr).toContain(`stopped by ${name}`);
      expect(await readFile(join(cwd, 'f'), 'utf8')).toBe('old');
      expect(stderr).toMatch(/kept [\d.]+ [KM]?i?B in .*\.part\n/);
      expect((await readdir(cwd)).toSorted()).toEqual([
        expect.stringMatching(/^\.f\.[0-9a-f]{12}\.part$/),
        expect.stringMatching(/^\.f\.[0-9a-f]{12}\.part\.json$/),
        'f',
      ]);
    },
  );

  it('reports for each of several downloads what is kept', async () => {
    const cwd = await tempDir();
    const server = await glance(
      [makeEntry(data, { id: '1', name: 'one' }), makeEntry(data, { id: '2', name: 'two' })],
      [{ on: { method: 'GET', path: /\/1$/ }, do: { type: 'stall', afterBytes: 1_000_000 } }],
    );
    const argv = ['download', '2', '1', '-o', 'd/', '--jobs', '1'];
    const { child, ended } = startCli(argv, endpoint(server), cwd);
    await server.stalled;
    child.kill('SIGINT');
    const { signal, stderr } = await ended;
    expect(signal).toBe('SIGINT');
    expect(stderr).toMatch(/^1: kept [\d.]+ [KM]iB in .*\.part$/m);
    expect(stderr).toMatch(/stopped by SIGINT\n {2}hint: run the same command again: it resumes from there\n$/);
  });

  it('appears to a shell as 128 plus its number', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog, [
      { on: { method: 'GET', path: /\/1$/ }, do: { type: 'stall', afterBytes: 10 } },
    ]);
    const script = `${shellProgram} download 1 -o f & pid=$!; read line; kill -TERM $pid; wait $pid; echo "status $?"`;
    const { child, ended } = start(['sh', '-c', script], endpoint(server), cwd);
    await server.stalled;
    child.stdin?.end('go\n');
    expect((await ended).stdout.toString()).toContain('status 143');
  });

  it('ends serve in an orderly way, with 143 and no tokens in its log', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'a.raw'), 'x');
    await writeFile(join(cwd, '.token'), 's3cret\n');
    const { child, ended } = startCli(['serve', cwd, '--port', '0', '--token-file', '.token'], {}, cwd);
    const url = await new Promise<Buffer>((listening) => child.stdout?.once('data', listening));
    const list = new URL('v2/images', url.toString().trim());
    const statuses = [
      await fetchHttp(list, { headers: { 'X-Auth-Token': 'wrong' } }),
      await fetchHttp(list, { headers: { 'X-Auth-Token': 's3cret' } }),
    ].map(({ status }) => status);
    child.kill('SIGTERM');
    const { signal, stdout, stderr } = await ended;
    expect([signal, ...statuses]).toEqual(['SIGTERM', 401, 200]);
    expect(stdout.toString()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
    expect(stderr.replace('stopped by SIGTERM\n', '')).toMatch(
      /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z GET \/v2\/images (?:401|200) \d+ \d+\.\dms\n){2}$/,
    );
  });
});

describe('a reader that hangs up', () => {
  it('ends list quietly with 0', async () => {
    const images = Array.from({ length: 900 }, (_, index) =>
      makeEntry('x', { id: `id-${String(index).padStart(5, '0')}`, name: 'n'.repeat(200) }),
    );
    const server = await glance(images);
    const script = `set -o pipefail; ${shellProgram} list -f json | head -n 1; echo "status $?"`;
    const { stdout, stderr } = await start(['bash', '--norc', '-c', script], endpoint(server), '/').ended;
    expect([stdout.toString(), stderr]).toEqual(['[\nstatus 0\n', '']);
  });

  it('ends download with 141, as not everything was taken', async () => {
    const server = await glance(catalog);
    const script = `set -o pipefail; ${shellProgram} download 1 --progress none | head -c 10 >/dev/null; echo "status $?"`;
    const { stdout, stderr } = await start(['bash', '--norc', '-c', script], endpoint(server), '/').ended;
    expect([stdout.toString(), stderr]).toEqual(['status 141\n', '']);
  });

  it('gets everything if it reads to the end', async () => {
    const server = await glance(catalog);
    const { code, stdout } = await startCli(['download', '1'], endpoint(server), '/').ended;
    expect(code).toBe(0);
    expect(stdout.equals(data)).toBe(true);
  });
});

it('a full disk behind stdout is an error', async () => {
  const server = await glance(catalog);
  for (const argv of ['download 1', 'show 1']) {
    const script = `${shellProgram} ${argv} --error-format json > /dev/full`;
    const { code, stderr } = await start(['sh', '-c', script], endpoint(server), '/').ended;
    expect(code).toBe(8);
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ code: 'io.nospace' });
  }
});

it('a file behind stdout that cannot take everything is an error, never a silent loss', async () => {
  const cwd = await tempDir();
  const server = await glance([makeEntry(makeBytes(15_000), { id: '1' })]);
  const script = `ulimit -f 10; ${shellProgram} download 1 --error-format json > f`;
  const { code, stderr } = await start(['bash', '--norc', '-c', script], endpoint(server), cwd).ended;
  expect(code).toBe(8);
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ code: 'io.limit' });
});

it('a closed stdout is an error, but /dev/null is not', async () => {
  const server = await glance(catalog);
  const run = (redirection: string): ReturnType<typeof start>['ended'] => {
    const script = `${shellProgram} download 1 --error-format json ${redirection}`;
    return start(['sh', '-c', script], endpoint(server), '/').ended;
  };
  const closed = await run('>&-');
  expect(closed.code).toBe(8);
  expect(JSON.parse(closed.stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ code: 'io.closed' });
  expect((await run('>/dev/null')).code).toBe(0);
});

it('a closed stdout fails whatever prints, but output that another program discards is fine', async () => {
  const server = await glance(catalog);
  const script = ['list', '--version', '--help', 'completion bash']
    .map(
      (argv) =>
        `${shellProgram} ${argv} 2>/dev/null >&-; echo $?; ${shellProgram} ${argv} 2>/dev/null >/dev/full; echo $?`,
    )
    .join('\n');
  const { stdout } = await start(['sh', '-c', script], endpoint(server), '/').ended;
  expect(stdout.toString().split('\n')).toEqual([...Array.from({ length: 8 }, () => '8'), '']);
  // Node, like others, opens it for reading and writing here, which is also how Node replaces a closed one.
  const discarded = spawn('sh', ['-c', `exec ${shellProgram} list`], {
    env: { PATH: process.env['PATH'] ?? '', ...endpoint(server) },
    stdio: 'ignore',
  });
  expect(await new Promise((resolve) => discarded.once('close', resolve))).toBe(0);
});

describe('an odd environment', () => {
  it.each([
    { LANG: 'xx_YY.NOPE', LC_ALL: '%%%', LANGUAGE: '@', HOME: '', XDG_CACHE_HOME: 'relative' },
    {
      HOME: 'relative',
      TZ: 'Nope/Zone',
      TERM: '',
      COLUMNS: '-1',
      LINES: 'many',
      NO_COLOR: 'false',
      FORCE_COLOR: '-1',
    },
  ])('%j does no harm', async (env) => {
    const server = await glance(catalog);
    const calls = [['--version'], ['--help'], ['list', '-f', 'yaml'], ['list', '--debug']];
    const cwd = await tempDir();
    const ends = await Promise.all(calls.map((argv) => startCli(argv, { ...endpoint(server), ...env }, cwd).ended));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('is reported in the requested form when Node itself warns about it', async () => {
    const env = { OS_IMAGE_ENDPOINT_OVERRIDE: 'https://127.0.0.1:1', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const { code, stderr } = await startCli(['list', '--retries', '0', '--progress', 'json'], env, '/').ended;
    expect(code).toBe(5);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'warning', message: expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED') as unknown },
      { code: 'net.refused' },
    ]);
  });

  it('is named if Node lacks what HTTP needs', async () => {
    const server = await glance(catalog);
    const env = { ...endpoint(server), NODE_OPTIONS: '--jitless' };
    const { code, stderr } = await startCli(['list'], env, '/').ended;
    expect(code).toBe(2);
    expect(stderr).toContain('NODE_OPTIONS');
    expect((await startCli(['--help'], env, '/').ended).code).toBe(0);
  });
});

it('without a working directory only affects what needs one', async () => {
  const cwd = await tempDir();
  const server = await glance(catalog);
  const calls = ['--version', '--help', 'list', `download 1 -o ${join(cwd, 'f')}`, 'download 1 -o f', 'inspect ./f'];
  const script = calls.map((argv) => `${shellProgram} ${argv} >/dev/null 2>>../err; echo $?`).join('\n');
  const { stdout } = await start(['sh', '-c', `mkdir gone; cd gone; rmdir ../gone\n${script}`], endpoint(server), cwd)
    .ended;
  expect(stdout.toString().trim().split('\n')).toEqual(['0', '0', '0', '0', '8', '8']);
  expect((await readFile(join(cwd, 'f'))).equals(data)).toBe(true);
});

it('a limit on the size of files keeps what fits', async () => {
  const cwd = await tempDir();
  const server = await glance(catalog);
  const script = `ulimit -f 100; ${shellProgram} download 1 -o f --error-format json`;
  const { code, stderr } = await start(['bash', '--norc', '-c', script], endpoint(server), cwd).ended;
  expect(code).toBe(8);
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ code: 'io.limit' });
  const again = await startCli(['download', '1', '-o', 'f'], endpoint(server), cwd).ended;
  expect(again.code).toBe(0);
  expect(await readdir(cwd)).toEqual(['f']);
});

it('a limit on the size of files that allows no writing leaves no file behind, and none open', async () => {
  const cwd = await tempDir();
  const server = await glance(catalog);
  const script = `ulimit -f 0; ${shellProgram} download 1 -o f`;
  const { code, stderr } = await start(['bash', '--norc', '-c', script], endpoint(server), cwd).ended;
  expect([code, await readdir(cwd)]).toEqual([8, []]);
  expect(stderr).not.toContain('Warning:');
});

/** Finds the lowest limit with which Node itself can start a script. */
const findFewFiles = 'for n in {16..40}; do (ulimit -n $n; node "$EMPTY_SCRIPT") 2> /dev/null && break; done; echo $n';
let fewFiles: Promise<number> | null = null;

async function readFewFiles(): Promise<number> {
  const directory = await tempDir();
  const env = { EMPTY_SCRIPT: join(directory, 'empty.js') };
  await writeFile(env.EMPTY_SCRIPT, '');
  return Number((await start(['bash', '--norc', '-c', findFewFiles], env, directory).ended).stdout);
}

// An executable has the whole program in one file.
it.skipIf('GLANCE_CLI_BINARY' in process.env).each(['list', 'download 1 -o f', 'inspect 1', 'mirror m', 'doctor'])(
  'a limit on open files that is too low is reported by its name: %s',
  async (argv) => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    fewFiles ??= readFewFiles();
    const script = `ulimit -n ${String(await fewFiles)}; ${shellProgram} ${argv} --retries 0`;
    const { code, stderr } = await start(['bash', '--norc', '-c', script], endpoint(server), cwd).ended;
    expect([code, stderr]).toEqual([8, expect.stringContaining('no more files can be opened [io.limit]')]);
    expect(stderr).toContain('ulimit -n');
    expect(await readdir(cwd)).toEqual([]);
  },
);

it('an uncreatable cache is skipped at once', async () => {
  const server = await glance(catalog);
  const env = { ...endpoint(server), XDG_CACHE_HOME: '/proc/nope' };
  const { code, stderr } = await startCli(['list', '-f', 'value', '-c', 'name'], env, '/').ended;
  expect([code, stderr]).toEqual([0, '']);
  const mirror = await startCli(['mirror', '/proc/nope/m', '--error-format', 'json'], env, '/').ended;
  expect([mirror.code, JSON.parse(mirror.stderr)]).toMatchObject([8, { code: 'io.missing' }]);
});

/** Mounts a separate file system; null if that is not allowed. */
function mountSmall(directory: string): (() => void) | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', directory], { stdio: 'ignore' });
    return () => void execFileSync('umount', ['-l', directory], { stdio: 'ignore' });
  } catch {
    return null;
  }
}

it('a full disk keeps what fits, and the next run with room resumes', async (context) => {
  const cwd = await tempDir();
  const unmount = mountSmall(cwd);
  context.skip(unmount === null, 'it takes the right to mount a file system');
  onTestFinished(() => unmount?.());
  const large = makeBytes(4_000_000);
  const server = await glance([makeEntry(large, { id: '1', disk_format: 'qcow2' })]);
  const args = ['download', '1', '-o', 'f', '--error-format', 'json', '--retries', '0'];
  const early = await startCli(args, endpoint(server), cwd).ended;
  expect(early.code).toBe(8);
  expect(await readdir(cwd)).toEqual([]);
  const full = await startCli([...args, '--no-space-check'], endpoint(server), cwd).ended;
  expect(full.code).toBe(8);
  const error = JSON.parse(full.stderr.trimEnd().split('\n').at(-1) ?? '') as {
    code: string;
    partial: { bytes: number };
  };
  expect(error.code).toBe('io.nospace');
  expect(error.partial.bytes).toBeGreaterThan(0);
  execFileSync('mount', ['-o', 'remount,size=16m', cwd]);
  const again = await startCli(['download', '1', '-o', 'f', '-f', 'json'], endpoint(server), cwd).ended;
  expect(again.code).toBe(0);
  expect((JSON.parse(again.stdout.toString()) as { resumed_from: number }).resumed_from).toBe(error.partial.bytes);
  expect((await readFile(join(cwd, 'f'))).equals(large)).toBe(true);
});

describe('a FIFO as the target', () => {
  it('gets every byte if somebody reads, and is refused if nobody does', async () => {
    const cwd = await tempDir();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const server = await glance(catalog);
    const refused = await startCli(['download', '1', '-o', 'pipe', '--error-format', 'json'], endpoint(server), cwd)
      .ended;
    expect(refused.code).toBe(8);
    expect(JSON.parse(refused.stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ code: 'io.not_regular' });
    const reader = start(['cat', 'pipe'], {}, cwd);
    const script = `${shellProgram} download 1 -o pipe; exec 3>&-; echo "status $?"`;
    // The shell keeps the FIFO open for writing until both sides are there.
    const writer = start(['bash', '--norc', '-c', `exec 3>pipe; ${script}`], endpoint(server), cwd);
    expect((await writer.ended).stdout.toString()).toBe('status 0\n');
    expect((await reader.ended).stdout.equals(data)).toBe(true);
  });
});

const hasScript = ((): boolean => {
  try {
    execFileSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasScript)('on a terminal (by script of util-linux)', () => {
  const onTerminal = (
    argv: string,
    env: Record<string, string>,
    cwd = '/',
  ): Promise<{ code: number | null; text: string }> => {
    const command = `stty cols 80; ${shellProgram} ${argv}`;
    return start(
      ['script', '-qec', command, '/dev/null'],
      { TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
      cwd,
    ).ended.then(({ code, stdout }) => ({ code, text: stdout.toString() }));
  };

  it('show is coloured, but not with NO_COLOR', async () => {
    const server = await glance(catalog);
    expect((await onTerminal('show 1', endpoint(server))).text).toContain('\u001b[1m');
    expect((await onTerminal('show 1', { ...endpoint(server), NO_COLOR: '1' })).text).not.toContain('\u001b[');
  });

  it('download refuses to write to it', async () => {
    const server = await glance(catalog);
    const { code, text } = await onTerminal('download 1', endpoint(server));
    expect(code).toBe(2);
    expect(text).toContain('[usage.terminal]');
    expect(text).not.toContain(data.subarray(0, 100).toString('latin1'));
  });

  it('download shows a bar, removes it, and restores the cursor', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    const { code, text } = await onTerminal('download 1 -o f', endpoint(server), cwd);
    expect(code).toBe(0);
    expect(text).toMatch(/█|100 ?%|2\.9 MiB/);
    expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThanOrEqual(text.lastIndexOf('\u001b[?25l'));
    expect(text).toContain('md5 verified');
  });
});
