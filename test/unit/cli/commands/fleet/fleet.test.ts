import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const catalog = [makeEntry('data', { id: '1' })];
/** Nothing listens there. */
const nobody = 'redis://127.0.0.1:9/0';

describe('mirror with a queue', () => {
  it.each([
    [['--jobs', '2'], '--jobs'],
    [['--limit-rate', '1M'], '--limit-rate'],
    [['--fail-fast'], '--fail-fast'],
    [['--dry-run', '--jobs', '2'], '--jobs'],
  ])('refuses %j, which is for the workers', async (options, named) => {
    const [server, directory] = [await glance(catalog), await tempDir()];
    const result = await server.cli(['mirror', join(directory, 'm'), '--queue', nobody, ...options]);
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain(`${named} does not work with a queue`);
    expect([await readdir(directory), server.asked()]).toEqual([[], []]);
  });

  it('refuses --detach without a queue', async () => {
    const server = await glance(catalog);
    expect(await server.cli(['mirror', await tempDir(), '--detach'])).toMatchObject({ code: 2 });
    expect(await server.cli(['mirror', await tempDir(), '--detach', '--dry-run'])).toMatchObject({ code: 2 });
  });

  it('does not contact the queue, and writes nothing, with --dry-run', async () => {
    const [server, directory] = [await glance(catalog), await tempDir()];
    const result = await server.cli(['mirror', join(directory, 'm'), '--queue', nobody, '--dry-run', '-f', 'json']);
    expect(result).toMatchObject({ code: 0 });
    expect(JSON.parse(result.stdout)).toMatchObject([{ action: 'new', image: '1' }]);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe.each([['mirror', 'there'], ['worker'], ['queue']])('%s', (...command) => {
  it('exits with 5 where no queue listens, and shows no password', async () => {
    const directory = await tempDir();
    const file = join(directory, 'queue');
    await writeFile(file, 'redis://ann:hidden-secret@127.0.0.1:9/0\n');
    const ways = [
      { argv: ['--queue', 'redis://ann:hidden-secret@127.0.0.1:9/0'], env: {} },
      { argv: ['--queue-file', file], env: {} },
      { argv: [], env: { GLANCE_CLI_QUEUE: 'redis://ann:hidden-secret@127.0.0.1:9/0' } },
    ];
    const server = await glance(catalog);
    for (const { argv, env } of ways) {
      const result = await server.cli([...command, ...argv, '--debug', '--error-format', 'json'], {
        env,
        cwd: directory,
      });
      expect(result).toMatchObject({ code: 5 });
      expect(result.error()).toMatchObject({ code: 'queue.unavailable' });
      expect(result.stdout + result.stderr).not.toContain('hidden-secret');
      expect(result.stderr.includes('everybody on this machine')).toBe(argv[0] === '--queue');
    }
  });
});

describe('worker', () => {
  it.each([['0'], ['0.5'], ['soon']])('refuses a lease of %s', async (lease) => {
    expect(await runCli(['worker', '--queue', nobody, '--lease', lease])).toMatchObject({ code: 2 });
  });

  it('says what is missing without a queue', async () => {
    const result = await runCli(['worker']);
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('\n  hint: give --queue URL, or set GLANCE_CLI_QUEUE\n');
  });
});

describe('queue', () => {
  it.each([[['purge']], [['constructor']], [['status', 'some-id']]])('refuses %j', async (words) => {
    const result = await runCli(['queue', ...words, '--queue', nobody]);
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('status, failed, retry, pause, resume, clear');
  });
});
