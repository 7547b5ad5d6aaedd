// Texts of a guest, line by line: accounts, mounts, claims of a record, and how much of each is looked at.
import { describe, expect, it } from 'vitest';
import { compareArchitecture, compareSystem } from '../../../../src/disk/contents/claims.ts';
import { emptyDraft, noteTrouble } from '../../../../src/disk/contents/collect.ts';
import type { OperatingSystem } from '../../../../src/disk/contents/contents.ts';
import { lastDayOf } from '../../../../src/disk/contents/end-of-life.ts';
import { isSource, parseFstab } from '../../../../src/disk/contents/fstab.ts';
import { linesOf, valueOf, wordsOf } from '../../../../src/disk/contents/lines.ts';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { codesOf, collectedIn, debian, someHash } from '../../../support/disk/guests/guests.ts';
import type { MemoryTree } from '../../../support/disk/guests/memory-files.ts';

/** The message of the first hazard with this code; null if there is none. */
function messageOf(tree: MemoryTree, code: string): string | null {
  return collectedIn({ ...debian, ...tree }).hazards.find((hazard) => hazard.code === code)?.message ?? null;
}

describe('accounts of a guest', () => {
  /** Which of these homes are searched: each has a history. */
  const searched = (...lines: readonly string[]): readonly string[] => {
    const homes = lines.map((line) => line.split(':')[5] ?? '').filter((home) => home.startsWith('/'));
    const files = Object.fromEntries(homes.map((home) => [`${home}/.history`, 'ls'] as const));
    const message = messageOf({ '/etc/passwd': lines.join('\n'), ...files }, 'shell_history');
    return (message ?? '')
      .replace('shell history: ', '')
      .split(', ')
      .filter((path) => path !== '');
  };
  const user = (name: string, uid: number | string, home: string): string =>
    `${name}:x:${String(uid)}:1::${home}:/bin/sh`;

  it('are searched if they belong to people, or have a home among those of people', () => {
    expect(searched(user('a', 500, '/srv/a'))).toEqual(['/srv/a/.history']);
    expect(searched(user('a', 499, '/srv/a'))).toEqual([]);
    expect(searched(user('a', 1, '/home/a'))).toEqual(['/home/a/.history']);
    expect(searched(user('a', 0, '/srv/a'))).toEqual(['/srv/a/.history']);
    expect(searched(user('a', 'x', '/srv/a'))).toEqual([]);
    expect(searched(user('a', 1000, '/proc'))).toEqual([]);
    expect(searched(user('a', 1000, 'srv/a'))).toEqual([]);
    expect(searched(user('a', 1000, '/srv/a'), user('b', 1001, '/srv/a'))).toEqual(['/srv/a/.history']);
    expect(searched(`#${user('a', 1000, '/srv/a')}`)).toEqual([]);
    expect(searched(`:x:1000:1::/srv/a:/bin/sh`)).toEqual([]);
    expect(searched('a', user('b', 1000, '/srv/b/'))).toEqual(['/srv/b/.history']);
  });

  it('have homes of up to 1024 characters', () => {
    const home = (length: number): string => `/${'d/'.repeat(600)}`.slice(0, length);
    expect(searched(user('a', 1000, home(1024)))).toHaveLength(1);
    expect(searched(user('a', 1000, home(1025)))).toHaveLength(0);
  });

  it('are searched in 48 homes, root among them', () => {
    const many = Array.from({ length: 60 }, (_, index) => user('u', 1000, `/srv/${String(index).padStart(2, '0')}`));
    const files = { '/root/.history': 'ls', '/srv/46/.history': 'ls', '/srv/47/.history': 'ls' };
    expect(messageOf({ '/etc/passwd': many.join('\n'), ...files }, 'shell_history')).toBe(
      'shell history: /root/.history, /srv/46/.history',
    );
  });

  it.each([
    ['$1$salt$', false],
    ['$1$salt$a', true],
    ['$y$longer-than-that', true],
    ['$longer-than-that', false],
    ['abJnggxhB/yWI', true],
    ['abJnggxhB/yW', false],
    ['abJnggxhB/yW:', false],
    ['abJnggxhB/yW!', false],
    ['_9G..8147mpcfKT8g0U.', true],
    ['x9G..8147mpcfKT8g0U.', false],
    ['_9G..8147mpcfKT8g0U', false],
  ])('with the field %s have a password: %s', (field, has) => {
    expect(messageOf({ '/etc/shadow': `a:${field}:1::` }, 'password_set')).toBe(
      has ? '1 account with a password: a' : null,
    );
  });

  it('are named, five of them, without those that are commented out', () => {
    const names = ['a', '#b', 'c', '', 'd', 'e', 'f', 'g', 'n'.repeat(80)];
    const shadow = (count: number): string =>
      names
        .slice(0, count)
        .map((name) => `${name}:${someHash}:1::`)
        .join('\n');
    expect(messageOf({ '/etc/shadow': shadow(7) }, 'password_set')).toBe('5 accounts with a password: a, c, d, e, f');
    expect(messageOf({ '/etc/shadow': shadow(8) }, 'password_set')).toBe(
      '6 accounts with a password: a, c, d, e, f and 1 more',
    );
    expect(messageOf({ '/etc/shadow': `${names.at(-1) ?? ''}:${someHash}:1::` }, 'password_set')).toBe(
      `1 account with a password: ${'n'.repeat(64)}…`,
    );
    const passwd = `root:x:0:0::/root:/bin/sh\nroot:${someHash}:0:0::/root:/bin/sh`;
    expect(messageOf({ '/etc/shadow': `root:${someHash}:1::`, '/etc/passwd': passwd }, 'password_set')).toBe(
      '1 account with a password: root',
    );
  });
});

