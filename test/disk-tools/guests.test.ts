// A guest in every supported kind of file system, disk layout and container: what is reported about it, and the contents of
// each of its files, are always the same.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Layout,
  layouts,
  makeDisk,
  makeRoot,
  rootTypes,
  type RootType,
  writeMemoryTree,
} from '../support/disk/guests/guest-disks.ts';
import { walkGuest, withGuest } from '../support/disk/guests/guest-walk.ts';
import { largeCount, largeGuest } from '../support/disk/guests/guests.ts';
import { keptFacts, readLocalTree } from '../support/disk/local-tree.ts';
import type { MemoryTree } from '../support/disk/guests/memory-files.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { runCli } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const containers: readonly (readonly [name: string, ...options: string[]])[] = [
  ['qcow2, clusters of zlib', '-O', 'qcow2', '-c'],
  ['qcow2, clusters of zstd', '-O', 'qcow2', '-c', '-o', 'compression_type=zstd'],
  ['qcow2, subclusters', '-O', 'qcow2', '-o', 'extended_l2=on'],
  ['VMDK, sparse', '-O', 'vmdk', '-o', 'subformat=monolithicSparse'],
  ['VMDK, for streams', '-O', 'vmdk', '-o', 'subformat=streamOptimized'],
  ['VHD, fixed', '-O', 'vpc', '-o', 'subformat=fixed'],
  ['VHD, dynamic', '-O', 'vpc', '-o', 'subformat=dynamic'],
  ['VHDX', '-O', 'vhdx'],
  ['VDI', '-O', 'vdi'],
];

/** How many directories and links deep os-release lies: mkfs.xfs corrupts long links. */
const steps = 5;
const depthOfStep = 60;

function deepGuest(): MemoryTree {
  const { '/usr/lib/os-release': release = '', ...tree } = largeGuest();
  const step = 'd/'.repeat(depthOfStep);
  const links = Array.from({ length: steps }, (_, index): [string, MemoryTree[string]] => [
    `/${step.repeat(index)}next`,
    { link: `${step}${index === steps - 1 ? 'os-release' : 'next'}` },
  ]);
  const path = `/${step.repeat(steps)}os-release`;
  return { ...tree, ...Object.fromEntries(links), '/usr/lib/os-release': { link: '/next' }, [path]: release };
}

const isPossible = hasTools('mke2fs', 'mkfs.xfs', 'mkfs.btrfs', 'sfdisk', 'qemu-img');

describe.skipIf(!isPossible)('a guest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guests-'));
  const roots = new Map<RootType, string>();

  beforeAll(() => writeMemoryTree(join(folder, 'tree'), deepGuest()));
  afterAll(() => rmSync(folder, { recursive: true }));

  function rootOf(type: RootType): string {
    const made = roots.get(type);
    if (made !== undefined) return made;
    const root = join(folder, type);
    makeRoot(type, join(folder, 'tree'), root);
    roots.set(type, root);
    return root;
  }

  async function expectKnown(image: string, type: RootType): Promise<void> {
    const { code, stdout, stderr } = await runCli(['inspect', image, '--contents', '-f', 'json']);
    const { contents, hazards } = JSON.parse(stdout) as { contents: unknown; hazards: { code: string }[] };
    expect([code, stderr]).toEqual([0, '']);
    expect(contents).toMatchObject({
      read: true,
      why: null,
      filesystems: expect.arrayContaining([expect.objectContaining({ type, read: true })]),
      os: { id: 'debian', version_id: '12', architecture: 'x86_64' },
      kernels: [{ version: '6.1.0-13-amd64', initrd: true }],
      packages: { manager: 'dpkg', count: largeCount },
      cloud_init: { datasources: ['NoCloud', 'ConfigDrive', 'OpenStack', 'None'] },
      guest_agent: true,
      machine_id: 'set',
    });
    expect(hazards.map((each) => each.code).filter((each) => each !== 'extended_l2')).toEqual([
      'host_keys',
      'machine_id_set',
      'password_set',
      'authorized_keys',
      'shell_history',
    ]);
  }

  /** Every file by its digest, and the target of every link. */
  async function expectRead(image: string): Promise<void> {
    const seen = await withGuest(image, walkGuest, { contentsLimit: 2 ** 30 });
    const found = [...seen].filter(([path]) => path !== 'lost+found').map(([path, file]) => [path, keptFacts(file)]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(readLocalTree(join(folder, 'tree'))));
  }

  const both = rootTypes.flatMap((type) => layouts.map((layout): [RootType, Layout] => [type, layout]));
  it.each(both)('on %s is recognised with %s', async (type, layout) => {
    const disk = join(await tempDir(), 'disk');
    makeDisk(layout, rootOf(type), disk);
    await expectKnown(disk, type);
    await expectRead(disk);
  });

  it.each(containers)('is recognised in a %s', async (_name, ...options) => {
    const scratch = await tempDir();
    const [disk, image] = [join(scratch, 'disk'), join(scratch, 'image')];
    makeDisk('GPT', rootOf('ext4'), disk);
    runTool('qemu-img', ['convert', '-f', 'raw', ...options, disk, image]);
    await expectKnown(image, 'ext4');
    await expectRead(image);
  });
});
