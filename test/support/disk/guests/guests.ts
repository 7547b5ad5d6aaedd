// Guests in memory, as distributions make them.
import { driveReads } from '../drive-reads.ts';
import { type MemoryTree, MemoryFiles } from './memory-files.ts';
import {
  collect,
  type ContentsDraft,
  emptyDraft,
  type Expectations,
  hazardsOf,
} from '../../../../src/disk/contents/collect.ts';
import type { FileSystem } from '../../../../src/disk/contents/contents.ts';
import { findRoot, mountVolumes } from '../../../../src/disk/contents/mounts.ts';

/** Nobody's password: the hash of an empty text. */
export const someHash =
  '$6$saltsalt$KDsC0iQrHBOIGBJlYjrFhqrXGOMCoBz0BvWZQPLkPvXXLbuVbBzm9iVZWnpwaXIJJVXiVlhoQBzmqjYjGR3hq1';

/** The ELF header of a program for a machine. */
export function elf(machine: number, bits: 32 | 64 = 64, order: 'little' | 'big' = 'little'): Uint8Array {
  const header = Buffer.alloc(64);
  header.write('\u007fELF', 'latin1');
  header[4] = bits / 32;
  header[5] = order === 'little' ? 1 : 2;
  if (order === 'little') header.writeUInt16LE(machine, 18);
  else header.writeUInt16BE(machine, 18);
  return header;
}

const stanza = (name: string, status: string): string => `Package: ${name}\nStatus: ${status}\nVersion: 1\n`;

/** A Debian as published: without leftovers. */
export const debian: MemoryTree = {
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/usr/lib/os-release': [
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
    'NAME="Debian GNU/Linux"',
    'VERSION_ID="12"',
    'VERSION_CODENAME=bookworm',
    'ID=debian',
    '',
  ].join('\n'),
  '/bin': { link: 'usr/bin' },
  '/usr/bin/sh': { link: 'dash' },
  '/usr/bin/dash': elf(62),
  '/usr/bin/cloud-init': '#!/usr/bin/python3',
  '/usr/sbin/qemu-ga': elf(62),
  '/etc/cloud/cloud.cfg': 'users:\n - default\n',
  '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ NoCloud, ConfigDrive, OpenStack, None ]\n',
  '/etc/machine-id': '',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\ndebian:x:1000:1000::/home/debian:/bin/bash\n',
  '/etc/shadow': 'root:*:19000:0:99999:7:::\ndebian:!:19000:0:99999:7:::\nsync:*:1::::::\n',
  '/etc/ssh/sshd_config': '',
  '/etc/ssh/ssh_host_rsa_key.pub': 'ssh-rsa AAAA',
  '/root/.bashrc': '',
  '/home/debian/.ssh/authorized_keys': '# none yet\n',
  '/boot/vmlinuz-6.1.0-13-amd64': 'kernel',
  '/boot/initrd.img-6.1.0-13-amd64': 'initrd',
  '/boot/config-6.1.0-13-amd64': '',
  '/lib': { link: 'usr/lib' },
  '/usr/lib/modules/6.1.0-13-amd64/modules.dep': '',
  '/var/lib/dpkg/status': [
    stanza('a', 'install ok installed'),
    stanza('b', 'hold ok installed'),
    stanza('c', 'deinstall ok config-files'),
  ].join('\n'),
};

/** The same with everything that can be left behind in it. */
export const soiled: MemoryTree = {
  ...debian,
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/etc/ssh/ssh_host_rsa_key': '-----BEGIN OPENSSH PRIVATE KEY-----',
  '/etc/ssh/ssh_host_ed25519_key': '-----BEGIN OPENSSH PRIVATE KEY-----',
  '/etc/shadow': `root:${someHash}:19000:0:99999:7:::\ndebian:!${someHash}:19000::::::\n`,
  '/root/.ssh/authorized_keys': 'ssh-ed25519 AAAA somebody\n',
  '/root/.bash_history': 'mysql -psecret\n',
  '/home/debian/.zsh_history': 'ls\n',
};

/** The date that is today in tests: 2026-11-26. */
export const testDay = Date.parse('2026-11-26');

/** What is collected from file systems, given in the order of their partitions. */
export function collected(
  volumes: readonly MemoryFiles[],
  { claims = {}, now = testDay, listsPackages }: Partial<Expectations> = {},
): ContentsDraft {
  const readable = volumes.map((files, index) => {
    const { type, label, uuid, size, free } = files.facts;
    const facts: FileSystem = { partition: String(index + 1), type, label, uuid, size, free, read: true };
    return { facts, files };
  });
  const draft = emptyDraft();
  const root = driveReads(findRoot(readable), Buffer.alloc(0));
  if (root === null) return draft;
  const tree = driveReads(mountVolumes(root, readable), Buffer.alloc(0));
  driveReads(collect(tree, draft, { claims, now, listsPackages }), Buffer.alloc(0));
  return draft;
}

/** What is collected from a single file system. */
export function collectedIn(tree: MemoryTree, expected: Partial<Expectations> = {}): ContentsDraft {
  return collected([new MemoryFiles(tree)], expected);
}

export function codesOf(draft: ContentsDraft): readonly string[] {
  return hazardsOf(draft).map(({ code }) => code);
}

/** The number of packages in {@link largeGuest}. */
export const largeCount = 1050;

/** {@link soiled} with as many files as a real Debian has in the directories that matter. */
export function largeGuest(): MemoryTree {
  const tree: Record<string, MemoryTree[string]> = { ...soiled };
  const texts: string[] = [];
  for (let index = 0; index < largeCount; index++) {
    const name = `package-${String(index)}`;
    tree[`/var/lib/dpkg/info/${name}.list`] = '/.\n';
    tree[`/usr/bin/program-${String(index)}`] = '#!/bin/sh\n';
    texts.push(`${stanza(name, 'install ok installed')}Description: ${'what it is for, in words\n '.repeat(40)}\n`);
  }
  for (let index = 0; index < 200; index++) tree[`/etc/settings-${String(index)}.conf`] = '';
  tree['/var/lib/dpkg/status'] = texts.join('\n');
  tree['/etc/fstab'] = 'LABEL=cloudimg-rootfs / ext4 defaults 0 1\n';
  return tree;
}