describe('keys that were left in a guest', () => {
  it('are those of its SSH servers that have bytes, by their names', () => {
    const names = ['ssh_host_rsa_key', 'ssh_host_dsa_key.pub', 'my_ssh_host_rsa_key', 'ssh_host_ecdsa_key', 'moduli'];
    const files = Object.fromEntries(names.map((name) => [`/etc/ssh/${name}`, 'x'] as const));
    expect(messageOf({ ...files, '/etc/ssh/ssh_host_ed25519_key': '' }, 'host_keys')).toBe(
      '2 private keys of its SSH server: /etc/ssh/ssh_host_rsa_key, /etc/ssh/ssh_host_ecdsa_key',
    );
    const dropbear = { '/etc/dropbear/dropbear_rsa_host_key': 'x', '/etc/dropbear/dropbear_rsa_host_key.pub': 'x' };
    expect(messageOf({ ...dropbear, '/etc/dropbear/rsa_host_key': 'x' }, 'host_keys')).toBe(
      '1 private key of its SSH server: /etc/dropbear/dropbear_rsa_host_key',
    );
  });

  it('are looked for in 32 files', () => {
    const files = (filled: number): MemoryTree =>
      Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [
          `/etc/ssh/ssh_host_${String(index)}_key`,
          index === filled ? 'x' : '',
        ]),
      );
    expect([0, 31, 32].map((filled) => messageOf(files(filled), 'host_keys') !== null)).toEqual([true, true, false]);
  });

  it('open accounts if either file has lines', () => {
    expect(messageOf({ '/root/.ssh/authorized_keys2': 'ssh-rsa A' }, 'authorized_keys')).toBe(
      'authorized SSH keys: /root/.ssh/authorized_keys2',
    );
    expect(
      messageOf({ '/root/.ssh/authorized_keys2': '# none\n', '/root/.ssh/known_hosts': 'x' }, 'authorized_keys'),
    ).toBeNull();
    expect(messageOf({ '/root/.bash_history': '', '/root/.history': 'x' }, 'shell_history')).toBe(
      'shell history: /root/.history',
    );
  });

  it.each([
    ['0123456789abcdef0123456789ABCDEF\n', 'set'],
    [' 0123456789abcdef0123456789abcdef', 'set'],
    ['0123456789abcdef0123456789abcde', 'empty'],
    ['0123456789abcdef0123456789abcdef0', 'empty'],
    // 64 bytes of a file count.
    [`${' '.repeat(32)}0123456789abcdef0123456789abcdef`, 'set'],
    [`${' '.repeat(33)}0123456789abcdef0123456789abcdef`, 'empty'],
    [`0123456789abcdef0123456789abcdef${' '.repeat(32)}x`, 'set'],
    [`0123456789abcdef0123456789abcdef${' '.repeat(31)}x`, 'empty'],
  ] as const)('may be a machine id: %j', (text, expected) => {
    expect(collectedIn({ ...debian, '/etc/machine-id': text }).machine_id).toBe(expected);
    const dbus = collectedIn({ ...debian, '/var/lib/dbus/machine-id': text }).machine_id;
    expect(dbus).toBe(expected);
  });
});

