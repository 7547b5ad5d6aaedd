// What is installed in an image as an SBOM: complete, or not at all.
import { readdirSync, readFileSync } from 'node:fs';
import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GlanceClient, listFilePackages, renderSbom } from '../../../../../src/index.ts';
import { type CycloneDx, expectCycloneDx } from '../../../../support/schemas/cyclonedx.ts';
import { largeCount, someHash } from '../../../../support/disk/guests/guests.ts';
import { largeGuestImage } from '../../../../support/disk/guests/large-guest.ts';
import { patch } from '../../../../support/disk/writers.ts';
import { glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { type CliResult, runCli } from '../../../../support/run-cli.ts';
import { startS3 } from '../../../../support/s3/double.ts';
import { startStore, type Store, type StoreOptions, storeImage } from '../../../../support/servers/store.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const image = largeGuestImage();
const mebibyte = 1024 * 1024;

async function store(options: Partial<StoreOptions> = {}): Promise<Store> {
  return await startStore({ data: image, ranges: 'works', record: { disk_format: 'qcow2' }, ...options });
}

interface Run {
  readonly result: CliResult;
  /** The directory that it ran in. */
  readonly cwd: string;
}

async function inspect({ url }: Store, ...argv: readonly string[]): Promise<Run> {
  const cwd = await tempDir();
  return { cwd, result: await runCli(['--endpoint', url, 'inspect', storeImage, ...argv], { cwd }) };
}

async function inspectFile(data: Uint8Array, ...argv: readonly string[]): Promise<Run> {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'disk'), data);
  return { cwd, result: await runCli(['inspect', './disk', ...argv], { cwd }) };
}

function sbomIn(cwd: string, name = 'out.cdx.json'): CycloneDx {
  return expectCycloneDx(readFileSync(join(cwd, name), 'utf8'));
}

const names = ({ components }: CycloneDx): readonly string[] => components.slice(1).map(({ name }) => name);

