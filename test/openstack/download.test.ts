// The data of every sample: whole and verified under its name, or no file and the right exit code.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliOptions, type CliResult, glanceCli, parseError } from './support/cli.ts';
import { getSample, sampleId, stack } from './support/stack.ts';

/** Numbers of the samples whose data is there and whose SHA-512 Glance publishes. */
const sound = [
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 23, 24, 26, 27, 29, 30, 31, 33, 34, 35, 36, 37],
  [40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 60, 61, 62, 63],
].flat();

const failing: readonly (readonly [number: number, why: string, exit: number, codes: readonly string[]])[] = [
  [20, 'queued', 3, ['image.no_data']],
  [21, 'queued without name or formats', 3, ['image.no_data']],
  [22, 'deactivated', 4, ['image.deactivated']],
  [25, 'uploading', 3, ['image.no_data']],
  [28, 'deleted', 3, ['image.not_found']],
  [32, 'private to another project', 3, ['image.not_found']],
  [38, 'public and deactivated', 4, ['image.deactivated']],
  [86, 'published with a wrong SHA-512', 6, ['integrity.digest']],
  [90, 'stored with a flipped bit', 6, ['integrity.digest']],
  [92, 'lost by the store', 3, ['image.no_data']],
];

const hazardous = [
  [70, 'backing_file'],
  [71, 'data_file'],
  [72, 'external_extent'],
  [73, 'format_mismatch'],
] as const;

const global = ['-f', 'json', '--progress', 'none', '--retries', '0', '--stall-timeout', '2'];

let directory = '';

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'glance-cli-test-')));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function download(number: number, more: readonly string[] = [], options: CliOptions = {}): Promise<CliResult> {
  return glanceCli([...global, 'download', sampleId(number), '-o', 'target', ...more], { cwd: directory, ...options });
}

/** Expects that the target holds what was uploaded, with nothing beside it. */
async function expectTarget(number: number): Promise<void> {
  const { size, sha512 } = getSample(number);
  const data = await readFile(join(directory, 'target'));
  expect(data.length).toBe(size);
  expect(createHash('sha512').update(data).digest('hex')).toBe(sha512);
  expect(await readdir(directory)).toEqual(['target']);
}

