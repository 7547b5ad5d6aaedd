// Keys of clouds.yaml that say how requests are made.
import dns from 'node:dns';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { jsonServer, versionList } from '../../../support/servers/json-server.ts';
import { runCli } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** A directory whose clouds.yaml has one cloud with this endpoint, and no login. */
async function directoryOf(endpoint: string, settings: string): Promise<string> {
  const cwd = await tempDir();
  const text = `clouds: {c: {auth_type: none, image_api_version: 2, ${settings}, endpoint: "${endpoint}"}}`;
  await writeFile(join(cwd, 'clouds.yaml'), text, { mode: 0o600 });
  return cwd;
}

it.each([
  ['image_status_code_retries: 0', [], 1],
  ['image_status_code_retries: 2', [], 3],
  ['image_status_code_retries: 0', ['--retries', '1'], 2],
])('%s with %j is %i requests of a Glance that is not available', async (settings, options, requests) => {
  const glance = await jsonServer(({ pathname }) =>
    pathname === '/' ? versionList('v2.9') : { status: '503 Service Unavailable', body: {} },
  );
  const cwd = await directoryOf(`${glance.url.href}v2`, settings);
  const { code } = await runCli(['list', ...options], { cwd });
  expect([code, glance.requests.length]).toEqual([5, requests]);
});

it.each([
  ['false', undefined],
  ['true', 4],
])('with force_ipv4: %s looks names up for family %s', async (force, family) => {
  const { lookup } = dns;
  const families = new Set<unknown>();
  const redirected = (name: string, options: dns.LookupOptions, done: () => void): void => {
    if (name === 'glance.example') families.add(options.family);
    lookup('127.0.0.1', options, done);
  };
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(redirected as never);
  onTestFinished(() => spy.mockRestore());
  const glance = await jsonServer(() => ({ body: { images: [] } }));
  const cwd = await directoryOf(`http://glance.example:${glance.url.port}/v2`, `force_ipv4: ${force}`);
  expect((await runCli(['list', '--retries', '0'], { cwd })).code).toBe(0);
  expect([...families]).toEqual([family]);
});
