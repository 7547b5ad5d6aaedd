// Glances that do not understand a filter, ignore it, or refuse it: what they answer is checked here.
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type JsonAnswer, jsonServer, versionList } from '../../support/servers/json-server.ts';
import type { RawServer } from '../../support/servers/raw-server.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

type Fields = Readonly<Record<string, unknown>>;
type Answer = (parameters: URLSearchParams, images: readonly Fields[]) => readonly Fields[] | null;

const idOf = (number: number): string => `11111111-1111-4111-8111-11111111111${String(number)}`;
const common = {
  status: 'active',
  disk_format: 'raw',
  container_format: 'bare',
  size: 4,
  checksum: '8d777f385d3dfec8815d20f7496026dc',
  owner: 'p',
  protected: false,
  created_at: '2024-01-01T00:00:00Z',
  updated_at: '2024-01-01T00:00:00Z',
};
const images: readonly Fields[] = [
  { ...common, id: idOf(1), name: 'cirros', tags: ['x'], os_distro: 'cirros', properties: { os_distro: 'cirros' } },
  { ...common, id: idOf(2), name: 'other', status: 'queued', disk_format: 'iso', container_format: 'ovf', size: 9 },
  { ...common, id: idOf(3), name: 'eq:cirros', owner: 'q', protected: true, created_at: '2026-01-01T00:00:00Z' },
].map((image) => ({ tags: [], visibility: 'public', is_public: true, ...image }));

const byName = (parameters: URLSearchParams, all: readonly Fields[]): readonly Fields[] =>
  all.filter(({ name }) => [null, name].includes(parameters.get('name')));
const hasOperator = (value: string | null): boolean => /^[a-z]+:/.test(value ?? '');

/** Each kind of server, with what it makes of parameters; null is 400. */
const kinds: Readonly<Record<string, Answer>> = {
  // Before Mitaka: an operator is a part of the value.
  'takes values as they stand': (parameters, all) => (parameters.has('os_hidden') ? [] : byName(parameters, all)),
  // Before Kilo: `sort` is a property that no image has.
  'treats unknown parameters as properties': (parameters, all) =>
    parameters.has('sort') || parameters.has('os_hidden') ? [] : byName(parameters, all),
  'ignores every filter': (_parameters, all) => all,
  'refuses operators': (parameters, all) => (hasOperator(parameters.get('name')) ? null : byName(parameters, all)),
  'refuses every filter': (parameters, all) =>
    [...parameters.keys()].every((key) => /^(?:limit|marker|visibility|is_public|sort\w*)$/.test(key)) ? all : null,
  'finds nothing by any filter': (parameters, all) =>
    [...parameters.keys()].every((key) => /^(?:limit|marker|sort\w*)$/.test(key)) ? all : [],
};

async function oldGlance(api: 'v1' | 'v2', answer: Answer): Promise<RawServer> {
  return await jsonServer(({ pathname, searchParams }): JsonAnswer | null => {
    if (pathname === '/') return versionList(api === 'v1' ? 'v1.1' : 'v2.2');
    if (pathname === `/${api}/images/${idOf(1)}/file`) {
      return { body: 'data', headers: ['Content-Type: application/octet-stream'] };
    }
    if (pathname === `/v1/images/${idOf(1)}`)
      return { body: 'data', headers: ['Content-Type: application/octet-stream'] };
    if (pathname !== '/v1/images/detail' && pathname !== '/v2/images') return null;
    const found = answer(searchParams, images);
    if (found === null) return { status: '400 Bad Request', body: { message: 'no such filter' } };
    const start = found.findIndex(({ id }) => id === searchParams.get('marker')) + 1;
    return { body: { images: found.slice(start) } };
  });
}

const names = (stdout: string): readonly string[] =>
  (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name).toSorted();

