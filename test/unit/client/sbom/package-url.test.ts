// Package URLs of each type, as the specification and scanners write them.
import { describe, expect, it } from 'vitest';
import { packageUrlOf } from '../../../../src/client/sbom/package-url.ts';
import type { OperatingSystem } from '../../../../src/disk/contents/contents.ts';
import type { InstalledPackage } from '../../../../src/disk/packages/installed-package.ts';

const system = (id: string | null, version: string | null): OperatingSystem => ({
  id,
  id_like: [],
  version_id: version,
  name: null,
  pretty_name: null,
  codename: null,
  architecture: null,
});

const installed = (more: Partial<InstalledPackage>): InstalledPackage => ({
  manager: 'dpkg',
  name: 'curl',
  version: '7.88.1-10',
  epoch: null,
  release: null,
  architecture: 'amd64',
  source: null,
  licence: null,
  ...more,
});

describe('a package URL', () => {
  it.each<[string, Partial<InstalledPackage>, OperatingSystem | null]>([
    ['pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12', {}, system('debian', '12')],
    ['pkg:deb/ubuntu/curl@7.88.1-10?arch=amd64&distro=ubuntu-24.04', {}, system('ubuntu', '24.04')],
    ['pkg:deb/debian/curl@7.88.1-10?arch=amd64', {}, null],
    [
      'pkg:deb/debian/libstdc%2B%2B6@1:2~rc1%2Bb1?arch=all&distro=debian&upstream=gcc-12%401:2~rc1',
      {
        name: 'libstdc++6',
        version: '1:2~rc1+b1',
        architecture: 'all',
        source: { name: 'gcc-12', version: '1:2~rc1' },
      },
      system('debian', null),
    ],
    [
      'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&upstream=glibc',
      { name: 'libc6', version: '2.36-9', source: { name: 'glibc', version: '2.36-9' } },
      system('debian', '12'),
    ],
    [
      'pkg:apk/alpine/musl-utils@1.2.4-r2?arch=x86_64&distro=alpine-3.19.1&upstream=musl',
      {
        manager: 'apk',
        name: 'musl-utils',
        version: '1.2.4-r2',
        architecture: 'x86_64',
        source: { name: 'musl', version: '1.2.4-r2' },
      },
      system('alpine', '3.19.1'),
    ],
    [
      'pkg:rpm/rocky/Rpm%2FName@3.0-1.el9?arch=x86_64&distro=rocky-9.4&epoch=2&upstream=rpm-name-3.0-1.el9.src.rpm',
      {
        manager: 'rpm',
        name: 'Rpm/Name',
        version: '2:3.0-1.el9',
        epoch: 2,
        architecture: 'x86_64',
        source: { name: 'rpm-name', version: '3.0-1.el9' },
      },
      system('rocky', '9.4'),
    ],
    [
      'pkg:rpm/redhat/gpg-pubkey@fd431d51-4ae0493b?distro=rhel-9',
      { manager: 'rpm', name: 'gpg-pubkey', version: 'fd431d51-4ae0493b', architecture: null },
      system('rhel', '9'),
    ],
    ['pkg:rpm/curl@1?arch=amd64', { manager: 'rpm', version: '1' }, null],
    [
      'pkg:rpm/opensuse/curl@1?arch=amd64&distro=opensuse-leap-15.6',
      { manager: 'rpm', version: '1' },
      system('opensuse-leap', '15.6'),
    ],
    ['pkg:rpm/suse/curl@1?arch=amd64&distro=sles-15.6', { manager: 'rpm', version: '1' }, system('sles', '15.6')],
    [
      'pkg:alpm/arch/lib32-curl@1:8.5.0-1?arch=amd64&distro=arch',
      { manager: 'pacman', name: 'LIB32-curl', version: '1:8.5.0-1', epoch: 1 },
      system('arch', null),
    ],
    [
      'pkg:deb/debian/%C3%BC%20%25%3F%23%40!'.replace('!', '%21'),
      { name: 'ü %?#@!', version: null, architecture: null },
      null,
    ],
    [
      'pkg:deb/..%2F../a%00b?distro=..%2F..',
      { name: 'a\0b', version: null, architecture: null },
      system('../..', null),
    ],
  ])('is %s', (url, more, os) => {
    expect(packageUrlOf(installed(more), os)).toBe(url);
  });
});
