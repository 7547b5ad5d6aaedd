// SBOMs of guests of every kind, checked against the published schema and against what their package managers list.
import { describe, expect, it } from 'vitest';
import { renderCycloneDx, type SbomSubject } from '../../../../src/client/sbom/cyclonedx.ts';
import { takeInventory } from '../../../../src/client/sbom/inventory.ts';
import { packageUrlOf } from '../../../../src/client/sbom/package-url.ts';
import { expectCycloneDx } from '../../../support/schemas/cyclonedx.ts';
import type { MemoryTree } from '../../../support/disk/guests/memory-files.ts';
import { listedIn, rpmDatabases, rpmList } from '../../../support/disk/guests/package-databases.ts';

const digest = { algorithm: 'sha512', hex: 'ab'.repeat(64) } as const;
const image: SbomSubject = { id: 'an id', name: 'An image', path: null, format: 'qcow2', size: 3, digests: [digest] };

function sbomOf(tree: MemoryTree, subject = image): string {
  const { os, installed } = listedIn(tree);
  return renderCycloneDx(
    subject,
    os,
    (installed ?? []).map((each) => ({ ...each, purl: packageUrlOf(each, os) })),
  );
}

const dpkg = 'Package: b\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n';
const trees: Readonly<Record<string, MemoryTree>> = {
  Debian: {
    '/etc/os-release': 'ID=debian\nVERSION_ID=12\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    '/var/lib/dpkg/status': `${dpkg}Package: a\nStatus: install ok installed\nSource: s (1:2-3)\nVersion: 1:2-3+b1\n`,
  },
  Alpine: {
    '/etc/os-release': 'ID=alpine\nVERSION_ID=3.19.1\n',
    '/lib/apk/db/installed': 'P:b\nV:1-r0\nA:x86_64\nL:MIT\no:s\n\nP:a\nV:2-r0\nA:x86_64\n',
  },
  Arch: {
    '/etc/os-release': 'ID=arch\n',
    '/var/lib/pacman/local/b-1-1/desc': '%NAME%\nb\n\n%VERSION%\n1-1\n\n%LICENSE%\nMIT\n',
    '/var/lib/pacman/local/a-1-1/desc': '%NAME%\na\n\n%VERSION%\n1-1\n',
  },
  'a system without a name': { '/etc/os-release': 'NAME=x\n', '/var/lib/dpkg/status': dpkg },
  'three packages of one name and version': {
    '/etc/os-release': 'ID=debian\n',
    '/var/lib/dpkg/status': dpkg.repeat(3),
  },
};

/** The system, and its packages in their order. */
const listed: Readonly<Record<string, readonly string[]>> = {
  Debian: ['debian', 'a', 'b'],
  Alpine: ['alpine', 'a', 'b'],
  Arch: ['arch', 'a', 'b'],
  'a system without a name': ['linux', 'b'],
  'three packages of one name and version': ['debian', 'b', 'b', 'b'],
};

describe('an SBOM', () => {
  it.each(Object.entries(trees))('of %s matches the schema, and is the same each time', (name, tree) => {
    const text = sbomOf(tree);
    const { components } = expectCycloneDx(text);
    expect(components.map((each) => `${each.type} ${each.name}`)).toEqual(
      (listed[name] ?? []).map((each, index) => `${index === 0 ? 'operating-system' : 'library'} ${each}`),
    );
    expect(sbomOf(tree)).toBe(text);
    expect(text).not.toMatch(/"(?:serialNumber|timestamp)"/);
  });

  it.each(Object.entries(rpmDatabases))('of Rocky with a database in %s lists what rpm lists', (kind, files) => {
    const { components } = expectCycloneDx(sbomOf({ '/etc/os-release': 'ID=rocky\nVERSION_ID="9.4"\n', ...files }));
    const [system, ...packages] = components;
    expect(system).toMatchObject({ type: 'operating-system', name: 'rocky', version: '9.4' });
    const known = rpmList.filter((line) => kind !== 'sqlite with a log' || !line.startsWith('small-data'));
    const lines = packages.map(({ name, version, licenses }) => [name, version, licenses?.[0]?.license.name].join('|'));
    const expected = known.map((line) => line.split('|')).map((parts) => [parts[0], parts[1], parts[5]].join('|'));
    expect(lines.toSorted()).toEqual(expected.toSorted());
    expect(packages.map(({ purl }) => purl)).toContain(
      'pkg:rpm/rocky/large-part3@10.1-3.el9?arch=x86_64&distro=rocky-9.4&epoch=2&upstream=large-10.1-3.el9.src.rpm',
    );
  });

  it('names the image, its digests, and the source of a package', () => {
    const { metadata, components, dependencies } = expectCycloneDx(sbomOf(trees['Debian'] ?? {}));
    expect(metadata.component).toEqual({
      type: 'container',
      'bom-ref': 'glance:images/an%20id',
      name: 'An image',
      hashes: [{ alg: 'SHA-512', content: digest.hex }],
      properties: [
        { name: 'glance-cli:image:id', value: 'an id' },
        { name: 'glance-cli:image:format', value: 'qcow2' },
        { name: 'glance-cli:image:size', value: '3' },
      ],
    });
    expect(components[1]).toEqual({
      type: 'library',
      'bom-ref': 'pkg:deb/debian/a@1:2-3%2Bb1?distro=debian-12&upstream=s%401:2-3',
      name: 'a',
      version: '1:2-3+b1',
      purl: 'pkg:deb/debian/a@1:2-3%2Bb1?distro=debian-12&upstream=s%401:2-3',
      properties: [
        { name: 'aquasecurity:trivy:SrcName', value: 's' },
        { name: 'aquasecurity:trivy:SrcVersion', value: '2' },
        { name: 'aquasecurity:trivy:SrcRelease', value: '3' },
        { name: 'aquasecurity:trivy:SrcEpoch', value: '1' },
      ],
    });
    expect(dependencies).toEqual([
      { ref: 'glance:images/an%20id', dependsOn: ['os:debian@12'] },
      { ref: 'os:debian@12', dependsOn: [components[1]?.['bom-ref'], components[2]?.['bom-ref']] },
    ]);
  });

  it('of a file is named after it, wherever it lies', () => {
    const file = { ...image, id: null, name: null, digests: [], size: null };
    const texts = ['/a/disk.raw', '/b/c/disk.raw', 'C:\\disk.raw'].map((path) =>
      sbomOf(trees['Arch'] ?? {}, { ...file, path }),
    );
    expect(new Set(texts).size).toBe(1);
    expect(expectCycloneDx(texts[0] ?? '').metadata.component).toMatchObject({ name: 'disk.raw', 'bom-ref': 'image' });
  });

  it('is harmless on a terminal, whatever the names of packages', () => {
    const evil = '\u001b]0;owned\u0007\u202e"\\';
    const status = `Package: ${evil}\nStatus: install ok installed\nVersion: ${evil}\nSource: ${evil}\n`;
    const text = sbomOf({ '/etc/os-release': `ID="${evil}"\n`, '/var/lib/dpkg/status': status });
    expect(text).not.toMatch(/[\u001b\u0007\u202e]/);
    expect(expectCycloneDx(text).components[1]?.name).toBe(evil);
  });
});

describe('an inventory', () => {
  it('is refused if nothing is known about the data', async () => {
    const report = { id: 'a', name: null, path: null, contents: null } as never;
    await expect(takeInventory(() => Promise.resolve(report))).rejects.toMatchObject({
      code: 'contents.unreadable',
      message: 'what is installed in a cannot be listed: its format was not recognised',
    });
  });
});