describe('an fstab', () => {
  it('says what is mounted where, and which subvolume', () => {
    const text = [
      '# comment',
      'UUID=1\t/\text4  defaults 0 1',
      '/dev/vdb1 /srv/with\\040blank\\011tab\\134slash/ btrfs ro,subvol=@data/x,subvol=@no 0 0',
      'LABEL=a\\040b /mnt auto',
      '/dev/vdc none swap sw 0 0',
      '/dev/vdd /a/../b ext4',
      '/dev/vde /1/2/3/4/5/6/7/8 ext4',
      '/dev/vdf /1/2/3/4/5/6/7/8/9 ext4',
      'alone',
    ].join('\n');
    expect(parseFstab(text)).toEqual([
      { source: 'UUID=1', at: [], subvolume: null },
      { source: '/dev/vdb1', at: ['srv', 'with blank\ttab\\slash'], subvolume: '@data/x' },
      { source: 'LABEL=a b', at: ['mnt'], subvolume: null },
      { source: '/dev/vde', at: ['1', '2', '3', '4', '5', '6', '7', '8'], subvolume: null },
    ]);
  });

  it('is read up to 64 entries, and names in it up to 4096 characters', () => {
    const lines = Array.from({ length: 70 }, (_, index) => `/dev/vda${String(index)} /mnt/${String(index)} ext4`);
    expect(parseFstab(lines.join('\n')).map(({ at }) => at[1])).toEqual(
      Array.from({ length: 64 }, (_, index) => String(index)),
    );
    expect(parseFstab(`${'s'.repeat(5000)} /${'d'.repeat(5000)} ext4`)).toMatchObject([
      { source: 's'.repeat(4096), at: ['d'.repeat(4095)] },
    ]);
  });

  const named = { partition: '2', label: 'data', uuid: 'ABCD-12' };
  const logical = { partition: 'lv my-group/root-1', label: null, uuid: null };
  it.each([
    ['UUID=abcd-12', named, true],
    ['UUID="ABCD-12"', named, true],
    ['UUID=abcd-1', named, false],
    ['UUID=null', logical, false],
    ['LABEL=data', named, true],
    ['LABEL="data"', named, true],
    ['LABEL=Data', named, false],
    ['LABEL=null', logical, false],
    ['PARTUUID=abcd-12', named, false],
    ['PARTLABEL=data', named, false],
    ['/dev/disk/by-uuid/ABCD-12', named, true],
    ['/dev/disk/by-uuid/ABCD-1', named, false],
    ['/dev/disk/by-label/data', named, true],
    ['/dev/disk/by-label/date', named, false],
    ['/dev/vda2', named, true],
    ['/dev/sdb2', named, true],
    ['/dev/xvdf2', named, true],
    ['/dev/nvme0n1p2', named, true],
    ['/dev/mmcblk0p2', named, true],
    ['/dev/vda1', named, false],
    ['/dev/vda12', named, false],
    ['/dev/vda', named, false],
    ['/dev/mapper/my--group-root--1', named, false],
    ['vda2', named, false],
    ['=2', named, false],
    ['/dev/vda2', { ...named, partition: null }, false],
    ['/dev/my-group/root-1', logical, true],
    ['/dev/mapper/my--group-root--1', logical, true],
    ['/dev/mapper/my-group-root-1', logical, false],
    ['/dev/my-group/root', logical, false],
    ['/dev/vda1', logical, false],
  ] as const)('means by %s %j: %s', (source, facts, expected) => {
    expect(isSource(source, facts)).toBe(expected);
  });
});

describe('lines and words of settings', () => {
  it('are without blanks and comments', () => {
    expect(linesOf(' a = b \n\n# no\n\t#no\nc # d\n')).toEqual(['a = b', 'c # d']);
    expect(wordsOf('  a\tb  c ')).toEqual(['a', 'b', 'c']);
  });

  it('are values of at most 200 characters', () => {
    expect([valueOf(undefined), valueOf('')]).toEqual([null, null]);
    expect([valueOf('x'.repeat(200)), valueOf('x'.repeat(201))]).toEqual(['x'.repeat(200), 'x'.repeat(200)]);
    expect([valueOf('ab', 2), valueOf('abc', 2), valueOf('a😀', 2), valueOf('a😀', 3)]).toEqual([
      'ab',
      'ab',
      'a',
      'a😀',
    ]);
    // Half a character that was already there stays.
    expect(valueOf('a\uD83D', 2)).toBe('a\uD83D');
  });
});

