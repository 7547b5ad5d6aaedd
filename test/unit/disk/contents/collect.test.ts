// What is found in guests of several kinds, in memory.
import { describe, expect, it } from 'vitest';
import { hazardsOf } from '../../../../src/disk/contents/collect.ts';
import { codesOf, collected, collectedIn, debian, elf, soiled, someHash } from '../../../support/disk/guests/guests.ts';
import { MemoryFiles, type MemoryTree } from '../../../support/disk/guests/memory-files.ts';

const release = (text: string): MemoryTree => ({ '/etc/os-release': text });

describe('a guest as its makers publish it', () => {
  it('is described, without any hazard', () => {
    expect(collectedIn(debian)).toEqual({
      read: false,
      partitions: null,
      filesystems: [],
      os: {
        id: 'debian',
        id_like: [],
        version_id: '12',
        name: 'Debian GNU/Linux',
        pretty_name: 'Debian GNU/Linux 12 (bookworm)',
        codename: 'bookworm',
        architecture: 'x86_64',
      },
      kernels: [{ version: '6.1.0-13-amd64', initrd: true }],
      packages: { manager: 'dpkg', count: 2 },
      installed: null,
      cloud_init: { datasources: ['NoCloud', 'ConfigDrive', 'OpenStack', 'None'] },
      guest_agent: true,
      machine_id: 'empty',
      bytes_read: 0,
      requests: 0,
      why: null,
      hazards: [],
      troubles: [],
    });
  });

  it.each([
    [3, 32, 'little', 'i686'],
    [183, 64, 'little', 'aarch64'],
    [40, 32, 'little', 'arm'],
    [21, 64, 'little', 'ppc64le'],
    [21, 64, 'big', 'ppc64'],
    [22, 64, 'big', 's390x'],
    [243, 64, 'little', 'riscv64'],
    [9999, 64, 'little', null],
  ] as const)(
    'with programs for machine %i of %i bits, %s-endian, has the architecture %s',
    (machine, bits, order, name) => {
      const programs = { '/usr/bin/dash': elf(machine, bits, order), '/usr/bin/env': 'no program' };
      expect(collectedIn({ ...debian, ...programs }).os?.architecture).toBe(name);
    },
  );
});

