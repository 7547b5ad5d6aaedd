// Questions at a terminal. Needs the build, and `script` of util-linux for a terminal.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { glance } from '../support/glance.ts';
import { makeEntry } from '../support/images.ts';
import { shellProgram } from '../support/spawn-cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const hasTerminals =
  process.platform === 'linux' && spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;
if (!hasTerminals) process.stderr.write('test/binary/ask.test.ts is skipped: there is no script(1) of util-linux\n');

interface Session {
  readonly code: number | null;
  readonly screen: string;
}

/** Runs a shell command on a terminal; each answer is typed once its question is on the screen. */
async function onTerminal(line: string, env: Record<string, string>, answers: readonly string[]): Promise<Session> {
  const cwd = await tempDir();
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', TERM: 'xterm', SHELL: '/bin/sh', ...env },
  });
  let screen = '';
  let asked = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString('utf8');
    while (asked < answers.length && screen.split('just Enter for none: ').length > asked + 1) {
      child.stdin.write(answers[asked++] ?? '');
    }
  });
  const code = await new Promise<number | null>((ended) => child.once('close', ended));
  return { code, screen };
}

describe.skipIf(!hasTerminals)('a name that several images share, on a terminal', () => {
  const catalog = ['1', '2'].map((id) => makeEntry(`data ${id}`, { id, name: 'twin' }));
  const show = `${shellProgram} show twin -f value -c id`;

  it.each([
    ['2\r', 0],
    ['\r', 3],
    ['\u0004', 3],
    ['\u0003', 130],
  ])('is asked about, and the program ends once %j is typed', async (typed, code) => {
    const server = await glance(catalog);
    const { code: ended, screen } = await onTerminal(show, { OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href }, [typed]);
    expect(screen).toContain('2 images are called "twin":\r\n  1  1  ');
    expect(screen).toContain('Which one? 1 to 2, or just Enter for none: ');
    expect(ended).toBe(code);
    if (code === 0) expect(screen.trimEnd().split('\r\n').at(-1)).toBe('2');
    if (code === 3) expect(screen).toContain('[image.ambiguous]');
  });

  it('is asked about again for the next such name', async () => {
    const pair = ['3', '4'].map((id) => makeEntry(`data ${id}`, { id, name: 'pair' }));
    const server = await glance([...catalog, ...pair]);
    const env = { OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href };
    const { code, screen } = await onTerminal(`${shellProgram} show twin pair -f value -c id`, env, ['2\r', '1\r']);
    expect([code, screen.trimEnd().split('\r\n').length > 6]).toEqual([0, true]);
    expect(screen).toMatch(/\r\n(?:2\r\n3|1\r\n4)\r\n$/);
  });

  it.each([
    ['CI=1', `CI=1 ${show}`],
    ['--no-input', `${show} --no-input`],
    ['a pipe as standard input', `echo 1 | ${show}`],
    ['a file as standard error', `${show} 2>err; code=$?; cat err; exit $code`],
  ])('is not asked about with %s', async (_, line) => {
    const server = await glance(catalog);
    const { code, screen } = await onTerminal(line, { OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href }, []);
    expect([code, screen]).toEqual([3, expect.stringContaining('[image.ambiguous]')]);
    expect(screen).not.toContain('Which one?');
  });
});

it.skipIf(hasTerminals)('has no script(1) to make a terminal with', () => {
  expect(existsSync('/usr/bin/script')).toBe(false);
});
