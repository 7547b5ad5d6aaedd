import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

async function scriptFor(shell: string): Promise<string> {
  const result = await runCli(['completion', shell]);
  expect([result.code, result.stderr]).toEqual([0, '']);
  return result.stdout;
}

/** What bash offers for the last of these words. */
async function bashOffers(...words: readonly string[]): Promise<readonly string[]> {
  const script = `${await scriptFor('bash')}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _glance_cli; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script, 'bash', ...words], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s knows commands, options and values', async (shell) => {
    const script = await scriptFor(shell);
    for (const word of ['mirror', 'inspect', 'require-safe', 'os-cloud', 'ndjson', 'image-download']) {
      expect(script.includes(word)).toBe(word !== 'image-download');
    }
  });

  it.runIf(has('zsh'))('for zsh is taken by zsh', async () => {
    const { status, stderr } = spawnSync('zsh', ['-n'], { input: await scriptFor('zsh'), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it.runIf(has('fish'))('for fish is taken by fish', async () => {
    const path = join(await tempDir(), 'completion.fish');
    await writeFile(path, await scriptFor('fish'));
    const { status, stderr } = spawnSync('fish', ['-n', path], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('refuses a shell that it does not know', async () => {
    const result = await runCli(['completion', 'tcsh', '--error-format', 'json']);
    expect([result.code, result.stdout]).toEqual([2, '']);
    expect(result.error()['message']).toContain('tcsh');
  });
});

describe.runIf(has('bash'))('completion in bash', () => {
  it.each([
    [['glance-cli', 'ver'], ['verify']],
    [
      ['glance-cli', 'm'],
      ['mirror', 'members'],
    ],
    [['glance-cli', '--os-cl'], ['--os-cloud']],
    [['glance-cli', 'download', '--spa'], ['--sparse']],
    [['glance-cli', 'save', '--spa'], ['--sparse']],
    [
      ['glance-cli', 'download', '--sparse', ''],
      ['auto', 'always', 'never'],
    ],
    [['glance-cli', '-f', 'nd'], ['ndjson']],
    [['glance-cli', '-f', 'json', 'inspect', '--fail'], ['--fail-on']],
    [['glance-cli', 'show', '--sparse-not-here'], []],
    [['glance-cli', 'download', 'image', '-o', ''], []],
  ])('offers for %j what can stand there', async (words, expected) => {
    expect(await bashOffers(...words)).toEqual(expected);
  });
});
