// Databases of packages that are texts.
import { describe, expect, it } from 'vitest';
import { checkPackageCount } from '../../../../src/disk/packages/installed-package.ts';
import { debian } from '../../../support/disk/guests/guests.ts';
import { listedIn } from '../../../support/disk/guests/package-databases.ts';
import type { MemoryTree } from '../../../support/disk/guests/memory-files.ts';
import { heapBytes } from '../../../support/heap.ts';

const { '/var/lib/dpkg/status': _status, '/lib': _lib, ...none } = debian;

const list = (files: MemoryTree): unknown => listedIn({ ...none, ...files }).installed;

describe('packages of dpkg', () => {
  const stanza = (name: string, state: string, more = ''): string =>
    `Package: ${name}\nStatus: install ok ${state}\nArchitecture: amd64\nVersion: 1:2.36-9\n${more}Description: d\n .\n Version: 9\n\n`;

  it('have versions, epochs and sources', () => {
    const text = [
      stanza('libc6', 'installed', 'Source: glibc (2.36-8)\n'),
      stanza('libc-bin', 'installed', 'Source: glibc\n'),
      'Package: bash\nStatus: install ok installed\nVersion: 5.2~rc1\n',
    ];
    const common = {
      manager: 'dpkg',
      version: '1:2.36-9',
      epoch: 1,
      release: '9',
      architecture: 'amd64',
      licence: null,
    };
    expect(list({ '/var/lib/dpkg/status': text.join('') })).toEqual([
      { ...common, name: 'libc6', source: { name: 'glibc', version: '2.36-8' } },
      { ...common, name: 'libc-bin', source: { name: 'glibc', version: '1:2.36-9' } },
      {
        manager: 'dpkg',
        name: 'bash',
        version: '5.2~rc1',
        epoch: null,
        release: null,
        architecture: null,
        source: { name: 'bash', version: '5.2~rc1' },
        licence: null,
      },
    ]);
  });

  it('are listed in every state except when only settings are left', () => {
    const states = ['installed', 'unpacked', 'half-configured', 'triggers-pending', 'config-files', 'not-installed'];
    const names = list({ '/var/lib/dpkg/status': states.map((state) => stanza(state, state)).join('') });
    expect(names).toMatchObject(states.slice(0, 4).map((name) => ({ name })));
  });

  it('may be in separate files', () => {
    const files = {
      '/var/lib/dpkg/status.d/tzdata': 'Package: tzdata\nVersion: 2024a-0\nArchitecture: all\n',
      '/var/lib/dpkg/status.d/tzdata.md5sums': 'abc  usr/share\n',
    };
    expect(list(files)).toMatchObject([{ name: 'tzdata', version: '2024a-0', architecture: 'all' }]);
  });

  it('in separate files are limited in number', () => {
    const many = 'Package: a\n\n'.repeat(4000);
    const names = Array.from({ length: 26 }, (_, index) => `/var/lib/dpkg/status.d/${String(index)}`);
    const files = Object.fromEntries(names.map((name): [string, string] => [name, many]));
    expect(listedIn({ ...none, ...files })).toMatchObject({ installed: null, why: 'unsupported' });
  });

  it('keep nothing in memory but what is reported', () => {
    const words = 'Package: a-name-of-some-length\nVersion: 1.2.3.4.5.6.7.8.9\n';
    const file = Buffer.from(`${words}Description: ${'d'.repeat(200_000)}\n`);
    const names = Array.from({ length: 300 }, (_, index) => `/var/lib/dpkg/status.d/${String(index)}`);
    const tree = { ...none, ...Object.fromEntries(names.map((name): [string, Buffer] => [name, file])) };
    const before = heapBytes();
    const { installed } = listedIn(tree);
    expect(heapBytes() - before).toBeLessThan(10_000_000);
    expect(installed).toHaveLength(300);
  });

  it.each([
    ['without a name', 'Status: install ok installed\nVersion: 1\n'],
    ['with a version without end', `Package: a\nStatus: install ok installed\nVersion: ${'1'.repeat(2000)}\n`],
    ['with a line without end', `Package: a\nStatus: install ok installed\nVersion: ${'1'.repeat(600_000)}\n`],
  ])('%s are damage', (_what, status) => {
    expect(listedIn({ ...none, '/var/lib/dpkg/status': status })).toMatchObject({ installed: null, why: 'damaged' });
  });

  it('are not read beyond a limit', () => {
    expect(() => checkPackageCount(100_000)).not.toThrow();
    expect(() => checkPackageCount(100_001)).toThrow('too many packages to be read');
  });
});

describe('packages of apk', () => {
  it('have an origin and a licence', () => {
    const text = 'C:Q1abc\nP:musl-utils\nV:1.2.4-r2\nA:x86_64\nL:MIT AND BSD-2-Clause\no:musl\nF:usr\n\nP:a\nV:1\n\n';
    expect(list({ '/lib/apk/db/installed': text })).toEqual([
      {
        manager: 'apk',
        name: 'musl-utils',
        version: '1.2.4-r2',
        epoch: null,
        release: 'r2',
        architecture: 'x86_64',
        source: { name: 'musl', version: '1.2.4-r2' },
        licence: 'MIT AND BSD-2-Clause',
      },
      {
        manager: 'apk',
        name: 'a',
        version: '1',
        epoch: null,
        release: null,
        architecture: null,
        source: null,
        licence: null,
      },
    ]);
  });
});

describe('packages of pacman', () => {
  const desc = '%NAME%\nlibx\n\n%VERSION%\n1:2.0-3\n\n%BASE%\nx\n\n%ARCH%\nx86_64\n\n%LICENSE%\nGPL\nMIT\n\n';

  it('are described in a directory each', () => {
    const files = {
      '/var/lib/pacman/local/libx-1:2.0-3/desc': desc,
      '/var/lib/pacman/local/ALPM_DB_VERSION': '9\n',
    };
    expect(list(files)).toEqual([
      {
        manager: 'pacman',
        name: 'libx',
        version: '1:2.0-3',
        epoch: 1,
        release: '3',
        architecture: 'x86_64',
        source: { name: 'x', version: '1:2.0-3' },
        licence: 'GPL AND MIT',
      },
    ]);
  });

  it.each([
    ['without a description', { '/var/lib/pacman/local/a-1/files': '' }],
    ['without a name', { '/var/lib/pacman/local/a-1/desc': '%VERSION%\n1\n' }],
  ])('%s are damage', (_what, files) => {
    const draft = listedIn({ ...none, ...files });
    expect(draft).toMatchObject({ installed: null, why: 'damaged', packages: { manager: 'pacman', count: null } });
  });
});

describe('packages of several managers', () => {
  it('are listed together, and those of the first manager that has any are counted', () => {
    const files = { '/lib/apk/db/installed': 'P:a\nV:1\n', '/var/lib/pacman/local/b-1/desc': '%NAME%\nb\n' };
    const draft = listedIn({ ...none, '/var/lib/dpkg/status': '', ...files });
    expect(draft).toMatchObject({
      installed: [
        { manager: 'apk', name: 'a' },
        { manager: 'pacman', name: 'b', version: null },
      ],
      packages: { manager: 'apk', count: 1 },
    });
    expect(listedIn(none).installed).toBeNull();
  });
});
