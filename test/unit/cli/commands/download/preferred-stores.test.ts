// Preferred stores of image data: what is requested, and what happens if a server refuses.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { v2Versions } from '../../../../../src/server/versions.ts';
import { type Glance, glance } from '../../../../support/glance.ts';
import type { Fault } from '../../../../support/faults.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const id = '11111111-2222-4333-8444-000000000001';
const data = makeBytes(300_000);
const sha512 = createHash('sha512').update(data).digest('hex');
const catalog = [
  makeEntry(data, {
    id,
    name: 'large',
    disk_format: 'raw',
    os_hash_algo: 'sha512',
    os_hash_value: sha512,
    os_hidden: false,
  }),
];
const start = (faults: readonly Fault[] = []): Promise<Glance> => glance(catalog, faults, { versions: v2Versions });
const dataRequests = (server: Glance): readonly string[] =>
  server.asked().filter((request) => request.includes(`/${id}/file`));
const json = (on: NonNullable<Fault['on']>, status: number, body: object): Fault => ({
  on,
  do: { type: 'status', status, headers: [['Content-Type', 'application/json']], body: JSON.stringify(body) },
});
const unknown = json({ path: /\/file\?prefer=/ }, 400, { message: "Store 'near' is not configured.", code: '400' });
const stores = json({ path: /\/info\/stores$/ }, 200, { stores: [{ id: 'ceph', default: 'true' }, { id: 'file' }] });

describe('download --prefer-store', () => {
  it('names the stores in the first request, in retries after a break, and in ranges', async () => {
    const cwd = await tempDir();
    const cut: Fault = { on: { path: /\/file/, times: 1 }, do: { type: 'cut', afterBytes: 1000 } };
    const server = await start([cut]);
    const result = await server.cli(['download', id, '-o', 'a', '--prefer-store', 'near, far/1'], { cwd });
    expect(result).toMatchObject({ code: 0 });
    expect((await readFile(join(cwd, 'a'))).equals(data)).toBe(true);
    const asked = `GET /v2/images/${id}/file?prefer=near,far%2F1`;
    expect(dataRequests(server)).toEqual([asked, asked]);
    expect(server.requests.some(({ headers }) => headers['range'] !== undefined)).toBe(true);
    const fast = await start();
    await fast.cli(['download', id, '-o', 'b', '--connections', '2', '--prefer-store', 'near'], { cwd });
    expect(new Set(dataRequests(fast))).toEqual(new Set([`GET /v2/images/${id}/file?prefer=near`]));
  });

  it('reads the variable if the option is missing, and asks for no store without both', async () => {
    const [cwd, server] = [await tempDir(), await start()];
    const env = { GLANCE_CLI_PREFER_STORE: 'here' };
    await server.cli(['download', id, '-o', 'a'], { cwd, env });
    await server.cli(['download', id, '-o', 'b', '--prefer-store', 'there'], { cwd, env });
    await server.cli(['download', id, '-o', 'c'], { cwd });
    const file = `GET /v2/images/${id}/file`;
    expect(dataRequests(server)).toEqual([`${file}?prefer=here`, `${file}?prefer=there`, file]);
  });

  it('reports an unknown store and lists the existing ones', async () => {
    const [cwd, server] = [await tempDir(), await start([unknown, stores])];
    const refused = await server.cli(['download', id, '-o', 'a', '--prefer-store', 'near'], { cwd });
    expect([refused.code, refused.stdout, await readdir(cwd)]).toEqual([2, '', []]);
    expect(refused.stderr).toContain('refuses the choice of stores (near): 127.0.0.1:');
    expect(refused.stderr).toContain("Store 'near' is not configured.");
    expect(refused.stderr).toContain('its stores are ceph, file');
  });

  it('says that there may be only one store if the server does not tell', async () => {
    const [cwd, server] = [await tempDir(), await start([unknown])];
    const args = ['download', id, '-o', 'a', '--prefer-store', 'near', '--error-format', 'json'];
    const { code, error } = await server.cli(args, { cwd });
    expect([code, error()]).toMatchObject([
      2,
      { code: 'usage.argument', http_status: 400, hint: 'it may have only one store: leave out --prefer-store' },
    ]);
  });

  it('reports a policy that forbids the choice', async () => {
    const text = 'You are not authorized to complete download_from_store action.';
    const forbidden = json({ path: /\/file\?prefer=/ }, 403, { message: text });
    const [cwd, server] = [await tempDir(), await start([forbidden])];
    const { code, stderr } = await server.cli(['download', id, '-o', 'a', '--prefer-store', 'near'], { cwd });
    expect(code).toBe(4);
    expect(stderr).toContain(text);
    expect(stderr).toContain('its policy download_from_store may forbid choosing a store: try without --prefer-store');
  });

  it.each(['', 'a,,b', 'x'.repeat(256), Array.from({ length: 17 }, () => 'a').join(',')])(
    'refuses "%s" before it requests any data',
    async (text) => {
      const [cwd, server] = [await tempDir(), await start()];
      const { code } = await server.cli(['download', id, '-o', 'a', '--prefer-store', text], { cwd });
      expect([code, dataRequests(server)]).toEqual([2, []]);
    },
  );

  it('is useless on API v1, and says so and where it came from', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const refused = await server.cli(['download', id, '-o', 'a', '--prefer-store', 'near'], { cwd });
    expect([refused.code, server.asked().some((request) => request.startsWith('GET /v1/images/'))]).toEqual([2, false]);
    expect(refused.stderr).toContain('Images API v1 does not support choosing a store');
    const env = { GLANCE_CLI_PREFER_STORE: 'near' };
    const named = await server.cli(['download', id, '-o', 'a'], { cwd, env });
    expect([named.code, named.stderr]).toEqual([2, expect.stringContaining('unset GLANCE_CLI_PREFER_STORE')]);
  });
});

describe('mirror --prefer-store', () => {
  it('names them for each image', async () => {
    const [cwd, server] = [await tempDir(), await start()];
    expect(await server.cli(['mirror', 'm', '--prefer-store', 'near'], { cwd })).toMatchObject({ code: 0 });
    expect(dataRequests(server)).toEqual([`GET /v2/images/${id}/file?prefer=near`]);
  });

  it('stops at the first image if there is no such store, as all others would fail too', async () => {
    const [cwd, server] = [await tempDir(), await start([unknown, stores])];
    const { code, stderr } = await server.cli(['mirror', 'm', '--prefer-store', 'near'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('its stores are ceph, file')]);
  });

  it.each([['--dry-run'], ['--jobs=1']])('is refused on API v1 before anything is created (%s)', async (option) => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const { code } = await server.cli(['mirror', 'm', option, '--prefer-store', 'near'], { cwd });
    expect([code, await readdir(cwd)]).toEqual([2, []]);
  });
});
