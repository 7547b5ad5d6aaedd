import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { v1Versions, v2Versions } from '../../../src/server/versions.ts';
import { glance, type Glance } from '../../support/glance.ts';
import { makeEntry } from '../../support/images.ts';
import { tempDir } from '../../support/temp-dir.ts';

const id = (digit: number): string => `${String(digit).repeat(8)}-1111-4111-8111-111111111111`;

const entry = (digit: number, name: string, more: object = {}): ReturnType<typeof makeEntry> =>
  makeEntry(`data ${String(digit)}`, {
    id: id(digit),
    name,
    disk_format: 'qcow2',
    created_at: `2026-01-0${String(digit)}T00:00:00Z`,
    ...more,
  });

const catalog = [
  entry(1, 'ubuntu-20.04', { tags: ['prod'] }),
  entry(2, 'ubuntu-22.04', { tags: ['prod'] }),
  entry(3, 'Ubuntu-24.04'),
  entry(4, 'web-1'),
  entry(5, 'twin'),
  entry(6, 'twin'),
];

const serve = (more: readonly ReturnType<typeof entry>[] = []): Promise<Glance> =>
  glance([...catalog, ...more], [], { versions: v2Versions });

const namesIn = (stdout: string): readonly string[] =>
  (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);

describe.each([1, 2] as const)('a pattern, on v%i', (version) => {
  const start = (): Promise<Glance> => glance(catalog, [], { versions: version === 1 ? v1Versions : v2Versions });
  const api = ['--image-api-version', String(version)];

  it('selects every image whose full name it matches, case-sensitively', async () => {
    const server = await start();
    const { code, stdout, stderr } = await server.cli(['show', 'ubuntu-*', '-f', 'json', ...api]);
    expect([code, stderr, namesIn(stdout)]).toEqual([0, '', ['ubuntu-20.04', 'ubuntu-22.04']]);
    const several = await server.cli(['show', 'web-1', '?bu*-2[!2].04', '-f', 'json', ...api]);
    expect(namesIn(several.stdout)).toEqual(['web-1', 'Ubuntu-24.04', 'ubuntu-20.04']);
  });

  it('reports what it matched before data moves', async () => {
    const [server, cwd] = [await start(), await tempDir()];
    const { code, stderr } = await server.cli(['download', 'ubuntu-*', '-o', './', ...api], { cwd });
    expect(code).toBe(0);
    expect(stderr.split('\n')[0]).toBe('"ubuntu-*" matches 2 images: ubuntu-20.04, ubuntu-22.04');
    expect((await readdir(cwd)).toSorted()).toEqual(['ubuntu-20.04.qcow2', 'ubuntu-22.04.qcow2']);
  });

  it('that matches nothing exits with 3, and suggests similar names', async () => {
    const server = await start();
    const { code, stdout, error } = await server.cli(['show', 'UBUNTU-20*', '-f', 'json', ...api]);
    expect([code, stdout, error()['code']]).toEqual([3, '', 'image.not_found']);
    expect(error()['hint']).toContain('"ubuntu-20.04"');
  });
});

