// Templates of `-o`: which part of a path the user chose, and which values of an image are in it.
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GlanceClient } from '../../../../../src/client/glance-client.ts';
import { systemOf } from '../../../../../src/client/system.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const idOf = (first: string): string => `${first}-2222-4333-8444-555555555555`;
const one = makeEntry('one', { id: idOf('11111111'), name: 'twin', disk_format: 'raw' });
const two = makeEntry('two', { id: idOf('22222222'), name: 'Twin', disk_format: 'raw' });
const near = makeEntry('near', { id: `11111111-0000-4333-8444-555555555555`, name: 'twin', disk_format: 'raw' });
const evil = makeEntry('evil', { id: idOf('eeeeeeee'), name: '../../evil', disk_format: '../x' });
const bare = makeEntry('bare', { id: idOf('bbbbbbbb'), name: null, disk_format: null, checksum: null });
const catalog = [one, two, near, evil, bare];

/** Everything below a directory, and what is in it. */
async function filesIn(directory: string): Promise<Record<string, string>> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = files.toSorted().map(async (path) => [path.slice(directory.length + 1), await readFile(path, 'utf8')]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}

describe('a template', () => {
  it('names the file of one image, and its directories are created', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    for (const output of ['images/{format}/{name}-{created}.{format}', '{{{checksum}}}', '{name}/', 'a{{b}}']) {
      const { code, stdout } = await server.cli(['download', one.image.id, '-o', output], { cwd });
      expect([output, code, stdout]).toEqual([output, 0, '']);
    }
    expect(Object.keys(await filesIn(cwd))).toEqual([
      'a{b}',
      'images/raw/twin-20260102T030405Z.raw',
      'twin/twin.raw',
      `{${one.image.checksum ?? ''}}`,
    ]);
  });

  it.each(['new/', 'new/.', './new/../new/.', '{format}/.', 'new/sub/..'])(
    'names a directory if it is %s',
    async (output) => {
      const [cwd, server] = [await tempDir(), await glance([one])];
      expect((await server.cli(['download', one.image.id, '-o', output], { cwd })).code).toBe(0);
      expect(await filesIn(cwd)).toEqual({ [`${output.startsWith('{') ? 'raw' : 'new'}/twin.raw`]: 'one' });
    },
  );

  it('leads out of a directory only if the user says so, never through a value', async () => {
    const [root, server] = [await tempDir(), await glance(catalog)];
    const cwd = join(root, 'a', 'b');
    await mkdir(cwd, { recursive: true });
    const { code } = await server.cli(['download', evil.image.id, '-o', '../{name}/{name}.{format}'], { cwd });
    expect(code).toBe(0);
    expect((await server.cli(['download', evil.image.id, bare.image.id, '-o', '{name}.{format}'], { cwd })).code).toBe(
      0,
    );
    expect(await filesIn(root)).toEqual({
      'a/_.._evil/_.._evil._x': 'evil',
      'a/b/_.._evil._x': 'evil',
      [`a/b/${bare.image.id}.img`]: 'bare',
    });
  });

  it('follows no link that a value chose', async () => {
    const [cwd, elsewhere, server] = [await tempDir(), await tempDir(), await glance(catalog)];
    await symlink(elsewhere, join(cwd, 'twin'));
    await symlink(elsewhere, join(cwd, 'mine'));
    const { code, error } = await server.cli(['download', one.image.id, '-o', '{name}/x', '-f', 'json'], { cwd });
    expect([code, error()['code'], await readdir(elsewhere)]).toEqual([8, 'io.name', []]);
    expect((await server.cli(['download', one.image.id, '-o', 'mine/{name}'], { cwd })).code).toBe(0);
    expect(await readdir(elsewhere)).toEqual(['twin']);
  });

  it.each([
    ['{nome}', /\{nome\}.*\n {2}hint: did you mean "name"\?/],
    ['{size}', /\{size\}.*\n {2}hint: there are \{name\}/],
    ['a{b', /contains an unpaired \{/],
    ['a}b', /contains an unpaired \}/],
  ])('%s is a usage error, and sends no request', async (output, text) => {
    const cwd = await tempDir();
    const { code, stderr } = await runCli(['--endpoint', 'http://127.0.0.1:1', 'download', '1', '-o', output], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringMatching(text)]);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('with a value that one image lacks is refused, and no image is fetched', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    for (const ids of [[bare.image.id], [one.image.id, bare.image.id]]) {
      const { code, stderr } = await server.cli(['download', ...ids, '-o', 'd/{checksum}'], { cwd });
      expect([code, stderr]).toEqual([2, expect.stringContaining('{checksum}')]);
    }
    expect(await readdir(cwd)).toEqual([]);
    expect(server.asked().filter((request) => request.startsWith('GET /v1/images/'))).toEqual([]);
  });

  it('is checked before any request, as far as possible', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'file'), '');
    const argv = ['download', '1', '-o', 'file/{name}', '--endpoint', 'http://127.0.0.1:1', '-f', 'json'];
    const { code, error } = await runCli(argv, { cwd });
    expect([code, error()['code']]).toEqual([8, 'io.missing']);
  });
});

