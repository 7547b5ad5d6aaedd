// What is in images, kept beside them in a mirror.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { largeCount, someHash } from '../../../../support/disk/guests/guests.ts';
import { largeGuestImage } from '../../../../support/disk/guests/large-guest.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { startS3 } from '../../../../support/s3/double.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const image = largeGuestImage();
const guest = makeEntry(image, { id: 'guest', disk_format: 'qcow2', properties: { os_distro: 'ubuntu' } });
const other = makeEntry('no disk', { id: 'guest', disk_format: 'qcow2', created_at: '2027-01-02T03:04:05Z' });
const expected = {
  schema: 1,
  file: 'guest.qcow2',
  size: image.length,
  contents: { read: true, why: null, os: { id: 'debian' }, packages: { manager: 'dpkg', count: largeCount } },
  hazards: ['host_keys', 'machine_id_set', 'password_set', 'authorized_keys', 'shell_history'].map((code) => ({
    code,
  })),
};
const mirror = ['mirror', 'm', '--progress', 'none'];

describe('mirror --contents', () => {
  it('keeps what is in an image beside its record, which verify recognises and prune removes', async () => {
    const server = await glance([guest]);
    const cwd = await tempDir();
    const file = join(cwd, 'm/guest/contents.json');
    expect((await server.cli([...mirror, '--contents'], { cwd })).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject(expected);
    expect(text).not.toContain(someHash.slice(12, 24));
    const { digests } = JSON.parse(readFileSync(join(cwd, 'm/guest/digests.json'), 'utf8')) as { digests: object };
    expect(digests).toMatchObject((JSON.parse(text) as { digests: object }).digests);
    expect((await server.cli(['verify', 'm'], { cwd })).code).toBe(0);
    const empty = await glance([]);
    expect((await empty.cli([...mirror, '--prune', '--force'], { cwd })).code).toBe(0);
    expect(existsSync(join(cwd, 'm/guest'))).toBe(false);
  });

  it('keeps nothing of data that was replaced without it', async () => {
    const cwd = await tempDir();
    expect((await (await glance([guest])).cli([...mirror, '--contents'], { cwd })).code).toBe(0);
    const result = await (await glance([other])).cli(mirror, { cwd });
    expect([result.code, existsSync(join(cwd, 'm/guest/contents.json'))]).toEqual([0, false]);
    expect(readFileSync(join(cwd, 'm/guest/guest.qcow2'), 'utf8')).toBe('no disk');
  });

  it('keeps it in a bucket too, read by ranges', async () => {
    const [server, store] = [await glance([guest]), await startS3()];
    const argv = ['mirror', 's3://images/prod', '--progress', 'none'];
    expect((await server.cli([...argv, '--contents'], { env: store.env })).code).toBe(0);
    const kept = store.dump().get('prod/guest/contents.json')?.toString() ?? '';
    expect(JSON.parse(kept)).toMatchObject(expected);
    expect((await server.cli(['verify', 's3://images/prod'], { env: store.env })).code).toBe(0);
    const empty = await glance([]);
    expect((await empty.cli([...argv, '--prune', '--force'], { env: store.env })).code).toBe(0);
    expect([...store.dump().keys()].filter((key) => key.includes('/guest/'))).toEqual([]);
  });

  it('is not available with workers', async () => {
    const server = await glance([guest]);
    const argv = ['mirror', 'm', '--contents', '--queue', 'redis://127.0.0.1:2/0', '--error-format', 'json'];
    const result = await server.cli(argv, { cwd: await tempDir() });
    expect([result.code, result.error()['code']]).toEqual([2, 'usage.option']);
  });
});
