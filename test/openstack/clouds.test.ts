// Login by clouds.yaml and by the variables of an openrc file, to every cloud of the stack.
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { type CliResult, glanceCli, parseError } from './support/cli.ts';
import { getSample, type Project, runningStack, sampleId, stack } from './support/stack.ts';

/** Passwords and secrets of the stack, none of which may ever be printed. */
const secrets = /(?:demo|admin|other|reader|appcred|appcred-reader)-secret|not-the-password|p@ss w|gAAAAA/;

/** Runs the program with the stack's clouds.yaml, and no other configuration. */
function inCloud(cloud: string, argv: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  return glanceCli(['--os-cloud', cloud, '--retries', '0', '--error-format', 'json', ...argv], {
    as: null,
    endpoint: null,
    env: { OS_CLIENT_CONFIG_FILE: join(runningStack().state, 'clouds.yaml'), ...env },
  });
}

/** Ids and owners of the images that a cloud's user lists. */
async function listOwners(cloud: string, ...options: string[]): Promise<ReadonlyMap<string, string>> {
  const result = await inCloud(cloud, ['-f', 'json', 'list', ...options]);
  if (result.code !== 0) throw new Error(result.stderr);
  const images = JSON.parse(result.stdout) as readonly { id: string; owner: string }[];
  return new Map(images.map(({ id, owner }) => [id, owner]));
}

/** Variables of an openrc file of the stack. */
async function readOpenrc(name: string): Promise<Record<string, string>> {
  const content = await readFile(join(runningStack().state, 'openrc', name), 'utf8');
  return Object.fromEntries(
    [...content.matchAll(/^export (\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, unquote(value)]),
  );
}

/** A word as a shell reads it, of single and double quotes without escapes. */
function unquote(word: string): string {
  return word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_quoted, single?: string, double?: string) => single ?? double ?? '');
}

const demoClouds = [
  ['demo', 'demo-ids', 'demo-unversioned', 'demo-default-domain', 'demo-internal'],
  ['demo-v2-endpoint', 'demo-override', 'demo-split', 'demo-profile'],
  ['demo-appcred', 'demo-appcred-name', 'demo-appcred-reader', 'demo-token', 'demo-admin-token'],
  ['reader', 'tls', 'tls-appcred', 'tls-path', 'tls-insecure'],
].flat();

describe.skipIf(stack === null)('a cloud of clouds.yaml', () => {
  test.each(demoClouds)('%s shows an image that only project demo sees', async (cloud) => {
    const result = await inCloud(cloud, ['-f', 'json', 'show', sampleId(1)]);
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({
      id: sampleId(1),
      name: 'qcow2',
      owner: runningStack().projects.demo,
    });
  });

  test.each([
    ['admin', 'admin', 22],
    ['other', 'other', 32],
  ] as const)('%s is project %s, and sees sample %i', async (cloud, project: Project, number) => {
    const result = await inCloud(cloud, ['-f', 'json', 'list', '--visibility', 'public']);
    expect(result.code).toBe(0);
    expect(runningStack().projects[project]).toMatch(/^[0-9a-f]{32}$/);
    expect((await inCloud(cloud, ['show', sampleId(number)])).code).toBe(0);
  });

  test('lab logs in with a password of quotes, blanks and special characters, to its own domain', async () => {
    const owners = await listOwners('lab');
    expect(owners.get(sampleId(30))).toBe(runningStack().projects.admin);
    expect(owners.has(sampleId(1))).toBe(false);
  });

  test('admin-system logs in to the system', async () => {
    expect((await listOwners('admin-system', '--visibility', 'public')).has(sampleId(30))).toBe(true);
  });

  test('demo-unscoped lists public images and none of the project', async () => {
    // The catalog of an unscoped token is empty: the endpoint must come from elsewhere.
    const result = await inCloud('demo-unscoped', ['-f', 'json', '--endpoint', runningStack().glance, 'list']);
    expect(result.code).toBe(0);
    const ids = (JSON.parse(result.stdout) as readonly { id: string }[]).map(({ id }) => id);
    expect(ids).toContain(sampleId(30));
    expect(ids).not.toContain(sampleId(1));
  });

  test.each(['demo', 'tls-path', 'demo-appcred-reader'])('%s downloads and verifies', async (cloud) => {
    const target = join(await tempDir(), 'target');
    const result = await inCloud(cloud, ['-f', 'json', '--progress', 'none', 'download', sampleId(1), '-o', target]);
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ digests: { sha512: getSample(1).sha512 }, verified: true });
  });

  test('tls-insecure warns that certificates are not checked', async () => {
    const result = await inCloud('tls-insecure', ['show', sampleId(1)]);
    expect(result.stderr).toMatch(/^warning: certificates are not checked/m);
  });

  test.each([
    ['demo-wrong-password', 4, /^auth\./],
    ['demo-no-image-service', 3, /^cloud\.no_service$/],
    ['demo-no-region', 3, /^cloud\.region$/],
    ['demo-image-down', 5, /^net\.refused$/],
    ['tls-no-ca', 10, /^tls\.untrusted$/],
    ['tls-wrong-name', 10, /^tls\.name$/],
    ['no-such-cloud', 3, /^cloud\.not_found$/],
  ])('%s fails with exit %i and says why', async (cloud, exit, code) => {
    const result = await inCloud(cloud, ['list']);
    const error = parseError(result);
    expect(error).toMatchObject({ exit, code: expect.stringMatching(code) as string });
    expect(result.code).toBe(exit);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toMatch(secrets);
  });
});

describe.skipIf(stack === null)('an openrc file', () => {
  test.each(['demo', 'reader', 'demo-appcred', 'demo-token', 'tls', 'tls-appcred'])('%s is enough', async (name) => {
    const options = { as: null, endpoint: null, env: await readOpenrc(name) };
    const result = await glanceCli(['-f', 'json', 'show', sampleId(1)], options);
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toMatchObject({ id: sampleId(1), owner: runningStack().projects.demo });
  });

  test('lab keeps its password of quotes, blanks and special characters', async () => {
    const options = { as: null, endpoint: null, env: await readOpenrc('lab') };
    expect((await glanceCli(['show', sampleId(30)], options)).code).toBe(0);
  });
});

describe.skipIf(stack === null)('secrets of a login', () => {
  test.each(['demo', 'demo-appcred', 'demo-token', 'demo-admin-token', 'lab', 'tls-path'])(
    '%s --debug prints no secret',
    async (cloud) => {
      const result = await inCloud(cloud, ['--debug', 'list', '--limit', '1']);
      expect(result.code).toBe(0);
      expect(result.stderr).toContain('/v2/images');
      expect(result.stdout + result.stderr).not.toMatch(secrets);
    },
  );

  test('are readable by their owner only, and save the next login', async () => {
    const cache = join(await tempDir(), 'cache');
    await mkdir(cache);
    const env = { XDG_CACHE_HOME: cache };
    const first = await inCloud('demo', ['--debug', 'show', sampleId(1)], env);
    const second = await inCloud('demo', ['--debug', 'show', sampleId(1)], env);
    expect(first.stderr).toContain('/v3/auth/tokens');
    expect(second.code).toBe(0);
    expect(second.stderr).not.toContain('/v3/auth/tokens');
    const own = await stat(join(cache, 'glance-cli'));
    expect(own.mode % 0o1000).toBe(0o700);
  });
});
