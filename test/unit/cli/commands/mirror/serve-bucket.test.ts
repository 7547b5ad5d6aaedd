import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fetchHttp } from '../../../../support/servers/raw-client.ts';
import { glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { eagerClock, runCli } from '../../../../support/run-cli.ts';
import { type S3Double, type S3Options, startS3 } from '../../../../support/s3/double.ts';
import { serving } from '../../../../support/servers/serving.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const bytes = makeBytes(300_000);
const id = '11111111-2222-4333-8444-555555555555';

/** A bucket into which `mirror` has put an image. */
async function startMirror(): Promise<S3Double> {
  const [server, store] = [await glance([makeEntry(bytes, { id, name: 'cirros' })]), await startS3()];
  expect(await server.cli(['mirror', 's3://images/prod'], { env: store.env })).toMatchObject({ code: 0 });
  return store;
}

describe('serve of a bucket', () => {
  it('is a Glance for download, verify and list, over v1 and v2', async () => {
    const [store, cwd] = [await startMirror(), await tempDir()];
    const { code, stderr } = await serving(['s3://images/prod'], { env: store.env }, async (url) => {
      for (const api of ['1', '2']) {
        const cloud = ['--endpoint', url, '--image-api-version', api];
        const target = `${api}.img`;
        expect(await runCli(['download', 'cirros', '-o', target, ...cloud], { cwd })).toMatchObject({ code: 0 });
        expect((await readFile(join(cwd, target))).equals(bytes)).toBe(true);
        expect(await runCli(['verify', target, 'cirros', ...cloud], { cwd })).toMatchObject({ code: 0 });
        expect((await runCli(['list', '-f', 'value', ...cloud], { cwd })).stdout).toContain(id);
      }
    });
    expect(code).toBe(143);
    expect(stderr).toMatch(new RegExp(`GET /v1/images/${id} 200 300000 `));
    expect(stderr).toMatch(new RegExp(`GET /v2/images/${id}/file 200 300000 `));
    expect(stderr).not.toContain(store.credentials.secretAccessKey);
  });

  it('shows browsers its images, and writes nothing', async () => {
    const store = await startMirror();
    const before = [...store.requests].length;
    await serving(['s3://images/prod'], { env: store.env }, async (url) => {
      const headers = { accept: 'text/html' };
      let list = '';
      do list = (await fetchHttp(new URL(url), { headers })).body.toString();
      while (list.includes('not inspected yet'));
      expect(list).toContain('<h1>s3://images/prod</h1>');
      const page = (await fetchHttp(new URL(`page/${id}`, url), { headers })).body.toString();
      expect(page).toContain('<span class="good">safe</span>');
      expect(page).toContain('<dt>sha512</dt>');
      expect(page).not.toContain('<h2>Inside</h2>');
    });
    const methods = new Set([...store.requests].slice(before).map(({ method }) => method));
    expect([...methods].toSorted()).toEqual(['GET', 'HEAD']);
  });

  it('uses the endpoint of the option', async () => {
    const store = await startMirror();
    const { AWS_ENDPOINT_URL_S3: endpoint = '', ...env } = store.env;
    const argv = ['serve', 's3://images/none', '--port', '0', '--s3-endpoint', endpoint, '--error-format', 'json'];
    const result = await runCli(argv, { env });
    expect([result.code, result.error()]).toMatchObject([
      3,
      { code: 'place.missing', message: 's3://images/none: it is not a mirror, as it has no index.json' },
    ]);
  });

  it.each<readonly [number, string, S3Options]>([
    [3, 'place.missing', { buckets: { other: null } }],
    [4, 'place.denied', { faults: [{ do: { type: 'error', code: 'AccessDenied' } }] }],
    [5, 'place.unavailable', { faults: [{ do: { type: 'error', code: 'SlowDown' } }] }],
  ])('exits with %i if that is %s', async (code, expected, options) => {
    const store = await startS3(options);
    const argv = ['serve', 's3://images/prod', '--port', '0', '--error-format', 'json'];
    const result = await runCli(argv, { env: store.env, clock: eagerClock });
    expect([result.code, result.error()['code'], result.stdout]).toEqual([code, expected, '']);
  });
});