describe('what was left in a guest', () => {
  const draft = collectedIn(soiled);

  it('is a hazard each', () => {
    expect(codesOf(draft)).toEqual(['host_keys', 'machine_id_set', 'password_set', 'authorized_keys', 'shell_history']);
    expect(draft.hazards.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(draft.machine_id).toBe('set');
  });

  it('is named, but never the hash of a password', () => {
    const messages = hazardsOf(draft).map(({ message }) => message);
    expect(messages).toEqual([
      '2 private keys of its SSH server: /etc/ssh/ssh_host_rsa_key, /etc/ssh/ssh_host_ed25519_key',
      'it has a machine id, which all its guests would share',
      '1 account with a password: root',
      'authorized SSH keys: /root/.ssh/authorized_keys',
      'shell history: /root/.bash_history, /home/debian/.zsh_history',
    ]);
    expect(JSON.stringify(draft)).not.toContain(someHash.slice(4, 12));
  });

  it.each(['', '!', '*', '!!', 'x', `!${someHash}`, '*LK*', 'NP'])(
    'is not a password if the field is "%s"',
    (field) => {
      expect(codesOf(collectedIn({ ...debian, '/etc/shadow': `root:${field}:1::::::\n` }))).toEqual([]);
    },
  );

  it.each(['abJnggxhB/yWI', '_9G..8147mpcfKT8g0U.', '$y$j9T$saltsaltsalt$hashhashhash', '$1$salt$hashhash'])(
    'is a password if the field is "%s"',
    (field) => {
      expect(codesOf(collectedIn({ ...debian, '/etc/shadow': `root:${field}:1::::::\n` }))).toEqual(['password_set']);
    },
  );

  it('is a password even if it is in passwd itself', () => {
    expect(codesOf(collectedIn({ ...debian, '/etc/passwd': `root:${someHash}:0:0::/root:/bin/sh\n` }))).toEqual([
      'password_set',
    ]);
  });

  it('is a machine id even if only D-Bus has it, but not if it is to be created', () => {
    const id = '0123456789abcdef0123456789abcdef';
    expect(collectedIn({ ...debian, '/var/lib/dbus/machine-id': id }).machine_id).toBe('set');
    expect(collectedIn({ ...debian, '/etc/machine-id': 'uninitialized\n' }).machine_id).toBe('empty');
    const { '/etc/machine-id': _id, ...rest } = debian;
    expect(collectedIn(rest).machine_id).toBe('absent');
  });

  it('is not a key if the file is empty', () => {
    expect(codesOf(collectedIn({ ...debian, '/etc/ssh/ssh_host_rsa_key': '' }))).toEqual([]);
  });
});

describe('cloud-init', () => {
  const { '/usr/bin/cloud-init': _program, '/etc/cloud/cloud.cfg': _settings, ...without } = debian;

  it('is a hazard if missing, unless something else does its work', () => {
    expect(codesOf(collectedIn(without))).toEqual(['cloud_init_missing']);
    expect(collectedIn(without).cloud_init).toBeNull();
    expect(codesOf(collectedIn({ ...without, '/usr/bin/ignition': elf(62) }))).toEqual([]);
  });

  it.each([
    ['datasource_list: [ OpenStack ]', ['OpenStack']],
    ["datasource_list: ['OpenStack',\n  'None']", ['OpenStack', 'None']],
    ['datasource_list:\n  - Ec2\n  - None\nother: 1', ['Ec2', 'None']],
    ['# datasource_list: [ OpenStack ]', null],
  ])('with settings "%s" tries %j', (text, datasources) => {
    const files = { '/etc/cloud/cloud.cfg': text, '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': '' };
    expect(collectedIn({ ...debian, ...files }).cloud_init).toEqual({ datasources });
  });
});

describe('an end of life', () => {
  it.each([
    ['ubuntu', '20.04', 'Ubuntu 20.04.6 LTS has had no security updates since 2025-05-29', 'Ubuntu 20.04.6 LTS'],
    ['alpine', '3.18.4', 'alpine 3.18.4 has had no security updates since 2025-05-09', ''],
  ])('of %s %s is a hazard', (id, version, message, name) => {
    const files = release(`ID=${id}\nVERSION_ID="${version}"\nPRETTY_NAME="${name}"\n`);
    expect(collectedIn({ ...debian, ...files }).hazards).toEqual([
      { code: 'end_of_life', severity: 'warning', message },
    ]);
  });

  it('comes after the last day is over', () => {
    const files = { ...debian, ...release('ID=debian\nVERSION_ID="11"\n') };
    expect(codesOf(collectedIn(files, { now: Date.parse('2026-08-31T23:59:59Z') }))).toEqual([]);
    expect(codesOf(collectedIn(files, { now: Date.parse('2026-09-01') }))).toEqual(['end_of_life']);
  });

  it.each([
    'ID=debian',
    'ID=nothing\nVERSION_ID=1',
    'ID=constructor\nVERSION_ID=length',
    'ID=rhel\nVERSION_ID=toString',
  ])('is not made up for "%s"', (text) => {
    expect(codesOf(collectedIn({ ...debian, ...release(text) }))).toEqual([]);
  });
});

describe('what the record claims', () => {
  it.each([
    [{ os_distro: 'ubuntu' }, 'os_distro is ubuntu, but the disk has debian'],
    [{ os_distro: 'debian', os_version: '11' }, 'os_version is 11, but the disk has 12'],
    [{ os_version: 'buster' }, 'os_version is buster, but the disk has 12'],
    [{ os_version: ' Buster' }, 'os_version is  Buster, but the disk has 12'],
    [{ hw_architecture: 'aarch64' }, 'hw_architecture is aarch64, but the disk has x86_64'],
    [{ architecture: 'arm64' }, 'architecture is arm64, but the disk has x86_64'],
  ])('of %j is a hazard if it is wrong', (claims, message) => {
    const hazards = [{ code: 'declared_os_mismatch', severity: 'warning', message }];
    expect(collectedIn(debian, { claims }).hazards).toEqual(hazards);
  });

  it.each([
    {},
    { os_distro: 'Debian', os_version: '12.5', hw_architecture: 'amd64', architecture: 'x86_64' },
    { os_distro: '', os_version: null, hw_architecture: ' ' },
    { os_distro: 'linux', os_version: 'bookworm' },
    { os_version: 'stable' },
    { os_version: 'Debian 12 (bookworm)' },
  ])('as %j is none if it agrees, or claims nothing', (claims) => {
    expect(codesOf(collectedIn(debian, { claims }))).toEqual([]);
  });
});

describe('packages', () => {
  const { '/var/lib/dpkg/status': _status, ...none } = debian;

  it.each<[string, MemoryTree, unknown]>([
    [
      'dpkg in pieces',
      { '/var/lib/dpkg/status.d/a': 'Package: a', '/var/lib/dpkg/status.d/a.md5sums': '' },
      { manager: 'dpkg', count: 1 },
    ],
    ['apk', { '/lib/apk/db/installed': 'C:Q1\nP:musl\nV:1\n\nC:Q2\nP:busybox\n' }, { manager: 'apk', count: 2 }],
    [
      'pacman',
      {
        '/var/lib/pacman/local/a-1/desc': '',
        '/var/lib/pacman/local/b-1/desc': '',
        '/var/lib/pacman/local/ALPM_DB_VERSION': '9',
      },
      { manager: 'pacman', count: 2 },
    ],
    ['rpm', { '/usr/lib/sysimage/rpm/rpmdb.sqlite': 'SQLite' }, { manager: 'rpm', count: null }],
    [
      'rpm beside an empty dpkg',
      { '/var/lib/rpm/Packages': 'x', '/var/lib/dpkg/status': '' },
      { manager: 'rpm', count: null },
    ],
    ['nothing', {}, null],
  ])('of %s are counted', (_name, files, packages) => {
    const { '/lib': _lib, ...rest } = none;
    expect(collectedIn({ ...rest, ...files }).packages).toEqual(packages);
  });

  it('are counted across pieces of a long file', () => {
    const status = 'Package: p\nStatus: install ok installed\nDescription: ä\n\n'.repeat(20_000);
    expect(collectedIn({ ...debian, '/var/lib/dpkg/status': status }).packages).toEqual({
      manager: 'dpkg',
      count: 20_000,
    });
  });
});

describe('kernels', () => {
  const { '/boot/vmlinuz-6.1.0-13-amd64': _kernel, '/boot/initrd.img-6.1.0-13-amd64': _initrd, ...none } = debian;

  it.each<[string, MemoryTree, unknown]>([
    [
      'Fedora, without those for rescue',
      {
        '/boot/vmlinuz-6.8.5-301.fc40.x86_64': '',
        '/boot/initramfs-6.8.5-301.fc40.x86_64.img': '',
        '/boot/vmlinuz-0-rescue-abc': '',
      },
      [{ version: '6.8.5-301.fc40.x86_64', initrd: true }],
    ],
    [
      'two versions, the newest last',
      { '/boot/vmlinuz-6.10.1': '', '/boot/vmlinuz-6.9.1': '' },
      [
        { version: '6.9.1', initrd: false },
        { version: '6.10.1', initrd: false },
      ],
    ],
    [
      'boot entries',
      { '/boot/loader/entries/a.conf': 'title A\nversion 6.9.1\nlinux /a/vmlinuz\ninitrd /a/initrd\n' },
      [{ version: '6.9.1', initrd: true }],
    ],
    [
      'boot entries, apart from those for rescue and other files',
      {
        '/boot/loader/entries/a.conf': 'version 6.9.1\nlinux /a/vmlinuz\n',
        '/boot/loader/entries/b-rescue.conf': 'version 6.9.2\nlinux /b/vmlinuz\n',
        '/boot/loader/entries/c.conf.rpmsave': 'version 6.9.3\nlinux /c/vmlinuz\n',
      },
      [{ version: '6.9.1', initrd: false }],
    ],
    [
      'a flavour, as Alpine names it',
      { '/boot/vmlinuz-amd64': '', '/boot/initramfs-amd64': '' },
      [{ version: '6.1.0-13-amd64', initrd: true }],
    ],
    ['modules alone', {}, [{ version: '6.1.0-13-amd64', initrd: false }]],
  ])('of %s are found', (_name, files, kernels) => {
    expect(collectedIn({ ...none, ...files }).kernels).toEqual(kernels);
  });
});

describe('several file systems', () => {
  const take = (prefix: string): { inside: MemoryTree; rest: MemoryTree } => {
    const entries = Object.entries(debian);
    const inside = entries.flatMap(([path, node]) =>
      path.startsWith(prefix) ? [[path.slice(prefix.length - 1), node] as const] : [],
    );
    return {
      inside: Object.fromEntries(inside),
      rest: Object.fromEntries(entries.filter(([path]) => !path.startsWith(prefix))),
    };
  };
  const whole = collectedIn(debian);

  it.each(['/boot/', '/usr/', '/var/'])('are mounted by fstab if %s is separate', (prefix) => {
    const { inside, rest } = take(prefix);
    const fstab = `# a comment\nUUID=AAAA-bbbb\t${prefix.slice(0, -1)} ext4 defaults 0 2\n`;
    const root = new MemoryFiles({ ...rest, '/etc/fstab': fstab });
    expect(collected([new MemoryFiles(inside, { uuid: 'aaaa-BBBB' }), root])).toEqual(whole);
  });

  it.each([
    ['/boot/', { '/grub/grub.cfg': '' }],
    ['/usr/', {}],
    ['/var/', {}],
  ])('are mounted by their contents if %s is separate and not in fstab', (prefix, more) => {
    const { inside, rest } = take(prefix);
    const root = new MemoryFiles({ ...rest, '/etc/fstab': '' });
    expect(
      collected([
        root,
        new MemoryFiles({ '/EFI/BOOT/BOOTX64.EFI': '' }, { type: 'vfat' }),
        new MemoryFiles({ ...inside, ...more }),
      ]),
    ).toEqual(whole);
  });

  it.each([
    ['LABEL=data', { label: 'data' }],
    ['/dev/disk/by-label/data', { label: 'data' }],
    ['/dev/vda1', {}],
    ['/dev/nvme0n1p1', {}],
  ])('are told apart by %s', (source, named) => {
    const { inside, rest } = take('/var/');
    const fstab = `${source} /var ext4 defaults 0 2\n/dev/vdb /mnt auto 0 0\nbroken\n`;
    const root = new MemoryFiles({ ...rest, '/etc/fstab': fstab });
    expect(collected([new MemoryFiles(inside, named), root]).packages).toEqual(whole.packages);
  });

  it('are subvolumes of one if its fstab says so', () => {
    const root = Object.fromEntries(Object.entries(debian).map(([path, node]) => [`/@${path}`, node]));
    const fstab = 'UUID=1 / btrfs subvol=@ 0 0\nUUID=1 /home btrfs defaults,subvol=@home 0 0\n';
    const files = { ...root, '/@/etc/fstab': fstab, '/@home/debian/.bash_history': 'ls\n' };
    const draft = collected([new MemoryFiles(files, { type: 'btrfs', uuid: '1' })]);
    expect(draft.os).toEqual(whole.os);
    expect(codesOf(draft)).toEqual(['shell_history']);
  });

  it('are subvolumes beside the default one too', () => {
    const at = ['@', 'snapshot'];
    const root = Object.fromEntries(Object.entries(debian).map(([path, node]) => [`/@/snapshot${path}`, node]));
    const fstab = 'UUID=1 / btrfs defaults 0 0\nUUID=1 /root btrfs subvol=/@/root 0 0\n';
    const files = { ...root, '/@/snapshot/etc/fstab': fstab, '/@/root/.ash_history': 'ls\n' };
    const draft = collected([new MemoryFiles(files, { type: 'btrfs', uuid: '1' }, at)]);
    expect([draft.os, codesOf(draft)]).toEqual([whole.os, ['shell_history']]);
  });

  it('are no guest if none has a system', () => {
    const draft = collected([new MemoryFiles({ '/photos/a.jpg': '' })]);
    expect([draft.os, draft.kernels, draft.hazards]).toEqual([null, null, []]);
  });
});

describe('a damaged guest', () => {
  it('is reported, and the rest of it is read', () => {
    const draft = collectedIn({
      ...soiled,
      '/etc/shadow': { damaged: true },
      '/boot/': '',
      '/var/lib/dpkg/status': { damaged: true },
    });
    expect(draft.why).toBe('damaged');
    expect(draft.troubles).toEqual(['/etc/shadow: it is damaged', 'its packages: it is damaged']);
    expect(codesOf(draft)).toEqual(['host_keys', 'machine_id_set', 'authorized_keys', 'shell_history']);
    expect([draft.packages, draft.os?.id]).toEqual([null, 'debian']);
  });

  it.each([
    [
      '/etc/ssh/ssh_host_rsa_key',
      '2 private keys of its SSH server: /etc/ssh/ssh_host_ed25519_key, /etc/dropbear/dropbear_rsa_host_key',
    ],
    ['/etc/dropbear', '2 private keys of its SSH server: /etc/ssh/ssh_host_rsa_key, /etc/ssh/ssh_host_ed25519_key'],
    ['/etc/shadow', '1 account with a password: old'],
    ['/etc/passwd', 'authorized SSH keys: /root/.ssh/authorized_keys'],
    ['/root/.ssh/authorized_keys', 'authorized SSH keys: /home/debian/.ssh/authorized_keys'],
    ['/root/.bash_history', 'shell history: /home/debian/.zsh_history'],
    ['/root', 'shell history: /home/debian/.zsh_history'],
  ])('has other files read without %s', (path, found) => {
    const draft = collectedIn({
      ...Object.fromEntries(Object.entries(soiled).filter(([name]) => !name.startsWith(`${path}/`))),
      '/etc/passwd': `debian:x:1000:1000::/home/debian:/bin/bash\nold:${someHash}:1001:1001::/home/old:/bin/sh\n`,
      '/home/debian/.ssh/authorized_keys': 'ssh-ed25519 AAAA somebody\n',
      '/etc/dropbear/dropbear_rsa_host_key': 'key',
      [path]: { damaged: true },
    });
    expect(hazardsOf(draft).map(({ message }) => message)).toContain(found);
    expect(draft.troubles).toHaveLength(1);
    expect(draft.troubles[0]).toMatch(new RegExp(`^${path}: it is `));
  });

  it('has kernels that are named beside a damaged directory of boot entries', () => {
    const draft = collectedIn({ ...debian, '/boot/loader': { damaged: true } });
    expect(draft.kernels).toEqual([{ version: '6.1.0-13-amd64', initrd: true }]);
    expect(draft.troubles).toEqual(['/boot/loader/entries: it is damaged']);
  });

  it('has long texts cut', () => {
    const long = 'x'.repeat(5000);
    const { os } = collectedIn({
      ...debian,
      ...release(`ID=${long}\nNAME="${'😀'.repeat(101)}"\nID_LIKE="${`${long} `.repeat(3)}"`),
    });
    expect([os?.id?.length, os?.name, os?.id_like.map(({ length }) => length)]).toEqual([
      200,
      '😀'.repeat(100),
      [200, 200, 200],
    ]);
  });
});