describe('a pattern', () => {
  it.each(['-o FILE', 'standard output'])(
    'for %s must match exactly one image, and removes no file if it matches more',
    async (place) => {
      const [server, cwd] = [await serve(), await tempDir()];
      const target = place === '-o FILE' ? ['-o', 'f'] : [];
      const one = await server.cli(['download', 'web-*', ...target], { cwd });
      expect(one.code).toBe(0);
      expect(place === '-o FILE' ? await readFile(join(cwd, 'f'), 'utf8') : one.stdout).toBe('data 4');
      // Tomorrow there is one image more.
      const later = await serve([entry(7, 'web-2')]);
      const { code, stdout, error } = await later.cli(['download', 'web-*', ...target, '--force', '-f', 'json'], {
        cwd,
      });
      expect([code, stdout, error()['code']]).toEqual([3, '', 'image.ambiguous']);
      expect(error()['matches']).toMatchObject([{ name: 'web-1' }, { name: 'web-2' }]);
      if (place === '-o FILE') expect(await readFile(join(cwd, 'f'), 'utf8')).toBe('data 4');
    },
  );

  it('is a name if an image has exactly that name, whether shown or hidden', async () => {
    const own = await serve([entry(7, 'web-[0-9]'), entry(8, 'web*', { os_hidden: true })]);
    for (const name of ['web-[0-9]', 'web*']) {
      const { code, stdout } = await own.cli(['show', name, '-f', 'json']);
      expect([code, (JSON.parse(stdout) as { name: string }).name]).toEqual([0, name]);
    }
  });

  it('is not an alternative spelling: a name with [1] whose image is deleted is not found', async () => {
    const before = await serve([entry(7, 'web-[1]')]);
    const named = await before.cli(['show', 'web-[1]', '-f', 'value', '-c', 'id']);
    expect([named.code, named.stdout]).toEqual([0, `${id(7)}\n`]);
    const [after, cwd] = [await serve(), await tempDir()];
    const { code, error } = await after.cli(['download', 'web-[1]', '-o', 'f', '-f', 'json'], { cwd });
    expect([code, error()['code'], await readdir(cwd)]).toEqual([3, 'image.not_found', []]);
    // A star that is meant literally stays one when its image is gone.
    expect((await after.cli(['show', 'web-[*]'])).code).toBe(3);
    expect((await before.cli(['show', 'web-[[]1]', '-f', 'value', '-c', 'name'])).stdout).toBe('web-[1]\n');
  });

  it('is not recognised in a pinned name, a URI, or with --compat openstack', async () => {
    const server = await serve();
    for (const args of [
      [`ubuntu-*@md5:${'0'.repeat(32)}`],
      [`${server.url.href}v2/images/${id(4)}?x=*`.replace(id(4), '[0-9]*')],
      ['ubuntu-*', '--compat', 'openstack'],
    ]) {
      const { code, stdout } = await server.cli(['show', ...args]);
      expect([args, code, stdout]).toEqual([args, 3, '']);
    }
  });

  it('is not recognised in the URI of an IPv6 host', async () => {
    const [server, cwd] = [await serve(), await tempDir()];
    for (const args of [['show'], ['inspect'], ['download', '-o', 'f'], ['members']]) {
      // Nobody listens there, which is reported for the host, not as a name without matches.
      const uri = 'http://[::1]:9/v2/images/1';
      const { code, error } = await server.cli([...args, uri, '--retries', '0', '--error-format', 'json'], { cwd });
      expect([args, code, String(error()['code'])]).toEqual([args, 5, expect.stringMatching(/^net\./)]);
    }
    expect(server.asked().some((each) => each.includes('GET /v2/images'))).toBe(false);
  });

  it('selects the newest match with --latest, even if one image is required', async () => {
    const [server, cwd] = [await serve(), await tempDir()];
    const { code, stderr } = await server.cli(['download', '*', '--latest', '-o', 'f'], { cwd });
    expect([code, await readFile(join(cwd, 'f'), 'utf8')]).toEqual([0, 'data 6']);
    expect(stderr).toContain('"*" matches 6 images, of which the newest is twin\n');
    // Several names are listed with the candidates; a single name that they share is already in the message.
    const candidates = async (name: string) =>
      (await server.cli(['members', name])).stderr.split('\n').flatMap((line) => /  public.*/.exec(line) ?? []);
    expect(await candidates('ubuntu-*')).toEqual(['  public  ubuntu-20.04', '  public  ubuntu-22.04']);
    expect(await candidates('twin')).toEqual(['  public', '  public']);
    const members = await server.cli(['members', 'ubuntu-*']);
    expect([members.code, members.stderr]).toEqual([3, expect.stringContaining('2 images match, where one is needed')]);
    await writeFile(join(cwd, 'w'), 'data 4');
    expect((await server.cli(['verify', 'w', 'web-?'], { cwd })).code).toBe(0);
  });
});