describe('images of one call that would share a file', () => {
  const ids = (...entries: readonly (typeof one)[]): string[] => entries.map(({ image }) => image.id);

  it.each([
    [[one, two], 'd/', ['d/Twin-22222222.raw', 'd/twin-11111111.raw']],
    [[one, two], '{format}.img', ['raw-11111111.img', 'raw-22222222.img']],
    [[one, two], '{name}-{id}.{format}', [`Twin-${two.image.id}.raw`, `twin-${one.image.id}.raw`]],
    [[one, near], 'd/', [`d/twin-${near.image.id}.raw`, `d/twin-${one.image.id}.raw`]],
    [[one, evil], 'd/', ['d/_.._evil', 'd/twin.raw']],
    [[one, near, two], '{name}', [`Twin-22222222`, `twin-${near.image.id}`, `twin-${one.image.id}`]],
  ])('%# all get a part of their ids, as much as needed', async (entries, output, files) => {
    for (const order of [entries, entries.toReversed()]) {
      const [cwd, server] = [await tempDir(), await glance(catalog)];
      const { code } = await server.cli(['download', ...ids(...order), '-o', output, '-q'], { cwd });
      expect(code).toBe(0);
      expect(Object.keys(await filesIn(cwd))).toEqual(files);
    }
  });

  it('are distinguished from one that would then have the same name', async () => {
    const called = makeEntry('called', { id: idOf('cccccccc'), name: 'twin-11111111', disk_format: 'raw' });
    const [cwd, server] = [await tempDir(), await glance([...catalog, called])];
    await server.cli(['download', ...ids(one, two, called), '-o', 'd/', '-q'], { cwd });
    expect(await filesIn(join(cwd, 'd'))).toEqual({
      'Twin-22222222.raw': 'two',
      [`twin-${one.image.id}.raw`]: 'one',
      'twin-11111111-cccccccc.raw': 'called',
    });
  });

  it('count as one if they are the same image, whatever its name, and every pin is checked', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const pinned = `${one.image.id}@md5:${one.image.checksum ?? ''}`;
    const names = [one.image.id, pinned, `${server.url.href}v1/images/${one.image.id}`];
    const { code, stdout } = await server.cli(['download', ...names, '-o', 'd/', '-f', 'json', '-q'], { cwd });
    expect([code, JSON.parse(stdout)]).toMatchObject([0, [{ image: one.image.id }]]);
    expect(await filesIn(cwd)).toEqual({ 'd/twin.raw': 'one' });
  });
});

describe('the library', () => {
  it('accepts a template for one image and for several', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const client = await GlanceClient.connect({
      system: { ...systemOf(process), env: {}, cwd },
      endpoint: server.url.href,
    });
    try {
      const record = await client.download(one.image.id, 'x/{name}-{id}.{format}', { template: true });
      expect(record.path).toBe(join(cwd, `x/twin-${one.image.id}.raw`));
      await client.download(two.image, '{not a template}');
      const { failures } = await client.downloadSeveral([one.image, two.image], 'y/{format}', { template: true });
      expect(failures).toEqual([]);
      await client.downloadSeveral([one.image], 'z/deep');
      await expect(client.download(one.image, '{x}', { template: true })).rejects.toMatchObject({
        code: 'usage.option',
      });
    } finally {
      await client.close();
    }
    expect(await filesIn(cwd)).toEqual({
      [`x/twin-${one.image.id}.raw`]: 'one',
      '{not a template}': 'two',
      'y/raw-11111111': 'one',
      'y/raw-22222222': 'two',
      'z/deep/twin.raw': 'one',
    });
  });
});
