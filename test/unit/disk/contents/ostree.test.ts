// Which deployment of an OSTree is read: the one that would boot.
import { describe, expect, it } from 'vitest';
import type { ContentsDraft } from '../../../../src/disk/contents/collect.ts';
import { collected, collectedIn } from '../../../support/disk/guests/guests.ts';
import { MemoryFiles, type MemoryTree } from '../../../support/disk/guests/memory-files.ts';

/** Deployments by the version of their system, in the order in which the directory lists them. */
function makeRoot(versions: readonly string[], below = ''): MemoryTree {
  const tree: Record<string, MemoryTree[string]> = { [`${below}/ostree/boot.1`]: { link: 'boot.1.1' } };
  for (const version of versions) {
    const checksum = `abc${version}`;
    tree[`${below}/ostree/deploy/fcos/deploy/${checksum}.0/usr/lib/os-release`] = `ID=fedora\nVERSION_ID=${version}\n`;
    tree[`${below}/ostree/deploy/fcos/deploy/${checksum}.0.origin`] = '[origin]\n';
    const link = `../../../deploy/fcos/deploy/${checksum}.0`;
    tree[`${below}/ostree/boot.1.1/fcos/${checksum}/0`] = { link };
  }
  return tree;
}

const linkTo = (version: string): string => `/ostree/boot.1/fcos/abc${version}/0`;

const makeEntry = (rank: number, link: string): string =>
  [
    'title Fedora CoreOS',
    `version ${String(rank)}`,
    `options rw mitigations=auto ostree=${link} root=UUID=1`,
    'linux /ostree/fcos-abc/vmlinuz-6.8.5-301.fc40.x86_64',
    'initrd /ostree/fcos-abc/initramfs-6.8.5-301.fc40.x86_64.img',
    '',
  ].join('\n');

/** A boot partition with these files as its entries. */
function makeBoot(...entries: readonly string[]): MemoryTree {
  const files = entries.map((text, index) => [`/loader.1/entries/ostree-${String(index)}-fcos.conf`, text] as const);
  return { '/loader': { link: 'loader.1' }, ...Object.fromEntries(files) };
}

const versionOf = (draft: ContentsDraft): string | null | undefined => draft.os?.version_id;

/** The version of the system that is read. */
function versionIn(boot: MemoryTree, root = makeRoot(['39', '40'])): string | null | undefined {
  return versionOf(collected([new MemoryFiles(boot), new MemoryFiles(root)]));
}

describe('the deployment that boots', () => {
  it('is that of the boot entry with the highest version', () => {
    expect(versionIn(makeBoot(makeEntry(2, linkTo('40')), makeEntry(1, linkTo('39'))))).toBe('40');
    expect(versionIn(makeBoot(makeEntry(9, linkTo('40')), makeEntry(10, linkTo('39'))))).toBe('39');
  });

  it.each([
    ['/boot of the root', ''],
    ['a subvolume of a btrfs', '/root'],
  ])('is found by entries in %s', (_where, below) => {
    const entries = Object.entries(makeBoot(makeEntry(1, linkTo('40'))));
    const boot = entries.map(([path, node]) => [`${below}/boot${path}`, node] as const);
    const files = { ...makeRoot(['39', '40'], below), ...Object.fromEntries(boot) };
    expect(versionOf(collected([new MemoryFiles(files, { type: below === '' ? 'xfs' : 'btrfs' })]))).toBe('40');
  });

  it('may belong to another system than the first', () => {
    const other = { '/ostree/deploy/empty/var/': '', ...makeRoot(['40']) };
    expect(versionIn(makeBoot(makeEntry(1, linkTo('40'))), other)).toBe('40');
  });

  it('has the kernel that its entry names', () => {
    const draft = collected([
      new MemoryFiles(makeBoot(makeEntry(1, linkTo('40')))),
      new MemoryFiles(makeRoot(['39', '40'])),
    ]);
    expect(draft.kernels).toEqual([{ version: '6.8.5-301.fc40.x86_64', initrd: true }]);
  });
});

describe('the first deployment is read', () => {
  it('without boot entries', () => {
    expect(versionOf(collectedIn(makeRoot(['39', '40'])))).toBe('39');
    expect(versionIn(makeBoot())).toBe('39');
  });

  it('if the entries are of other systems', () => {
    expect(versionIn(makeBoot('title Other\nversion 3\nlinux /vmlinuz\noptions root=UUID=1\n'))).toBe('39');
  });

  it.each([
    ['nowhere', '/ostree/boot.1/fcos/none/0'],
    ['to a file', '/ostree/deploy/fcos/deploy/abc40.0.origin'],
    ['beside the deployments', '/ostree/boot.1/fcos/../../deploy/fcos/deploy/abc40.0/usr'],
    ['above the root', '/ostree/boot.1/../../../../../etc'],
    ['in circles', '/loop'],
    ['to nothing', ''],
  ])('if the only entry leads %s', (_where, link) => {
    const root = { ...makeRoot(['39', '40']), '/etc/hosts': '', '/loop': { link: 'loop' } };
    expect(versionIn(makeBoot(makeEntry(1, link)), root)).toBe('39');
  });

  it('if the entry that boots has endless options, or cannot be read', () => {
    const endless = `version 2\noptions ${'quiet '.repeat(100_000)}ostree=${linkTo('40')}\n`;
    expect(versionIn(makeBoot(endless))).toBe('39');
    expect(versionIn({ '/loader/entries/ostree-1.conf': { damaged: true } })).toBe('39');
  });

  it('if more entries than are read come before the one that boots', () => {
    const others = Array.from({ length: 32 }, () => makeEntry(1, '/none'));
    expect(versionIn(makeBoot(...others, makeEntry(2, linkTo('40'))))).toBe('39');
  });
});

it('a damaged entry hides no other, and is reported', () => {
  const boot = {
    ...makeBoot(makeEntry(1, linkTo('40'))),
    '/loader.1/entries/ostree-9-fcos.conf': { damaged: true },
  } as const;
  const draft = collected([new MemoryFiles(boot), new MemoryFiles(makeRoot(['39', '40']))]);
  expect([versionOf(draft), draft.kernels]).toEqual(['40', [{ version: '6.8.5-301.fc40.x86_64', initrd: true }]]);
  expect(draft.why).toBe('damaged');
  expect(draft.troubles).toEqual(['/boot/loader/entries/ostree-9-fcos.conf: it is damaged']);
});

it('an entry that leads nowhere yields to the next', () => {
  expect(versionIn(makeBoot(makeEntry(3, '/none'), makeEntry(2, linkTo('40')), makeEntry(1, linkTo('39'))))).toBe('40');
});