describe('filters in place of a name', () => {
  it('select every image that matches', async () => {
    const [server, cwd] = [await serve(), await tempDir()];
    const shown = await server.cli(['show', '--tag', 'prod', '-f', 'json']);
    expect([shown.code, namesIn(shown.stdout)]).toEqual([0, ['ubuntu-20.04', 'ubuntu-22.04']]);
    const { code, stderr } = await server.cli(['download', '--tag', 'prod', '--latest', '-o', './'], { cwd });
    expect([code, await readdir(cwd)]).toEqual([0, ['ubuntu-22.04.qcow2']]);
    expect(stderr).toContain('the filters match 2 images, of which the newest is ubuntu-22.04\n');
    const one = await server.cli(['show', '--name', 'web-1', '-f', 'json']);
    expect(namesIn(one.stdout)).toEqual(['web-1']);
  });

  it.each(['show', 'download'])('that match nothing are exit 3, the newest of them too: %s', async (command) => {
    const [server, cwd] = [await serve(), await tempDir()];
    const target = command === 'download' ? ['-o', './'] : [];
    for (const latest of [[], ['--latest']]) {
      const { code, stdout, stderr } = await server.cli([command, '--tag', 'nobody', ...latest, ...target], { cwd });
      expect([code, stdout]).toEqual([3, '']);
      expect(stderr).toContain('error: no image matches the filters [image.not_found]');
      expect(await readdir(cwd)).toEqual([]);
    }
  });

  it.each([
    [['']],
    [['', '--tag', 'prod']],
    [['web-1', '--tag', 'prod']],
    [['web-1', '--limit', '3']],
    [[]],
    [['--latest']],
    [['--limit', '3']],
    [['--all']],
  ])('must be at least one, and go with no image name: %j', async (args) => {
    const [server, cwd] = [await serve(), await tempDir()];
    for (const command of [['show'], ['download', '-o', './']]) {
      const { code, stdout } = await server.cli([...command, ...args], { cwd });
      expect([command, code, stdout]).toEqual([command, 2, '']);
    }
    expect([server.asked(), await readdir(cwd)]).toEqual([[], []]);
  });
});

describe('show of several', () => {
  it('prints an array, but an object for a single plain image', async () => {
    const server = await serve();
    const json = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await server.cli(['show', '-f', 'json', ...args])).stdout);
    expect(await json('web-1')).toMatchObject({ name: 'web-1' });
    expect(await json('web-1', 'web-1')).toMatchObject({ name: 'web-1' });
    expect(await json('web-*')).toMatchObject([{ name: 'web-1' }]);
    expect(await json('web-1', id(1))).toMatchObject([{ name: 'web-1' }, { id: id(1) }]);
    const { stdout } = await server.cli(['show', 'web-1', id(1)]);
    expect(stdout.match(/^Identity$/gm)).toHaveLength(2);
    const table = await server.cli(['show', 'web-1', id(1), '-c', 'name']);
    expect(table.stdout).toContain('ubuntu-20.04');
  });

  it('reports what is missing after printing the rest, and exits with 9', async () => {
    const server = await serve();
    const { code, stdout, error } = await server.cli(['show', 'nobody', 'web-1', 'twin', '-f', 'json']);
    expect([code, namesIn(stdout)]).toEqual([9, ['web-1']]);
    expect(error()).toMatchObject({
      code: 'partial',
      message: '2 of 3 images failed',
      failures: [
        { image: 'nobody', code: 'image.not_found' },
        { image: 'twin', code: 'image.ambiguous' },
      ],
    });
  });
});

describe('--images-from', () => {
  const text = '# which ones\r\n\r\n  web-1 \r\nubuntu-2*\r\n';

  it.each(['a file', 'standard input'])('takes them from %s, one a line', async (source) => {
    const [server, cwd] = [await serve(), await tempDir()];
    await writeFile(join(cwd, 'list'), text);
    const [from, stdin] = source === 'a file' ? ['list', ''] : ['-', text];
    const args = ['download', '--images-from', from, '-o', './', '-f', 'json'];
    const { code, stdout } = await server.cli(args, { cwd, stdin });
    expect([code, namesIn(stdout)]).toEqual([0, ['web-1', 'ubuntu-20.04', 'ubuntu-22.04']]);
  });

  it('exits with 2 if it names none, cannot be read, comes with filters, or would read stdin twice', async () => {
    const [server, cwd] = [await serve(), await tempDir()];
    await writeFile(join(cwd, 'none'), '# nothing\n\n');
    await writeFile(join(cwd, 'many'), 'x\n'.repeat(10_001));
    for (const args of [
      ['--images-from', 'many'],
      ['--images-from', 'none'],
      ['--images-from', 'missing'],
      ['--images-from', '.'],
      ['--images-from', 'none', '--tag', 'prod'],
      ['--images-from', '-', '--token-file', '-'],
    ]) {
      const { code, stdout } = await server.cli(['download', ...args, '-o', './'], { cwd, stdin: 'web-1\n' });
      expect([args, code, stdout]).toEqual([args, 2, '']);
    }
    expect(server.asked()).toEqual([]);
  });
});