describe('os-release', () => {
  it.each([
    ["ID='a \\\\ b'", 'a \\\\ b'],
    ['ID="a \\" b"', 'a " b'],
    ['ID="a', '"a'],
    ['ID=\'a"', '\'a"'],
    ['ID="', '"'],
    ['ID=""', 'linux'],
    ['ID=a\nID=b', 'b'],
    ['ID=a=b', 'a=b'],
    ['=a\nID', 'linux'],
  ])('says %j about its system', (text, id) => {
    expect(collectedIn({ ...debian, '/etc/os-release': text }).os?.id).toBe(id);
  });

  it('is like at most 16 others', () => {
    const words = Array.from({ length: 20 }, (_, index) => `os${String(index)}`);
    const { os } = collectedIn({ ...debian, '/etc/os-release': `ID_LIKE="${words.join(' ')}"` });
    expect(os?.id_like).toEqual(words.slice(0, 16));
  });

  it.each([
    ['amzn', '2', '2026-06-30'],
    ['amzn', '2018.03', '2023-12-31'],
    ['amzn', '2018.03.1.2', '2023-12-31'],
    ['amzn', '2018', null],
    ['amzn', '', null],
    ['amzn', 'constructor', null],
    ['constructor', '2', null],
  ])('%s %s is supported until %s', (id, version, day) => {
    expect(lastDayOf(id, version)).toBe(day);
  });
});

describe('what a record claims of its system', () => {
  const os = (more: Partial<OperatingSystem>): OperatingSystem => ({
    id: 'debian',
    id_like: [],
    version_id: '12.5',
    name: 'Debian',
    pretty_name: null,
    codename: 'bookworm',
    architecture: null,
    ...more,
  });
  const isRefused = (claims: Readonly<Record<string, string>>, more: Partial<OperatingSystem> = {}): boolean =>
    compareSystem(claims, os(more)).length > 0;

  it.each([
    ['debian', 'debian', false],
    ['Red Hat', 'rhel', false],
    ['centos-stream', 'centos', false],
    ['opensuse', 'opensuse-leap', false],
    ['opensuse', 'opensuse-tumbleweed', false],
    ['opensuse', 'sles', true],
    ['open', 'opensuse', true],
    ['debian', 'opensuse-leap', true],
    ['constructor', 'debian', true],
    ['!?', 'debian', false],
    ['rhel', 'rocky', true],
  ])('as os_distro %s of a %s is refused: %s', (os_distro, id, expected) => {
    expect(isRefused({ os_distro }, { id })).toBe(expected);
  });

  it.each([
    ['12', '12.5', 'bookworm', false],
    ['12.5.1', '12.5', 'bookworm', false],
    ['12.05', '12.5', 'bookworm', false],
    ['12.6', '12.5', 'bookworm', true],
    ['version 12', '12.5', 'bookworm', false],
    ['Bookworm', '12.5', 'bookworm', false],
    ['bullseye', '12.5', 'bookworm', true],
    ['bullseye', '12.5', null, false],
    ['the old one', '12.5', 'bookworm', false],
    ['latest', '12.5', 'bookworm', false],
    ['lts', '12.5', 'bookworm', false],
    [' ', '12.5', 'bookworm', false],
    ['11', null, null, false],
    [`${'v'.repeat(199)}1`, '2', null, true],
    [`${'v'.repeat(200)}1`, '2', null, false],
  ])('as os_version %s of %s (%s) is refused: %s', (os_version, version_id, codename, expected) => {
    expect(isRefused({ os_version }, { version_id, codename })).toBe(expected);
  });

  it.each([
    ['x86_64', 'x86_64', false],
    ['AMD64', 'x86_64', false],
    ['arm64', 'aarch64', false],
    ['i386', 'i686', false],
    ['i586', 'x86_64', true],
    ['armv7l', 'arm', false],
    ['arm64', 'arm', true],
    ['aarch64', 'arm', true],
    ['ppc64el', 'ppc64le', false],
    ['constructor', 'x86_64', true],
  ])('as architecture %s of %s is refused: %s', (architecture, found, expected) => {
    expect(compareArchitecture({ architecture }, found)).toHaveLength(expected ? 1 : 0);
    expect(compareArchitecture({ hw_architecture: architecture, architecture }, found)).toHaveLength(expected ? 2 : 0);
  });

  it('is quoted up to 100 characters', () => {
    const [hazard] = compareSystem({ os_distro: 'x'.repeat(101) }, os({ id: 'y'.repeat(101) }));
    expect(hazard?.message).toBe(`os_distro is ${'x'.repeat(100)}…, but the disk has ${'y'.repeat(100)}…`);
    const [exact] = compareSystem({ os_distro: 'x'.repeat(100) }, os({ id: 'y'.repeat(100) }));
    expect(exact?.message).toBe(`os_distro is ${'x'.repeat(100)}, but the disk has ${'y'.repeat(100)}`);
  });
});

