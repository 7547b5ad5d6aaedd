// SBOMs of trees that package managers made, compared with the managers' own lists, over a server that counts.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CycloneDx, expectCycloneDx } from '../support/schemas/cyclonedx.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { runCli } from '../support/run-cli.ts';
import { startStore, storeImage } from '../support/servers/store.ts';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'packages-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const mebibyte = 1024 * 1024;
const count = 150;
const numbers = Array.from({ length: count }, (_, index) => index + 1);

/** A tree, and what its own manager lists: a line with name, version and architecture for each package. */
interface Tree {
  readonly root: string;
  readonly lines: readonly string[];
}

function write(path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n').toSorted();
}

/** A tree with an os-release, and with files that nobody reads for packages. */
function startTree(name: string, release: string): string {
  const root = join(scratch, name);
  write(join(root, 'etc/os-release'), release);
  write(join(root, 'usr/share/filler'), randomBytes(40 * mebibyte));
  return root;
}

function makeDebian(): Tree {
  const root = startTree('debian', 'ID=debian\nVERSION_ID="12"\n');
  for (const name of ['info', 'updates', 'triggers']) mkdirSync(join(root, 'var/lib/dpkg', name), { recursive: true });
  write(join(root, 'var/lib/dpkg/status'), '');
  const packages = numbers.map((number) => {
    const folder = join(scratch, 'deb', String(number));
    const lines = [`Package: tiny-${String(number)}`, `Version: ${String(number % 3)}:1.${String(number)}-2+b1`];
    const more = ['Source: tiny (1.0)', 'Architecture: all', 'Maintainer: a <a@b>', 'Description: d'];
    write(join(folder, 'DEBIAN/control'), `${[...lines, ...more].join('\n')}\n`);
    runTool('dpkg-deb', ['-b', '-Znone', folder, `${folder}.deb`]);
    return `${folder}.deb`;
  });
  const admin = `--admindir=${join(root, 'var/lib/dpkg')}`;
  runTool('dpkg', [`--root=${root}`, '--force-all', '--no-triggers', '-i', ...packages]);
  runTool('dpkg', [`--root=${root}`, '--force-all', '-r', 'tiny-7']);
  const format = '${db:Status-Status} ${Package} ${Version} ${Architecture}\n';
  const listed = linesOf(runTool('dpkg-query', [admin, '-W', '-f', format]));
  return { root, lines: listed.flatMap((line) => (line.startsWith('installed ') ? [line.slice(10)] : [])) };
}

function makeArch(): Tree {
  const root = startTree('arch', 'ID=arch\n');
  const database = join(root, 'var/lib/pacman');
  mkdirSync(database, { recursive: true });
  const settings = join(scratch, 'pacman.conf');
  write(settings, '[options]\nSigLevel = Never\nLocalFileSigLevel = Never\nArchitecture = auto\n');
  const packages = numbers.map((number) => {
    const folder = join(scratch, 'alpm', String(number));
    const info = { pkgname: `tiny-${String(number)}`, pkgbase: 'tiny', pkgver: `1:2.${String(number)}-1`, arch: 'any' };
    const more = { pkgdesc: 'd', url: 'u', builddate: '1', packager: 'p', size: '0', license: 'MIT' };
    const lines = Object.entries({ ...info, ...more }).map(([key, value]) => `${key} = ${value}\n`);
    write(join(folder, '.PKGINFO'), lines.join(''));
    const file = join(scratch, 'alpm', `${info.pkgname}.pkg.tar`);
    runTool('tar', ['-cf', file, '-C', folder, '.PKGINFO']);
    return file;
  });
  const where = ['--root', root, '--dbpath', database, '--config', settings];
  runTool('pacman', ['-U', '--noconfirm', '--noscriptlet', '-dd', ...where, ...packages]);
  const listed = linesOf(runTool('pacman', ['-Q', ...where]));
  return { root, lines: listed.map((line) => `${line} any`) };
}

/** No tool of Alpine is available on other systems: the expected list is what was written. */
function makeAlpine(): Tree {
  const root = startTree('alpine', 'ID=alpine\nVERSION_ID=3.19.1\n');
  const text = numbers.map(
    (number) => `C:Q1\nP:tiny-${String(number)}\nV:1.${String(number)}-r0\nA:noarch\nL:MIT\no:tiny\n`,
  );
  write(join(root, 'lib/apk/db/installed'), `${text.join('\n')}\n`);
  return {
    root,
    lines: linesOf(numbers.map((number) => `tiny-${String(number)} 1.${String(number)}-r0 noarch`).join('\n')),
  };
}

const rpmFormat = '%{NAME} %{EVR} %{ARCH}\n';

function makeRpms(): readonly string[] {
  const top = join(scratch, 'rpm');
  const names = numbers.flatMap((number) => {
    const name = `part${String(number)}`;
    return [`%package ${name}`, 'Summary: s', 'License: MIT', `%description ${name}`, 'd', `%files ${name}`];
  });
  const head = ['Name: large', 'Version: 10.1', 'Release: 3.el9', 'Epoch: 2', 'Summary: s', 'License: GPLv2+ and MIT'];
  const files = ['%install', 'mkdir -p %{buildroot}/usr/share/large'];
  const loop = 'for n in $(seq 1 3000); do : > %{buildroot}/usr/share/large/file-$n; done';
  const spec = [...head, '%description', 'd', ...names, ...files, loop, '%files', '/usr/share/large', ''].join('\n');
  write(join(scratch, 'large.spec'), spec);
  runTool('rpmbuild', ['--quiet', '--define', `_topdir ${top}`, '-bb', join(scratch, 'large.spec')]);
  const folder = join(top, 'RPMS', readdirSync(join(top, 'RPMS'))[0] ?? '');
  return readdirSync(folder).map((name) => join(folder, name));
}

