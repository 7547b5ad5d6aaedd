import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPlace } from '../../../../src/client/places/open-place.ts';
import { parsePlace } from '../../../../src/client/places/place-name.ts';
import { Connection } from '../../../../src/client/connection.ts';
import { bareSystem } from '../../../../src/client/system.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { runCli } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

describe('the place of a mirror', () => {
  it.each([
    ['images', 'directory', '/home/me/images'],
    ['/srv/images/', 'directory', '/srv/images'],
    ['./gs://images', 'directory', '/home/me/gs:/images'],
    ['a:b/c', 'directory', '/home/me/a:b/c'],
    ['s3:/images', 'directory', '/home/me/s3:/images'],
    ['s3://images/prod', 'bucket', 's3://images/prod'],
    ['S3://Images/prod/', 'bucket', 's3://Images/prod'],
  ])('with the URL %s is a %s', (text, kind, name) => {
    expect(parsePlace(text, '/home/me')).toEqual({ kind, name });
  });

  it.each(['gs://images', 'https://host/images', 'S3x://images', 'x-y+z.1://', 'file:///srv'])(
    'is refused for %s, whose kind is unknown',
    (text) => {
      const open = (): unknown => openPlace(text, new Connection({ system: { ...bareSystem(), cwd: '/home/me' } }), {});
      expect(open).toThrow(expect.objectContaining({ code: 'usage.argument' }) as Error);
      expect(open).toThrow(text);
    },
  );
});

describe.each(['mirror', 'verify', 'serve'])('%s', (command) => {
  it.each([
    ['https://user:password@host/images', 'unknown kind of place: "https://***:***@host/images"'],
    ['s3://user:password@images', 'no URL of a bucket has a login: "s3://***:***@images"'],
  ])('shows no password of %s', (text, message) => {
    expect(() => parsePlace(text, '/')).toThrow(message);
  });

  it('refuses a URL of an unknown kind, and creates no directory with its name', async () => {
    const [server, cwd] = [await glance([makeEntry('data', { id: '1' })]), await tempDir()];
    await mkdir(join(cwd, 'empty'));
    const { code, stdout, stderr } = await runCli([command, 'gs://images/prod', '--endpoint', server.url.href], {
      cwd,
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('gs://images/prod');
    expect(stderr).toContain('s3://BUCKET/PREFIX');
    expect([await readdir(cwd), server.asked()]).toEqual([['empty'], []]);
  });
});