describe('inspect of several', () => {
  const reportsIn = (stdout: string): readonly (readonly [unknown, unknown])[] =>
    (JSON.parse(stdout) as { name: string | null; path: string | null; safe: boolean | null }[]).map(
      ({ name, path, safe }) => [name ?? path, safe],
    );

  it('reports on each in order, and exits as --all does', async () => {
    const [server, cwd] = [await serve(), await tempDir()];
    await writeFile(join(cwd, 'disk.raw'), 'a disk');
    const inspect = async (...args: string[]): Promise<readonly [number, unknown]> => {
      const { code, stdout } = await server.cli(['inspect', '-f', 'json', ...args], { cwd });
      return [code, reportsIn(stdout)];
    };
    expect(await inspect('web-1', 'disk.raw', 'ubuntu-22*')).toEqual([
      11,
      [
        ['web-1', false],
        [join(cwd, 'disk.raw'), true],
        ['ubuntu-22.04', false],
      ],
    ]);
    const [unread, quiet] = [await inspect('nobody', 'disk.raw'), await inspect('web-[0-1]', '--fail-on', 'never')];
    expect(unread).toEqual([
      9,
      [
        ['nobody', null],
        [join(cwd, 'disk.raw'), true],
      ],
    ]);
    expect(quiet).toEqual([0, [['web-1', false]]]);
    expect(await inspect('--tag', 'prod', '--latest')).toEqual([11, [['ubuntu-22.04', false]]]);
    expect(await inspect('--tag', 'prod')).toMatchObject([
      11,
      [
        ['ubuntu-20.04', false],
        ['ubuntu-22.04', false],
      ],
    ]);
    await writeFile(join(cwd, 'list'), 'disk.raw\n');
    expect(await inspect('--images-from', 'list')).toEqual([0, [[join(cwd, 'disk.raw'), true]]]);
  });

  it('announces what a pattern matched before reading, and when it matched nothing', async () => {
    const server = await serve();
    const { stderr } = await server.cli(['inspect', 'ubuntu-*', '-f', 'json']);
    expect(stderr.split('\n')[0]).toBe('"ubuntu-*" matches 2 images: ubuntu-20.04, ubuntu-22.04');
    for (const args of [['nobody-*'], ['--tag', 'nobody'], ['--tag', 'nobody', '--latest']]) {
      const { code, stdout } = await server.cli(['inspect', ...args, '-f', 'json']);
      expect([args, code, stdout]).toEqual([args, 3, '']);
    }
  });

  it.each([
    ['web-1', '--tag', 'prod'],
    ['--all', 'web-1'],
    ['--all', '--images-from', 'list'],
    ['--all', '--latest'],
    ['-', '--images-from', '-'],
    ['-', '--token-file', '-'],
    ['--limit', '3'],
    [],
  ])('exits with 2 if the arguments are unclear: %s %s %s', async (...args) => {
    const [server, cwd] = [await serve(), await tempDir()];
    await writeFile(join(cwd, 'list'), 'web-1\n');
    const { code, stdout } = await server.cli(['inspect', ...args], { cwd, stdin: 'web-1\n' });
    expect([code, stdout, server.asked()]).toEqual([2, '', []]);
  });

  it('treats a name that looks like a pattern as the file or image of exactly that name', async () => {
    const [own, cwd] = [await serve([entry(7, 'web-[0-9]')]), await tempDir()];
    const image = await own.cli(['inspect', 'web-[0-9]', '-f', 'json'], { cwd });
    expect(JSON.parse(image.stdout)).toMatchObject({ id: id(7) });
    await writeFile(join(cwd, 'web-[0-9]'), 'a file');
    const file = await own.cli(['inspect', 'web-[0-9]', '-f', 'json'], { cwd });
    expect(JSON.parse(file.stdout)).toMatchObject({ id: null, path: join(cwd, 'web-[0-9]') });
  });
});