function makeRocky(): Tree {
  const root = startTree('rocky', 'ID="rocky"\nVERSION_ID="9.4"\n');
  const database = join(root, 'var/lib/rpm');
  mkdirSync(database, { recursive: true });
  const where = ['--dbpath', database];
  runTool('rpm', [...where, '--initdb']);
  runTool('rpm', [...where, '-i', '--justdb', '--nodeps', ...makeRpms()]);
  runTool('rpm', [...where, '-e', '--justdb', '--nodeps', 'large-part7']);
  return { root, lines: linesOf(runTool('rpm', [...where, '-qa', '--qf', rpmFormat])) };
}

/** The same headers as a hash of BerkeleyDB, which rpm still reads. */
function makeOldRocky(): Tree {
  const root = startTree('old-rocky', 'ID="rocky"\nVERSION_ID="8.10"\n');
  const database = join(root, 'var/lib/rpm');
  mkdirSync(database, { recursive: true });
  const newer = join(scratch, 'rocky/var/lib/rpm/rpmdb.sqlite');
  const rows = linesOf(runTool('sqlite3', ['-separator', ' ', newer, 'SELECT hnum, hex(blob) FROM Packages']));
  const pairs = rows
    .map((row) => row.split(' '))
    .map(([number, header = '']) => {
      const key = Buffer.alloc(4);
      key.writeUInt32LE(Number(number));
      return ` ${key.toString('hex')}\n ${header.toLowerCase()}\n`;
    });
  const head = 'VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=4096\nHEADER=END\n';
  runTool('db5.3_load', [join(database, 'Packages')], `${head} 00000000\n ff000000\n${pairs.join('')}DATA=END\n`);
  const where = ['--dbpath', database, '--define', '_db_backend bdb_ro'];
  return { root, lines: linesOf(runTool('rpm', [...where, '-qa', '--qf', rpmFormat])) };
}

interface Maker {
  readonly name: string;
  readonly make: () => Tree;
  readonly tools: readonly string[];
}

/** The last one takes the headers of the one before it. */
const makers: readonly Maker[] = [
  { name: 'Debian', make: makeDebian, tools: ['dpkg', 'dpkg-deb', 'dpkg-query'] },
  { name: 'Alpine', make: makeAlpine, tools: [] },
  { name: 'Arch', make: makeArch, tools: ['pacman', 'tar'] },
  { name: 'Rocky with SQLite', make: makeRocky, tools: ['rpm', 'rpmbuild'] },
  { name: 'Rocky with BerkeleyDB', make: makeOldRocky, tools: ['rpm', 'rpmbuild', 'sqlite3', 'db5.3_load'] },
];

function makeImage(root: string): Buffer {
  const image = `${root}.ext4`;
  execFileSync('truncate', ['-s', '96M', image]);
  runTool('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', root, image]);
  return readFileSync(image);
}

function listedIn({ components }: CycloneDx): readonly string[] {
  return components
    .slice(1)
    .map(
      ({ name, version, purl }) => `${name} ${version ?? ''} ${/[?&]arch=([^&]+)/.exec(purl ?? '')?.[1] ?? '(none)'}`,
    )
    .toSorted();
}

describe.runIf(hasTools('mke2fs'))('the SBOM of a tree', () => {
  it.each(makers)('of $name lists what its manager lists, for few bytes', async ({ name, make, tools }) => {
    if (!hasTools(...tools)) return;
    const { root, lines } = make();
    expect(lines.length).toBeGreaterThan(count - 2);
    const data = makeImage(root);
    const server = await startStore({ data, ranges: 'works', record: { disk_format: 'raw' } });
    const call = ['--endpoint', server.url, 'inspect', storeImage];
    const { code, stdout, stderr } = await runCli([...call, '--sbom', '-']);
    expect([code, stderr]).toEqual([0, '']);
    const asked = server.asked.length;
    expect(listedIn(expectCycloneDx(stdout))).toEqual(lines);
    expect((await runCli([...call, '--sbom', '-'])).stdout).toBe(stdout);
    const place = join(scratch, `${name}.json`);
    const report = await runCli([...call, '--sbom', place, '-f', 'json', '-q']);
    const { contents } = JSON.parse(report.stdout) as { contents: { bytes_read: number; requests: number } };
    expect(readFileSync(place, 'utf8')).toBe(stdout);
    const share = ((100 * contents.bytes_read) / data.length).toFixed(2);
    const cost = `${String(asked)} requests, ${(contents.bytes_read / mebibyte).toFixed(2)} MiB, ${share} % of the image`;
    process.stdout.write(`${name}: ${String(lines.length)} packages, ${cost}\n`);
    expect(contents.bytes_read).toBeLessThan(data.length / 5);
  });
});
