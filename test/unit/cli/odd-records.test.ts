// A malformed record affects nothing but itself, in every verb that lists.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonServer, versionList } from '../../support/servers/json-server.ts';
import type { RawServer } from '../../support/servers/raw-server.ts';
import { type CliOptions, type CliResult, runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const goodId = '11111111-1111-4111-8111-111111111111';
const oddId = '22222222-2222-4222-8222-222222222222';
const md5OfData = '8d777f385d3dfec8815d20f7496026dc';
type Fields = Readonly<Record<string, unknown>>;

const common = {
  status: 'active',
  disk_format: 'raw',
  container_format: 'bare',
  size: 4,
  checksum: md5OfData,
  min_disk: 0,
  min_ram: 0,
  owner: 'p',
  protected: false,
  created_at: '2024-01-01T00:00:00Z',
  updated_at: '2024-01-01T00:00:00Z',
};
const v2Fields = { visibility: 'public', tags: [], os_hidden: false };
const v1Fields = { is_public: true, properties: {} };

interface OddGlance extends RawServer {
  readonly cli: (argv: readonly string[], options?: CliOptions) => Promise<CliResult>;
}

/** A Glance with one image that is as it should be, and one with these fields. */
async function oddGlance(api: 'v1' | 'v2', odd: Fields): Promise<OddGlance> {
  const own = api === 'v1' ? v1Fields : v2Fields;
  const images = [
    { ...common, ...own, id: oddId, name: 'odd', ...odd },
    { ...common, ...own, id: goodId, name: 'good' },
  ];
  const server = await jsonServer((url, method) => {
    if (url.pathname === '/') return versionList(api === 'v1' ? 'v1.1' : 'v2.9');
    if (url.pathname === `/${api}/images` || url.pathname === '/v1/images/detail') {
      const [name, marker] = [url.searchParams.get('name')?.replace(/^eq:/, ''), url.searchParams.get('marker')];
      return { body: { images: marker === null ? images.filter((each) => (name ?? each.name) === each.name) : [] } };
    }
    const id = url.pathname.split('/')[3];
    const found = images.find((each) => each.id === id) ?? images.find(() => id === oddId);
    if (found === undefined) return null;
    const isData = url.pathname.endsWith('/file') || (api === 'v1' && method === 'GET');
    if (isData) return { body: 'data', headers: ['Content-Type: application/octet-stream'] };
    if (api === 'v2') return { body: found };
    const headers = Object.entries(found).filter(([key]) => key !== 'properties');
    return { body: '', headers: headers.map(([key, value]) => `X-Image-Meta-${key}: ${value as string}`) };
  });
  return { ...server, cli: (argv, options) => runCli(['--endpoint', server.url.href, ...argv], options) };
}

const names = (stdout: string): readonly unknown[] => (JSON.parse(stdout) as Fields[]).map((each) => each['name']);

const anywhere: readonly (readonly [key: string, value: unknown])[] = [
  ['size', 2 ** 53],
  ['size', -1],
  ['size', 1.5],
  ['size', {}],
  ['min_disk', 'ten'],
  ['min_ram', [1]],
  ['virtual_size', 1e300],
  ['checksum', 'nothing'],
  ['owner', { id: 'p' }],
  ['name', ['odd']],
  ['status', {}],
  ['disk_format', []],
  ['protected', 'perhaps'],
  ['created_at', 'yesterday'],
  ['updated_at', '2024-02-31T00:00:00Z'],
  ['deleted_at', {}],
];

const cases: readonly (readonly [api: 'v1' | 'v2', key: string, value: unknown])[] = [
  ...anywhere.flatMap(([key, value]) => [['v1', key, value] as const, ['v2', key, value] as const]),
  ['v1', 'is_public', 'perhaps'],
  ['v1', 'location', {}],
  ['v1', 'properties', 'none'],
  ['v2', 'min_disk', '10'],
  ['v2', 'checksum', 'None'],
  ['v2', 'checksum', 5],
  ['v2', 'name', 7],
  ['v2', 'visibility', 1],
  ['v2', 'tags', null],
  ['v2', 'tags', [1]],
  ['v2', 'os_hidden', 'no'],
  ['v2', 'os_hash_algo', 512],
  ['v2', 'os_hash_value', 512],
  ['v2', 'locations', 'swift'],
  ['v2', 'locations', [{ url: 1 }]],
  ['v2', 'stores', ['a']],
  ['v2', 'direct_url', {}],
];

describe('one record with an odd field', () => {
  it.each(cases)('%s, %s: %j: list prints the others and names it', async (api, key, value) => {
    const { cli } = await oddGlance(api, { [key]: value });
    const result = await cli(['list', '-f', 'json']);
    expect([result.code, names(result.stdout)]).toEqual([9, ['good']]);
    expect(result.stderr).toContain(`error: the record of image ${oddId}`);
    expect(result.stderr).toContain(`is malformed: ${key} is`);
    expect(result.error()).toMatchObject({
      code: 'partial',
      failures: [{ image: oddId, code: 'metadata.invalid', message: expect.stringContaining(key) as unknown }],
    });
  });

  it('a malformed hash only fails its own image in a mirror, and whatever compares with it', async () => {
    const directory = await tempDir();
    const whole = await oddGlance('v2', {});
    expect((await whole.cli(['mirror', directory])).code).toBe(0);
    const { cli } = await oddGlance('v2', { os_hash_algo: 'sha512', os_hash_value: 'abcd' });
    expect((await cli(['list'])).code).toBe(0);
    const { code, stdout } = await cli(['mirror', directory, '-f', 'json']);
    expect(code).toBe(9);
    expect((JSON.parse(stdout) as Fields[]).map(({ image, action }) => [image, action])).toEqual([[oddId, 'failed']]);
    expect(await readFile(join(directory, oddId, `${oddId}.raw`), 'utf8')).toBe('data');
  });

  it.each([{ id: null }, { id: '' }, { id: 7 }, { id: undefined }])(
    'a record of API v2 without an id is named by its name: %j',
    async (fields) => {
      const { cli } = await oddGlance('v2', fields);
      const { code, stdout, stderr } = await cli(['list', '-f', 'json']);
      expect([code, names(stdout)]).toEqual([9, ['good']]);
      expect(stderr).toContain('an image without an id, "odd"');
    },
  );

  it.each(['v1', 'v2'])(
    'of API %s, more odd records in one answer than were requested are not accepted as a list',
    async (api) => {
      const answer = async (count: number): Promise<CliResult> => {
        const images = Array.from({ length: count }, (_, id) => ({ id: String(id), size: -1 }));
        const server = await jsonServer(({ pathname, searchParams }) =>
          pathname === '/'
            ? versionList(api === 'v1' ? 'v1.1' : 'v2.9')
            : { body: { images: searchParams.has('marker') ? [] : images } },
        );
        return await runCli(['--endpoint', server.url.href, 'list']);
      };
      expect((await answer(1000)).stderr).not.toContain('over 1000 records');
      const { code, stderr } = await answer(1001);
      expect([code, stderr]).toEqual([7, expect.stringContaining('over 1000 records of one answer could not be read')]);
    },
  );

  it('a list entry that is not a record is treated like a record without an id', async () => {
    const images = [7, { ...common, ...v2Fields, id: goodId, name: 'good' }];
    const server = await jsonServer(() => ({ body: { images } }));
    const { code, stdout, stderr } = await runCli(['--endpoint', `${server.url.href}v2`, 'list', '-f', 'json']);
    expect([code, names(stdout)]).toEqual([9, ['good']]);
    expect(stderr).toContain('an image without an id');
  });

  it('cuts a long text, and escapes what a terminal must not see', async () => {
    const { cli } = await oddGlance('v2', { checksum: '\u001b[31m'.repeat(10_000), name: 'n'.repeat(10_000) });
    const { code, stderr } = await cli(['list']);
    expect(code).toBe(9);
    expect(stderr.length).toBeLessThan(2000);
    expect(stderr).not.toContain('\u001b[31m');
  });

  describe.each(['v1', 'v2'] as const)('over %s', (api) => {
    const odd = { min_disk: 'ten', checksum: 'nothing' };

    it.each([[[]], [['-f', 'json']], [['-f', 'value', '-c', 'Name']]] as const)(
      'list --compat openstack %j prints the others',
      async (options) => {
        const { cli } = await oddGlance(api, odd);
        const { code, stdout, stderr } = await cli(['--compat', 'openstack', 'list', ...options]);
        expect([code, stdout.includes('good'), stdout.includes('odd')]).toEqual([9, true, false]);
        expect(stderr).toContain(oddId);
      },
    );

    it('show prints what can be read, by id and by name, says what cannot, and exits with 7', async () => {
      const { cli } = await oddGlance(api, odd);
      // API v1 cannot look up headers by name alone: the list has the record.
      for (const query of [oddId, 'odd']) {
        const result = await cli(['show', query, '-f', 'json']);
        expect(result.code).toBe(7);
        expect(JSON.parse(result.stdout)).toMatchObject({
          id: oddId,
          name: 'odd',
          size: 4,
          min_disk: null,
          checksum: null,
        });
        expect(result.error()).toMatchObject({
          code: 'metadata.invalid',
          image: oddId,
          message: expect.stringMatching(/checksum is not an MD5: "nothing".*min_disk is not an exact number: "ten"/),
        });
      }
      expect(await cli(['--compat', 'openstack', 'show', oddId])).toMatchObject({
        code: 7,
        stdout: expect.stringContaining(oddId) as unknown,
      });
      expect(await cli(['show', goodId])).toMatchObject({ code: 0, stderr: '' });
    });

    it('inspect --all inspects the others', async () => {
      const { cli } = await oddGlance(api, odd);
      const { code, stdout, stderr } = await cli(['inspect', '--all', '-f', 'json']);
      expect(code).toBe(9);
      const verdicts = (JSON.parse(stdout) as Fields[]).map(({ name, safe }) => [name, safe]);
      expect(verdicts).toHaveLength(2);
      expect(verdicts).toEqual(
        expect.arrayContaining([
          ['good', true],
          ['odd', null],
        ]),
      );
      expect(stderr).toMatch(new RegExp(`${oddId}.*min_disk`));
    });

    it('mirror fetches the others, and keeps what it has of the odd one even with --prune', async () => {
      const directory = await tempDir();
      expect((await (await oddGlance(api, {})).cli(['mirror', directory])).code).toBe(0);
      const { cli } = await oddGlance(api, odd);
      const { code, stderr } = await cli(['mirror', directory, '--prune', '--force']);
      expect([code, (await readdir(directory)).includes(oddId)]).toEqual([9, true]);
      expect(stderr).toMatch(new RegExp(`${oddId}.*min_disk`));

      const fresh = await tempDir();
      expect((await cli(['mirror', fresh])).code).toBe(9);
      expect(await readFile(join(fresh, goodId, `${goodId}.raw`), 'utf8')).toBe('data');
      expect(existsSync(join(fresh, oddId))).toBe(false);
    });

    it('completion silently offers both', async () => {
      const { url } = await oddGlance(api, odd);
      const { code, stdout, stderr } = await runCli(
        ['__complete', 'bash', `glance-cli --endpoint ${url.href} show `, '0'],
        { homedir: await tempDir() },
      );
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^good/m);
      expect(stdout).toMatch(/^odd/m);
    });

    it('download ignores oddities that do not concern the data, and rejects others', async () => {
      const directory = await tempDir();
      const light = await oddGlance(api, { owner: 'p', created_at: 'yesterday', min_ram: 'much' });
      const { code, stderr } = await light.cli(['download', oddId, '-o', join(directory, 'light')]);
      expect([code, await readFile(join(directory, 'light'), 'utf8')]).toEqual([0, 'data']);
      expect(stderr).toContain('warning: the record of image');
      const heavy = await oddGlance(api, { checksum: 'nothing' });
      expect(await heavy.cli(['download', oddId, '-o', join(directory, 'heavy')])).toMatchObject({ code: 7 });
      expect(await readdir(directory)).toEqual(['light']);
    });
  });

  it('a list of odd records only ends, and names each once', async () => {
    const record = (id: number): Fields => ({ ...common, ...v2Fields, id: String(id), name: 'x', size: 'many' });
    const server = await jsonServer((url) => {
      const start = Number(url.searchParams.get('marker') ?? '0');
      const images = [1, 2].map((step) => record(start + step)).filter(({ id }) => Number(id) <= 6);
      return { body: { images, ...(start + 2 < 6 ? { next: '/more' } : {}) } };
    });
    const { code, stderr } = await runCli(['--endpoint', `${server.url.href}v2`, 'list', '--page-size', '2']);
    expect([code, stderr.match(/^error: the record of image \d/gm)?.length]).toEqual([9, 6]);
  });

  it('skips a record that a local filter excludes, and reports one that it may match', async () => {
    const { cli } = await oddGlance('v1', { owner: 'other', min_disk: 'ten' });
    expect(await cli(['list', '--owner', 'p', '-f', 'value', '-c', 'name'])).toMatchObject({
      code: 0,
      stdout: 'good\n',
    });
    const unclear = await oddGlance('v1', { owner: {} });
    expect(await unclear.cli(['list', '--owner', 'p', '-f', 'value', '-c', 'name'])).toMatchObject({ code: 9 });
  });

  it('counts towards --limit', async () => {
    const { cli } = await oddGlance('v2', { size: 'many' });
    expect(await cli(['list', '--limit', '1', '-f', 'json'])).toMatchObject({ code: 9, stdout: '[]\n' });
  });
});