describe('the SBOM of an image', () => {
  it('is read by ranges and written beside the report, the same each time', async () => {
    const server = await store();
    const { result, cwd } = await inspect(server, '--sbom', 'out.cdx.json', '-f', 'json');
    const report = JSON.parse(result.stdout) as { contents: unknown };
    expect([result.code, report.contents]).toMatchObject([0, { packages: { manager: 'dpkg', count: largeCount } }]);
    expect(result.stderr).toBe(`out.cdx.json: ${String(largeCount)} packages\n`);
    expect(readdirSync(cwd)).toEqual(['out.cdx.json']);
    const sbom = sbomIn(cwd);
    expect(names(sbom)).toHaveLength(largeCount);
    expect(sbom.components[0]).toMatchObject({ type: 'operating-system', name: 'debian', version: '12' });
    expect(sbom.metadata.component).toMatchObject({ 'bom-ref': `glance:images/${storeImage}` });
    expect(server.asked.length).toBeLessThanOrEqual(80);
    const again = await inspect(server, '--sbom', '-');
    expect([again.result.code, again.result.stdout]).toEqual([0, readFileSync(join(cwd, 'out.cdx.json'), 'utf8')]);
    expect(again.result.stderr).toBe('');
  });

  it('contains no hash of a password', async () => {
    const { result, cwd } = await inspectFile(image, '--sbom', 'out.cdx.json');
    expect(result.stdout).toContain('password_set');
    expect(readFileSync(join(cwd, 'out.cdx.json'), 'utf8') + result.stderr).not.toContain(someHash.slice(12, 24));
  });

  it('is written even if the image is found to be bad', async () => {
    const { result, cwd } = await inspectFile(image, '--sbom', 'out.cdx.json', '--fail-on', 'warning');
    expect([result.code, names(sbomIn(cwd)).length]).toEqual([11, largeCount]);
  });

  it('is read from a temporary file, on request, if the store has no ranges', async () => {
    const server = await store({ ranges: 'refused' });
    const refused = await inspect(server, '--sbom', 'out.cdx.json', '--error-format', 'json');
    expect([refused.result.code, refused.result.error()]).toMatchObject([
      7,
      { code: 'contents.unreadable', image: storeImage, hint: 'give --spool, which fetches the whole image first' },
    ]);
    expect([readdirSync(refused.cwd), refused.result.stdout]).toEqual([[], '']);
    const tmpdir = await tempDir();
    const argv = ['--endpoint', server.url, 'inspect', storeImage, '--sbom', '-', '--spool'];
    const spooled = await runCli(argv, { tmpdir });
    expect([spooled.code, names(expectCycloneDx(spooled.stdout)).length]).toEqual([0, largeCount]);
    expect(readdirSync(tmpdir)).toEqual([]);
  });

  it('is written for an image of a mirror too, in a directory and in a bucket, with its digests', async () => {
    const server = await glance([makeEntry(image, { id: 'guest', name: 'a guest', disk_format: 'qcow2' })]);
    const [cwd, s3] = [await tempDir(), await startS3()];
    expect((await server.cli(['mirror', 'm', '--progress', 'none'], { cwd })).code).toBe(0);
    expect((await server.cli(['mirror', 's3://images/prod', '--progress', 'none'], { env: s3.env })).code).toBe(0);
    const texts = await Promise.all([
      server.cli(['inspect', 'guest', '--sbom', '-']),
      runCli(['inspect', './m/guest', '--sbom', '-'], { cwd }),
      runCli(['inspect', 's3://images/prod/guest', '--sbom', '-'], { env: s3.env }),
    ]);
    expect(texts.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(new Set(texts.map(({ stdout }) => stdout)).size).toBe(1);
    const { hashes = [] } = expectCycloneDx(texts[0].stdout).metadata.component;
    expect(hashes.map(({ alg }) => alg)).toContain('MD5');
  });
});

describe('an SBOM that would be incomplete', () => {
  it.each<[string, Uint8Array, readonly string[], number, string]>([
    ['too much would have to be read', image, ['--contents-limit', '1M'], 9, 'contents.limit'],
    ['there is no system', makeBytes(3 * mebibyte), [], 7, 'contents.unreadable'],
    ['a table is damaged', patch(image, [196_608, Buffer.alloc(65_536, 0xff)]), [], 7, 'contents.unreadable'],
    [
      'it is compressed',
      Buffer.concat([Buffer.from('1f8b08', 'hex'), Buffer.alloc(5000)]),
      [],
      7,
      'contents.unreadable',
    ],
  ])('is not written: %s', async (_why, data, more, code, name) => {
    const { result, cwd } = await inspectFile(data, '--sbom', 'out.cdx.json', '--error-format', 'json', ...more);
    expect([result.code, result.error()['code'], result.stdout]).toEqual([code, name, '']);
    expect(readdirSync(cwd)).toEqual(['disk']);
  });

  it('is not written if the store fails, and the failure is reported', async () => {
    const server = await store();
    server.onData = () => {
      if (server.asked.length === 16) server.become({ fault: { type: 'status', status: 500 } });
      return undefined;
    };
    const argv = ['--sbom', 'out.cdx.json', '--retries', '1', '--error-format', 'json'];
    const { result, cwd } = await inspect(server, ...argv);
    expect([result.code, result.error()['code'], readdirSync(cwd)]).toEqual([5, 'http.500', []]);
  });

  it('leaves an existing one alone', async () => {
    const { result, cwd } = await inspectFile(image, '--sbom', 'out.cdx.json');
    expect(result.code).toBe(0);
    const before = readFileSync(join(cwd, 'out.cdx.json'));
    const argv = ['inspect', './disk', '--sbom', 'out.cdx.json'];
    expect((await runCli([...argv, '--contents-limit', '1M'], { cwd })).code).toBe(9);
    expect(readFileSync(join(cwd, 'out.cdx.json'))).toEqual(before);
    await symlink('out.cdx.json', join(cwd, 'link.json'));
    expect((await runCli(['inspect', './disk', '--sbom', 'link.json'], { cwd })).code).toBe(8);
    expect(readFileSync(join(cwd, 'out.cdx.json'))).toEqual(before);
  });

  it('cannot be made from a stream', async () => {
    const result = await runCli(['inspect', '-', '--sbom', '-', '--error-format', 'json'], { stdin: 'text' });
    expect([result.code, result.error()]).toMatchObject([
      7,
      { code: 'contents.unreadable', hint: 'save it as a file first' },
    ]);
  });
});

describe('a call for an SBOM', () => {
  it.each([
    [2, 'usage.option', ['--sbom', '-', '-f', 'json']],
    [2, 'usage.option', ['--sbom', '-', '-c', 'id']],
    [2, 'usage.option', ['--sbom', '-', '--sarif']],
    [8, 'io.exists', ['disk', '--sbom', 'disk']],
    [8, 'io.exists', ['disk', '--html', 'same']],
    [8, 'io.exists', ['--images-from', 'list', '--html', 'disk']],
    [8, 'io.exists', ['--images-from', 'list', '--html', 'list']],
    [2, 'usage.option', ['--sbom', 'new', '--html', './new']],
    [2, 'usage.option', ['--sbom', 'disk', '--html', 'same']],
    [8, 'io.not_regular', ['--sbom', 'link']],
    [8, 'io.not_regular', ['--html', 'link']],
    [8, 'io.not_regular', ['--sbom', 'directory']],
    [8, 'io.missing', ['--sbom', 'nowhere/out']],
    [8, 'io.missing', ['--html', 'nowhere/out']],
  ])('ends with %i, %s, for %j before anything is read', async (code, name, argv) => {
    const server = await store();
    const cwd = await tempDir();
    await writeFile(join(cwd, 'disk'), 'not an SBOM');
    await link(join(cwd, 'disk'), join(cwd, 'same'));
    await symlink('disk', join(cwd, 'link'));
    await mkdir(join(cwd, 'directory'));
    await writeFile(join(cwd, 'list'), 'other\n./disk\n');
    const all = [
      '--endpoint',
      server.url,
      'inspect',
      ...(argv[0] === 'disk' || argv[0] === '--images-from' ? [] : [storeImage]),
      ...argv,
      '--error-format',
      'json',
    ];
    const result = await runCli(all, { cwd });
    expect([result.code, result.error()['code'], result.stdout]).toEqual([code, name, '']);
    expect([server.asked, readFileSync(join(cwd, 'disk'), 'utf8')]).toEqual([[], 'not an SBOM']);
  });

  it.each([[['--all']], [['a', 'b']], [['--name', 'a']], [['--images-from', 'list']]])(
    'is for one image, not for %j',
    async (argv) => {
      const all = ['--endpoint', 'http://127.0.0.1:9', 'inspect', ...argv, '--sbom', 'x', '--error-format', 'json'];
      const result = await runCli(all, { cwd: await tempDir() });
      expect([result.code, result.error()['code']]).toEqual([2, 'usage.option']);
    },
  );
});

describe('a program', () => {
  it('gets the inventory of an image and its SBOM', async () => {
    const server = await store();
    const client = await GlanceClient.connect({ endpoint: server.url, env: {} });
    const found = await client.find(storeImage);
    const { image: subject, os, packages } = await client.inventory(found);
    expect([subject.id, subject.format, os?.id, packages.length]).toEqual([storeImage, 'qcow2', 'debian', largeCount]);
    expect(packages[0]).toMatchObject({
      manager: 'dpkg',
      name: 'package-0',
      purl: 'pkg:deb/debian/package-0@1?distro=debian-12',
    });
    expectCycloneDx(await client.sbom(found));
    await expect(client.inventory(found, { contentsLimit: mebibyte })).rejects.toMatchObject({
      code: 'contents.limit',
    });
    await client.close();
  });

  it('gets those of a file', async () => {
    const { cwd } = await inspectFile(image, '--sbom', 'out.cdx.json');
    const inventory = await listFilePackages(join(cwd, 'disk'));
    expect(renderSbom(inventory, '0.0.0-test')).toBe(readFileSync(join(cwd, 'out.cdx.json'), 'utf8'));
  });
});
