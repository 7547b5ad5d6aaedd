// Images of mirrors, inspected where they are kept.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { largeGuestImage } from '../../../../support/disk/guests/large-guest.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { runCli } from '../../../../support/run-cli.ts';
import { startS3 } from '../../../../support/s3/double.ts';
import { expectValid } from '../../../../support/schemas/schemas.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const image = largeGuestImage();
const properties = { os_distro: 'ubuntu' };
const catalog = [
  makeEntry(image, { id: 'guest', name: 'a guest', disk_format: 'qcow2', min_disk: 1, properties }),
  makeEntry('', { id: 'empty', disk_format: 'raw' }),
];
const hazards = [
  'min_disk',
  'host_keys',
  'machine_id_set',
  'password_set',
  'authorized_keys',
  'shell_history',
  'declared_os_mismatch',
];

interface Told {
  readonly hazards: readonly { readonly code: string }[];
}

describe('an image in the directory of a mirror', () => {
  async function mirrored(): Promise<string> {
    const server = await glance(catalog);
    const cwd = await tempDir();
    expect((await server.cli(['mirror', 'm', '--progress', 'none'], { cwd })).code).toBe(0);
    return cwd;
  }

  it('is inspected and compared with its record', async () => {
    const cwd = await mirrored();
    const result = await runCli(['inspect', './m/guest', '--contents', '-f', 'json'], { cwd });
    const report = JSON.parse(result.stdout) as Told;
    expect([result.code, report]).toMatchObject([
      0,
      { id: 'guest', name: 'a guest', path: join(cwd, 'm/guest/guest.qcow2'), contents: { os: { id: 'debian' } } },
    ]);
    expect(report.hazards.map(({ code }) => code)).toEqual(hazards);
    expectValid('inspect-report', report);
    const empty = await runCli(['inspect', './m/empty', '-f', 'json'], { cwd });
    expect([empty.code, JSON.parse(empty.stdout)]).toMatchObject([
      0,
      { id: 'empty', size: 0, hazards: [{ code: 'empty' }] },
    ]);
  });

  it('is refused if its record is missing or that of another image', async () => {
    const cwd = await mirrored();
    await writeFile(join(cwd, 'm/guest/image.json'), '{"id":"other"}');
    const other = await runCli(['inspect', './m/guest', '--error-format', 'json'], { cwd });
    expect([other.code, other.error()['code'], other.stdout]).toEqual([7, 'metadata.invalid', '']);
    await writeFile(join(cwd, 'm/guest/image.json'), '{');
    expect((await runCli(['inspect', './m/guest', '--error-format', 'json'], { cwd })).error()['code']).toBe(
      'json.invalid',
    );
    const directory = await runCli(['inspect', './m', '--error-format', 'json'], { cwd });
    expect(directory.error()['code']).toBe('io.not_regular');
  });
});

describe('an image in a bucket', () => {
  it('is inspected by ranges and compared with its record', async () => {
    const [server, store] = [await glance(catalog), await startS3()];
    expect((await server.cli(['mirror', 's3://images/prod', '--progress', 'none'], { env: store.env })).code).toBe(0);
    const before = store.requests.length;
    const argv = ['inspect', 's3://images/prod/guest', '--contents', '-f', 'json'];
    const result = await runCli(argv, { env: store.env });
    const report = JSON.parse(result.stdout) as Told;
    const path = 's3://images/prod/guest/guest.qcow2';
    expect([result.code, report]).toMatchObject([
      0,
      { id: 'guest', path, contents: { os: { id: 'debian' }, why: null } },
    ]);
    expect(report.hazards.map(({ code }) => code)).toEqual(hazards);
    expect(store.requests.length - before).toBeLessThan(40);
    const sarif = await runCli(['inspect', 's3://images/prod/guest', '--sarif'], { env: store.env });
    expect(sarif.stdout).toContain(`"uri":"${path}"`);
    const empty = await runCli(['inspect', 's3://images/prod/empty', '-f', 'json'], { env: store.env });
    expect(JSON.parse(empty.stdout)).toMatchObject({ id: 'empty', hazards: [{ code: 'empty' }] });
  });

  it.each(['s3://images/prod/none', 's3://images/prod', 's3://images', 'S3://images/prod/none'])(
    'is missing as %s',
    async (url) => {
      const store = await startS3();
      const result = await runCli(['inspect', url, '--error-format', 'json'], { env: store.env });
      expect([result.code, result.error()['code'], result.stdout]).toEqual([3, 'place.missing', '']);
    },
  );
});