describe.skipIf(stack === null)('download', () => {
  test.each(sound)('writes sample %i whole and verified by its SHA-512', async (number) => {
    const result = await download(number);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      outcome: 'downloaded',
      bytes: getSample(number).size,
      digests: { sha512: getSample(number).sha512 },
      verified_by: 'sha512',
      retries: 0,
    });
    await expectTarget(number);
  });

  test.each(failing)('leaves no file of sample %i, which is %s', async (number, _why, exit, codes) => {
    const result = await download(number);
    const error = parseError(result);
    expect(result.code).toBe(exit);
    expect(codes).toContain(error['code']);
    expect(error['image']).toBe(sampleId(number));
    expect(result.stdout).toBe('');
    expect(await readdir(directory)).toEqual([]);
  });

  test('keeps what arrived of sample 91, of which only half is stored', async () => {
    const result = await download(91);
    const error = parseError(result);
    expect(result.code).toBe(5);
    // The server keeps the connection open for some seconds; its settings decide who gives up first.
    expect(['http.truncated', 'net.stall']).toContain(error['code']);
    const [part = '', record = ''] = (await readdir(directory)).toSorted();
    expect([part, record]).toEqual([expect.stringMatching(/^\.target\.\w+\.part$/), `${part}.json`]);
    expect(error['partial']).toEqual({ path: join(directory, part), bytes: (await stat(join(directory, part))).size });
  });

  test.each(hazardous)('writes sample %i, which is whole, and warns of %s', async (number, hazard) => {
    const result = await download(number);
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining(hazard) });
    await expectTarget(number);
  });

  test.each(hazardous)('gives sample %i no name with --require-safe, for its %s', async (number, hazard) => {
    const result = await download(number, ['--require-safe']);
    expect([result.code, parseError(result)['code']]).toEqual([11, 'unsafe.image']);
    expect(parseError(result)['message']).toContain(hazard);
    expect(await readdir(directory)).toEqual([]);
  });

  test.each([22, 90, 92])('leaves an existing target as it was when sample %i fails', async (number) => {
    await writeFile(join(directory, 'target'), 'what stood there before');
    const result = await download(number, ['--force']);
    expect(result.code).toBeGreaterThan(2);
    expect(await readFile(join(directory, 'target'), 'utf8')).toBe('what stood there before');
    expect(await readdir(directory)).toEqual(['target']);
  });

  test.each([
    [80, 'md5'],
    [82, 'sha256'],
    [83, 'blake2b512'],
    [84, 'sha3-512'],
    [85, 'md5'],
  ])('verifies sample %i by %s, the best digest that is published and known', async (number, algorithm) => {
    const result = await download(number, ['--require-checksum']);
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ verified: true, verified_by: algorithm });
    await expectTarget(number);
  });

  test('warns about an image without any digest', async () => {
    const result = await download(81);
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('warning: not verified: the server has no digest for this image');
    expect(JSON.parse(result.stdout)).toMatchObject({ verified: false, verified_by: null });
    await expectTarget(81);
  });

  test('refuses an image without any digest if one is required', async () => {
    const result = await download(81, ['--require-checksum']);
    expect(result.code).toBe(6);
    expect(parseError(result)).toMatchObject({ code: 'integrity.unprovable' });
    expect(await readdir(directory)).toEqual([]);
  });

  test('verifies an image without any digest by a given one', async () => {
    const result = await download(81, ['--expect', `sha512:${getSample(81).sha512 ?? ''}`]);
    expect(JSON.parse(result.stdout)).toMatchObject({ verified: true, verified_by: 'sha512' });
    await expectTarget(81);
  });

  test('stops at the recorded size if the store has more', async () => {
    const result = await download(93);
    expect(JSON.parse(result.stdout)).toMatchObject({ bytes: getSample(93).size, verified_by: 'sha512' });
    expect(result.code).toBe(0);
    await expectTarget(93);
  });

  test('gives an administrator the data of a deactivated image', async () => {
    expect((await download(22, [], { as: 'admin' })).code).toBe(0);
    await expectTarget(22);
  });

  test('gives the owner the data of a private image', async () => {
    expect((await download(32, [], { as: 'other' })).code).toBe(0);
    await expectTarget(32);
  });

  test('transfers nothing if the target already matches', async () => {
    await download(1);
    const result = await download(1);
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).not.toMatchObject({ outcome: 'downloaded' });
    await expectTarget(1);
  });

  test('does not replace a target that differs without --force', async () => {
    await writeFile(join(directory, 'target'), 'other data');
    const result = await download(18);
    expect(result.code).toBe(8);
    expect(parseError(result)).toMatchObject({ code: 'io.exists' });
    expect(await readFile(join(directory, 'target'), 'utf8')).toBe('other data');
    expect((await download(18, ['--force'])).code).toBe(0);
    await expectTarget(18);
  });

  test('writes the data to standard output', async () => {
    const result = await glanceCli(['--progress', 'none', 'download', sampleId(18)]);
    expect(result.code).toBe(0);
    expect(createHash('sha512').update(result.stdout).digest('hex')).toBe(getSample(18).sha512);
  });

  test('tells the reader of standard output that the data was bad', async () => {
    const result = await glanceCli(['--progress', 'none', '--error-format', 'json', 'download', sampleId(90)]);
    expect(result.code).toBe(6);
    expect(parseError(result)).toMatchObject({ code: 'integrity.digest', algorithm: 'sha512' });
  });

  test('refuses a pin that contradicts the record before fetching data', async () => {
    const pinned = `${sampleId(18)}@sha512:${'0'.repeat(128)}`;
    const result = await glanceCli([...global, 'download', pinned, '-o', 'target'], { cwd: directory });
    expect(result.code).toBe(6);
    expect(parseError(result)).toMatchObject({ code: 'integrity.pin' });
    expect(await readdir(directory)).toEqual([]);
  });
});