describe.each(['v1', 'v2'] as const)('a Glance %s', (api) => {
  describe.each(Object.entries(kinds))('that %s', (kind, answer) => {
    it('shows, lists, inspects, downloads and mirrors by name', async () => {
      const { url } = await oldGlance(api, answer);
      const directory = await tempDir();
      const cli = (...argv: readonly string[]): ReturnType<typeof runCli> =>
        runCli(['--endpoint', url.href, ...argv], { cwd: directory });
      expect(await cli('show', 'cirros', '-f', 'value', '-c', 'id')).toMatchObject({ code: 0, stdout: `${idOf(1)}\n` });
      expect(await cli('download', 'cirros')).toMatchObject({ code: 0, stdout: 'data' });
      expect(await cli('inspect', 'cirros')).toMatchObject({ code: 0 });
      expect(await cli('show', 'nothing')).toMatchObject({ code: 3 });
      // A server that finds nothing by a filter and refuses none looks just like one that has nothing.
      if (kind.startsWith('finds nothing')) return;
      const list = await cli('list', '--name', 'cirros', '-f', 'json');
      expect([list.code, names(list.stdout)]).toEqual([0, ['cirros']]);
      const all = await cli('list', '-f', 'json');
      expect([all.code, names(all.stdout)]).toEqual([0, ['cirros', 'eq:cirros', 'other']]);
      expect((await cli('inspect', '--all', '--name', 'cirros', '-f', 'value', '-c', 'name')).stdout).toBe('cirros\n');
      expect(await cli('mirror', 'm', '--name', 'cirros')).toMatchObject({ code: 0 });
      expect((await readdir(`${directory}/m`)).filter((name) => name.length === 36)).toEqual([idOf(1)]);
    });
  });

  it.each([
    [
      ['--status', 'active'],
      ['cirros', 'eq:cirros'],
    ],
    [
      ['--owner', 'p'],
      ['cirros', 'other'],
    ],
    [['--disk-format', 'iso'], ['other']],
    [
      ['--container-format', 'bare'],
      ['cirros', 'eq:cirros'],
    ],
    [['--size-min', '5'], ['other']],
    [
      ['--size-max', '5'],
      ['cirros', 'eq:cirros'],
    ],
    [['--protected'], ['eq:cirros']],
    [['--property', 'os_distro=cirros'], ['cirros']],
    [['--created-since', '2025-01-01'], ['eq:cirros']],
    [['--visibility', 'private'], []],
    [['--name', 'eq:cirros', '--limit', '1'], ['eq:cirros']],
    [['--status', 'active', '--limit', '1', '--page-size', '1'], ['cirros']],
    ...(api === 'v2' ? [[['--tag', 'x'], ['cirros']] as const, [['--hidden'], []] as const] : []),
  ] as const)('that ignores or refuses filters is compensated for: list %j', async (options, found) => {
    for (const kind of ['ignores every filter', 'refuses every filter'] as const) {
      if (kind.startsWith('refuses') && options.some((word) => /^--(?:visibility|hidden)$/.test(word))) continue;
      const { url } = await oldGlance(api, kinds[kind] ?? (() => null));
      const { code, stdout } = await runCli(['--endpoint', url.href, 'list', '-f', 'json', ...options]);
      expect([code, names(stdout)]).toEqual([0, found]);
    }
  });
});

describe('a Glance of today', () => {
  it('is asked once if it has matches, and once more if it has none', async () => {
    const { url, requests } = await oldGlance('v2', (parameters, all) =>
      all.filter(({ name }) => parameters.get('name') === `eq:${String(name)}`),
    );
    await runCli(['--endpoint', `${url.href}v2`, 'list', '--name', 'cirros']);
    expect(requests).toHaveLength(1);
    await runCli(['--endpoint', `${url.href}v2`, 'list', '--name', 'nothing']);
    expect(requests.slice(1).map(({ target }) => new URL(target, url).searchParams.get('name'))).toEqual([
      'eq:nothing',
      'nothing',
    ]);
  });

  it('that refuses a query for another reason is quoted', async () => {
    const { url } = await oldGlance('v2', () => null);
    const result = await runCli([
      '--endpoint',
      `${url.href}v2`,
      'list',
      '--marker',
      'gone',
      '--name',
      'x',
      '-f',
      'json',
    ]);
    expect(result.code).toBe(7);
    expect(result.error()).toMatchObject({
      code: 'http.status',
      http_status: 400,
      message: expect.stringContaining('no such filter') as string,
    });
  });
});
