// What programs get of doctor, logout and the names in a configuration.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  diagnose,
  type Finding,
  findCloudNames,
  findRegionNames,
  GlanceClient,
  GlanceError,
  logOut,
  type System,
  systemOf,
} from '../../../../src/index.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { jsonServer, versionList } from '../../../support/servers/json-server.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** A machine whose user has these files in a home of its own. */
async function systemWith(clouds: string, env: System['env'] = {}): Promise<System> {
  const homedir = await tempDir();
  await mkdir(join(homedir, '.config/openstack'), { recursive: true });
  await writeFile(join(homedir, '.config/openstack/clouds.yaml'), clouds, { mode: 0o600 });
  return { ...systemOf(process), env, homedir, cwd: homedir, platform: 'linux' };
}

async function findingsOf(findings: AsyncIterable<Finding>): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  for await (const finding of findings) all.push(finding);
  return all;
}

describe('diagnose', () => {
  it('reports its findings on a Glance one by one', async () => {
    const server = await glance([makeEntry('data', { id: '1', name: 'one' })]);
    const found = await findingsOf(diagnose({ endpoint: server.url }));
    expect(found.map(({ check, status }) => [check, status])).toEqual([
      ['setting endpoint', 'ok'],
      ['endpoint', 'ok'],
      ['tls', 'warning'],
      ['versions', 'ok'],
      ['clock', 'ok'],
      ['list', 'ok'],
      ['range', 'ok'],
      ['next', 'ok'],
    ]);
    expect(found[1]?.detail).toContain(server.url.host);
  });

  it('reports failed checks as findings, but throws for a wrong configuration', async () => {
    const none = await findingsOf(diagnose({}));
    expect(none).toMatchObject([
      { check: 'connection', status: 'failed', failure: { code: 'config.missing' } },
      { check: 'next', status: 'failed' },
    ]);
    await expect(findingsOf(diagnose({ cloud: 'nosuch' }))).rejects.toBeInstanceOf(GlanceError);
    const [server, reason] = [await glance([]), new Error('enough')];
    const aborted = diagnose({ endpoint: server.url, signal: AbortSignal.abort(reason) });
    await expect(findingsOf(aborted)).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
  });
});

describe('a configuration', () => {
  const clouds = 'clouds: {one: {region_name: R1}, two: {regions: [R2, {name: R3}], region_name: R2}}';

  it('lists the names of clouds, and the regions of each', async () => {
    const system = await systemWith(clouds, { OS_CLOUD: 'two' });
    expect(await findCloudNames(system)).toEqual(['one', 'two']);
    expect(await findRegionNames(system)).toEqual(['R2', 'R3']);
    expect(await findRegionNames(system, 'one')).toEqual(['R1']);
    expect(await findRegionNames({ ...system, env: {} })).toEqual([]);
  });
});

describe('logOut', () => {
  it('removes the tokens that a client kept, once', async () => {
    const server = await jsonServer(({ pathname }) =>
      pathname === '/' ? versionList('v2.9') : { body: { images: [] } },
    );
    const keystone = await jsonServer(() => ({
      status: '201 Created',
      headers: ['X-Subject-Token: a-token-that-is-kept'],
      body: {
        token: {
          expires_at: '2999-01-01T00:00:00Z',
          catalog: [{ type: 'image', endpoints: [{ interface: 'public', region_id: 'R', url: server.url.href }] }],
        },
      },
    }));
    const auth = `{auth_url: "${keystone.url.href}v3", username: u, password: s3cret-password, project_name: p, user_domain_name: D, project_domain_name: D}`;
    const system = await systemWith(`clouds: {c: {auth: ${auth}}}`);
    const list = async (): Promise<void> => {
      const client = await GlanceClient.connect({ cloud: 'c', system, tokenCache: true });
      await client.list().next();
      await client.close();
    };
    await list();
    await list();
    const logins = keystone.requests.filter(({ method }) => method === 'POST').length;
    expect([logins, await logOut(system), await logOut(system)]).toEqual([1, 1, 0]);
    await list();
    expect(keystone.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });
});