describe('kernels of a guest', () => {
  const { '/boot/vmlinuz-6.1.0-13-amd64': _kernel, '/boot/initrd.img-6.1.0-13-amd64': _initrd, ...none } = debian;
  const { '/usr/lib/modules/6.1.0-13-amd64/modules.dep': _modules, ...bare } = none;
  const kernelsOf = (...paths: readonly string[]): readonly string[] =>
    collectedIn({ ...bare, ...Object.fromEntries(paths.map((path) => [path, ''] as const)) }).kernels?.map(
      ({ version, initrd }) => `${String(version)}${initrd ? ' initrd' : ''}`,
    ) ?? [];

  it.each([
    [['/boot/vmlinuz-6.1', '/boot/initrd.img-6.1'], ['6.1 initrd']],
    [['/boot/vmlinuz-6.1', '/boot/initramfs-6.1.img'], ['6.1 initrd']],
    [['/boot/vmlinuz-6.1', '/boot/initrd-6.1'], ['6.1 initrd']],
    [['/boot/vmlinuz-6.1', '/boot/initrd-6.2', '/boot/initramfs'], ['6.1']],
    [['/boot/vmlinuz', '/boot/initramfs.img'], ['null initrd']],
    [['/boot/bzImage', '/boot/initrd-6.1'], ['null']],
    [['/boot/vmlinuz-6.1', '/boot/vmlinuz-6.1.old', '/boot/vmlinuz-6.2.hmac', '/boot/vmlinuz-6.3.sig'], ['6.1']],
    [['/boot/vmlinuz-0-rescue-x'], []],
    [['/boot/vmlinuzx-6.1', '/boot/my-vmlinuz-6.1'], []],
    [['/boot/vmlinuz-linux', '/usr/lib/modules/6.9-arch/modules.dep'], ['6.9-arch']],
    [
      ['/boot/vmlinuz-virt', '/usr/lib/modules/6.9-virt/modules.dep', '/usr/lib/modules/6.9-lts/modules.dep'],
      ['6.9-virt'],
    ],
    [
      ['/boot/vmlinuz-virt', '/usr/lib/modules/6.9-virt/modules.dep', '/usr/lib/modules/6.8-virt/modules.dep'],
      ['null'],
    ],
    [['/boot/vmlinuz-virt', '/usr/lib/modules/6.9-lts/modules.dep'], ['null']],
    [['/boot/vmlinuz', '/usr/lib/modules/6.9-lts/modules.dep'], ['6.9-lts']],
    [['/usr/lib/modules/6.9/modules.dep', '/usr/lib/modules/6.8/other', '/usr/lib/modules/extra/modules.dep'], ['6.9']],
    [[`/boot/vmlinuz-${'6'.repeat(128)}`], ['6'.repeat(128)]],
    [[`/boot/vmlinuz-${'6'.repeat(129)}`], ['null']],
    [[`/boot/vmlinuz-${'6'.repeat(153)}`], []],
  ])('in %j are %j', (paths, expected) => {
    expect(kernelsOf(...paths)).toEqual(expected);
  });

  it('are 64 at most', () => {
    const many = Array.from({ length: 70 }, (_, index) => `/boot/vmlinuz-6.${String(index)}`);
    expect(kernelsOf(...many)).toHaveLength(64);
  });
});

describe('troubles of a guest', () => {
  it('are 20 at most, and damage counts before what is not supported', () => {
    const draft = emptyDraft();
    noteTrouble(draft, 'one', new UnreadableError('unsupported', 'first'));
    expect(draft.why).toBe('unsupported');
    noteTrouble(draft, 'two', new UnreadableError('damaged', 'second'));
    noteTrouble(draft, 'three', new UnreadableError('unsupported', 'third'));
    expect([draft.why, draft.troubles]).toEqual(['damaged', ['one: first', 'two: second', 'three: third']]);
    for (let count = 3; count < 25; count++) noteTrouble(draft, 'more', new UnreadableError('damaged', 'x'));
    expect(draft.troubles).toHaveLength(20);
    expect(() => noteTrouble(draft, 'a bug', new TypeError('other'))).toThrow('other');
  });

  it('say nothing of an architecture where there is no system', () => {
    const { '/etc/os-release': _link, '/usr/lib/os-release': _text, ...rest } = debian;
    const draft = collectedIn(rest, { claims: { hw_architecture: 'aarch64' } });
    expect([draft.os, codesOf(draft)]).toEqual([null, []]);
  });
});
