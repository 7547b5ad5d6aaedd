// A mirror of the samples in a real Glance: whatever is available is stored as uploaded, and the rest is listed.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, glanceCli, parseError } from './support/cli.ts';
import { runningStack, sampleId, stack } from './support/stack.ts';

interface Row {
  readonly action: string;
  readonly image: string;
  readonly reason: string | null;
}

/** Unavailable to a mirror of the demo project: no data, deactivated, damaged in the store. */
const hopeless = [20, 21, 22, 25, 38, 86, 90, 91, 92];

// The bulk images have a kilobyte at most; one of the samples has one byte, and others are empty.
const mirror = ['mirror', 'm', '-f', 'json', '--progress', 'none', '--retries', '0', '--stall-timeout', '2'];
const selection = ['--created-since', '2000-01-01'];

describe.skipIf(stack === null)('mirror', () => {
  let directory = '';
  let first: CliResult = { code: null, stdout: '', stderr: '' };
  let second: CliResult = { code: null, stdout: '', stderr: '' };

  beforeAll(async () => {
    if (stack === null) return;
    directory = await realpath(await mkdtemp(join(tmpdir(), 'glance-cli-test-')));
    first = await glanceCli([...mirror, ...selection], { cwd: directory });
    second = await glanceCli([...mirror, ...selection, '--debug'], { cwd: directory });
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const rows = ({ stdout }: CliResult): readonly Row[] => JSON.parse(stdout) as readonly Row[];
  const failed = (result: CliResult): readonly string[] =>
    rows(result).flatMap(({ action, image }) => (action === 'failed' ? [image] : []));

  test('exits with 9 and lists exactly what is unavailable', () => {
    expect([first.code, parseError(first)['code']]).toEqual([9, 'partial']);
    expect(failed(first).toSorted((left, right) => left.localeCompare(right))).toEqual(hopeless.map(sampleId));
  });

  test('has every other image with the digest of what was uploaded', async () => {
    const index = JSON.parse(await readFile(join(directory, 'm/index.json'), 'utf8')) as {
      images: { id: string; size: number; digests: { sha512: string } }[];
    };
    const found = new Map(index.images.map(({ id, size, digests }) => [id, [size, digests.sha512]]));
    const fetched = rows(first).filter(({ action }) => action === 'new');
    expect(found.size).toBe(fetched.length);
    const samples = runningStack().samples.filter(({ id }) => found.has(id));
    expect(samples.length).toBeGreaterThan(50);
    for (const { id, size, sha512 } of samples.filter((sample) => sample.id !== sampleId(93))) {
      expect(found.get(id)).toEqual([size, sha512]);
    }
  });

  test('is accepted by sha512sum and by verify', async () => {
    const printed = execFileSync('sha512sum', ['-c', '--quiet', 'SHA512SUMS'], { cwd: join(directory, 'm') });
    expect(printed.toString()).toBe('');
    expect((await glanceCli(['verify', 'm'], { cwd: directory, as: null, endpoint: null })).code).toBe(0);
  });

  test('transfers no data the second time, except for failures that may be temporary', () => {
    expect(second.code).toBe(9);
    expect(failed(second)).toEqual(failed(first));
    const files = [...second.stderr.matchAll(/^> GET \S*\/images\/([\w-]+)\/file/gm)].map(([, id]) => id);
    // A range of it is not available, so the whole image is requested.
    expect(files).toEqual([sampleId(91), sampleId(91)]);
  });
});
