import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { glance, type Glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import type { CliOptions, CliResult } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const catalog = ['1', '2', '3'].map((id) =>
  makeEntry(`data ${id}`, { id, name: id === '3' ? 'other' : 'twin', created_at: `2026-01-0${id}T00:00:00Z` }),
);

const atTerminal = { stderrColumns: 80, stdoutColumns: 80 };

async function show(options: CliOptions, ...args: string[]): Promise<CliResult & { readonly server: Glance }> {
  const server = await glance(catalog);
  const result = await server.cli(['show', 'twin', '-f', 'value', '-c', 'id', ...args], { ...atTerminal, ...options });
  return { ...result, server };
}

describe('a name that several images share', () => {
  it.each([
    ['1\n', '1'],
    ['2\r\n', '2'],
    [' 2 ', '2'],
    ['3\nx\n-1\n1e0\n2\n', '2'],
  ])('is asked about on a terminal, and %j means one of them', async (typed, id) => {
    const { code, stdout, stderr } = await show({ typed });
    expect([code, stdout]).toEqual([0, `${id}\n`]);
    expect(stderr).toContain('2 images are called "twin":\n  1  1  2026-01-01 00:00:00 UTC  6 B  public\n  2  2  ');
    expect(stderr).toContain('Which one? 1 to 2, or just Enter for none: ');
  });

  it.each(['\n', '', 'x\n'.repeat(9)])('exits with 3 if %j is answered', async (typed) => {
    const { code, stdout, stderr } = await show({ typed });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain('[image.ambiguous]');
    expect(stderr.split('Which one?').length).toBeLessThan(7);
  });

  it.each<readonly [string, CliOptions, readonly string[]]>([
    ['with --no-input', { stderrColumns: 80, typed: '1\n' }, ['--no-input']],
    ['with CI set', { stderrColumns: 80, typed: '1\n', env: { CI: 'true' } }, []],
    ['where stdin is no terminal', { stderrColumns: 80, stdin: '1\n' }, []],
    ['where stderr is no terminal', { typed: '1\n' }, []],
    ['among events', { stderrColumns: 80, typed: '1\n' }, ['--progress', 'json']],
    ['with --compat openstack', { stderrColumns: 80, typed: '1\n' }, ['--compat', 'openstack']],
  ])('is not asked about %s', async (_, options, args) => {
    const server = await glance(catalog);
    const { code, stdout, stderr } = await server.cli(['show', 'twin', ...args], options);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).not.toContain('Which one?');
  });

  it('is asked about by each command that needs one image, one question at a time', async () => {
    const cwd = await tempDir();
    const twins = [
      ...catalog,
      makeEntry('data 4', { id: '4', name: 'pair' }),
      makeEntry('5', { id: '5', name: 'pair' }),
    ];
    const server = await glance(twins);
    const options = { ...atTerminal, cwd, typed: '2\n1\n' };
    const { code, stderr } = await server.cli(['download', 'twin', 'pair', '-o', './', '--progress', 'none'], options);
    expect([code, stderr.split('Which one?').length]).toEqual([0, 3]);
    expect((await readdir(cwd)).toSorted()).toEqual(['pair.raw', 'twin.raw']);
    expect(await readFile(join(cwd, 'twin.raw'), 'utf8')).toBe('data 2');
    expect(await readFile(join(cwd, 'pair.raw'), 'utf8')).toBe('data 4');
    for (const args of [
      ['inspect', 'twin', '--fail-on', 'never'],
      ['members', 'twin'],
      ['verify', 'twin.raw', 'twin'],
    ]) {
      expect([args, (await server.cli(args, { ...options, typed: '2\n' })).code]).toEqual([args, 0]);
    }
  });
});
