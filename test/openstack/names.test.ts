// Names that people and attackers give to images.
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { glanceCli, parseError, printedJson } from './support/cli.ts';
import { getSample, sampleId, stack } from './support/stack.ts';

let parent = '';

/** Where the program runs: two levels down, so that files that escape by `../..` are still found. */
let directory = '';

beforeEach(async () => {
  parent = await realpath(await mkdtemp(join(tmpdir(), 'glance-cli-test-')));
  directory = await mkdtemp(join(await mkdtemp(join(parent, 'a-')), 'b-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/** Names of all files below the parent directory, relative to where the program ran. */
async function filesBelow(): Promise<readonly string[]> {
  const entries = await readdir(parent, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => (entry.parentPath === directory ? entry.name : join(entry.parentPath, entry.name)));
}

describe.skipIf(stack === null)('names', () => {
  test.each([42, 43, 44, 45, 47, 49, 51, 52, 53, 54, 60])('finds sample %i by its exact name', async (number) => {
    const { name } = getSample(number);
    expect(await printedJson(['show', '--', name ?? ''])).toMatchObject({ id: sampleId(number), name });
  });

  test('distinguishes names that differ only in case', async () => {
    expect(await printedJson(['show', 'raw'])).toMatchObject({ id: sampleId(2) });
    expect(await printedJson(['show', 'RAW'])).toMatchObject({ id: sampleId(54) });
  });

  test('tries a text as an id before it tries it as a name', async () => {
    expect(getSample(46).name).toBe(sampleId(1));
    expect(await printedJson(['show', sampleId(1)])).toMatchObject({ id: sampleId(1), name: 'qcow2' });
  });

  test.each([
    [24, 'hidden'],
    [37, 'public-hidden'],
  ])('finds sample %i, a hidden image, by name', async (number, name) => {
    expect(await printedJson(['show', name])).toMatchObject({ id: sampleId(number), os_hidden: true });
  });

  test('shows both candidates of an ambiguous name and picks neither', async () => {
    const result = await glanceCli(['--error-format', 'json', 'download', 'twin', '-O'], { cwd: directory });
    expect(result.code).toBe(3);
    const { matches, ...error } = parseError(result);
    expect(error).toMatchObject({ code: 'image.ambiguous', image: 'twin' });
    expect((matches as { id: string; size: number }[]).map(({ id, size }) => [id, size])).toEqual([
      [sampleId(40), getSample(40).size],
      [sampleId(41), getSample(41).size],
    ]);
    expect(await filesBelow()).toEqual([]);
  });

  test('lists both candidates for people', async () => {
    const result = await glanceCli(['show', 'twin']);
    expect(result.stderr).toContain(sampleId(40));
    expect(result.stderr).toContain(sampleId(41));
    expect(result.stderr).toContain('--latest');
  });

  test('takes the newest of several with --latest', async () => {
    expect(await printedJson(['show', 'twin', '--latest'])).toMatchObject({ id: sampleId(41) });
  });

  test('does not find a name that no image has', async () => {
    const result = await glanceCli(['--error-format', 'json', 'show', 'no such image']);
    expect(result.code).toBe(3);
    expect(parseError(result)).toMatchObject({ code: 'image.not_found', image: 'no such image' });
  });

  test.each([
    [42, 'Debian 12 – naïve ☃ 日本語 image.raw'],
    [43, '_.._etc_evil.raw'],
    [44, '_etc_evil.raw'],
    [45, '[31mred[0m]0;titlesecond linetab.raw'],
    [46, `${sampleId(1)}.raw`],
    [47, 'help.raw'],
    [48, `${sampleId(48)}.raw`],
    [50, 'blanks.raw'],
    [51, 'rtl gpj.exe \u00e9 \uff21.raw'],
    [52, "a,b _c_ 'd' _ 100% in_x,y.raw"],
    [53, '_CON.raw'],
  ])('saves sample %i within the directory as %s', async (number, file) => {
    const result = await glanceCli(['--progress', 'none', 'download', sampleId(number), '-O'], { cwd: directory });
    expect(result.code).toBe(0);
    expect(await filesBelow()).toEqual([file]);
  });

  test('shortens a name of 255 characters to what the file system allows', async () => {
    const result = await glanceCli(['download', sampleId(49), '-o', `${directory}/`], { cwd: dirname(directory) });
    expect(result.code).toBe(0);
    const [file = '', ...others] = await filesBelow();
    expect(others).toEqual([]);
    expect(file).toMatch(/^n{200,}\.raw$/);
    expect(Buffer.byteLength(file)).toBeLessThanOrEqual(255);
  });

  test.each([
    [45, 'show'],
    [51, 'show'],
    [60, 'show'],
    [45, 'download'],
  ])('writes nothing of sample %i raw to a terminal: %s', async (number, command) => {
    const { stdout, stderr } = await glanceCli([command, sampleId(number), ...(command === 'show' ? [] : ['-O'])], {
      cwd: directory,
      env: { NO_COLOR: '1' },
    });
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  });

  test('writes no name of a list raw to a terminal', async () => {
    const { code, stdout } = await glanceCli(['list'], { env: { NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(stdout).toContain(sampleId(45));
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  });
});
