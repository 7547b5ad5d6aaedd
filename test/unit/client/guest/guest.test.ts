// The files within image files: their names, their contents, and what is reported if they are unavailable.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileSystemSamples, readSample } from '../../../support/disk/volumes/file-system-corpus.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { digestOf, listAll, walkGuest, withGuest } from '../../../support/disk/guests/guest-walk.ts';
import { largeGuestImage } from '../../../support/disk/guests/large-guest.ts';
import { mbrSector } from '../../../support/disk/volumes/partition-tables.ts';
import { plenty, walk } from '../../../support/disk/walk.ts';
import { listedFiles, readXfs } from '../../../support/disk/volumes/xfs-volumes.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { GlanceError } from '../../../../src/errors.ts';

const mostBytes = 8 * 1024 * 1024;

/** One of each kind; the others are read in test/disk-tools/. */
const one: ReadonlySet<string> = new Set(['ext4-1k', 'btrfs', 'fat16', 'iso-rock-ridge']);

async function written(data: Uint8Array, name = 'disk'): Promise<string> {
  const path = join(await tempDir(), name);
  await writeFile(path, data);
  return path;
}

/** A disk of partitions with these contents. */
function partitioned(...volumes: readonly Uint8Array[]): Buffer {
  let sector = 2048;
  const rows = volumes.map((volume) => {
    const row = [0x83, sector, Math.ceil(volume.length / 512)] as const;
    sector += row[2] + 2048;
    return row;
  });
  const disk = Buffer.alloc(sector * 512);
  disk.set(mbrSector(rows));
  for (const [index, [, start]] of rows.entries()) disk.set(volumes[index] ?? [], start * 512);
  return disk;
}

describe('the files of a disk', () => {
  it.each(fileSystemSamples.filter(({ name }) => one.has(name)))(
    'are those of $name, each with its bytes',
    async ({ name, reader }) => {
      const data = readSample(name);
      const files = driveReads(reader.open(new FlatBlocks(data.length)), data);
      const reads = walk(files, { ...plenty, fileBytes: mostBytes }, undefined, files.top);
      const expected = [...driveReads(reads, data)].map(([path, { facts, bytes, target }]) => [
        path,
        facts.kind,
        facts.size,
        facts.mode,
        facts.uid,
        facts.gid,
        facts.mtime,
        bytes === null ? (target ?? '-') : createHash('sha256').update(bytes).digest('hex'),
      ]);
      const path = await written(data);
      const seen = await withGuest(path, async (guest) => await walkGuest(guest, mostBytes), {
        contentsLimit: 2 ** 30,
      });
      const found = [...seen].map(([each, { type, size, mode, uid, gid, modified_at: time, content }]) => [
        each,
        type,
        size,
        mode === null ? null : Number.parseInt(mode, 8),
        uid,
        gid,
        time === null ? null : Date.parse(time) / 1000,
        content,
      ]);
      expect(sorted(found)).toEqual(sorted(expected));
    },
  );

  it.each(['xfs-v5'] as const)('are those that the kernel saw in %s', async (name) => {
    const path = await written(readXfs(name));
    const seen = await withGuest(path, async (guest) => await walkGuest(guest, mostBytes), { contentsLimit: 2 ** 30 });
    const isRead = ({ size }: { size: number | null }): boolean => size !== null && size <= mostBytes;
    const expected = listedFiles(name).map((file) => [
      file.path,
      file.kind,
      file.kind === 'other' ? 0 : file.size,
      isRead(file) ? file.content : '',
    ]);
    const found = [...seen].map(([each, file]) => [each, file.type, file.size, isRead(file) ? file.content : '']);
    expect(sorted(found)).toEqual(sorted(expected));
  });

  it('are listed by name, with links unresolved', async () => {
    const path = await written(largeGuestImage());
    await withGuest(path, async (guest) => {
      const root = await listAll(guest, '/');
      expect(root.map(({ name }) => name)).toEqual([
        'bin',
        'boot',
        'etc',
        'home',
        'lib',
        'lost+found',
        'root',
        'usr',
        'var',
      ]);
      expect(root[0]).toMatchObject({ type: 'link', target: 'usr/bin', mode: '0777', uid: 0 });
      expect(await listAll(guest, 'bin')).toEqual(await listAll(guest, '/usr/bin'));
      expect(await listAll(guest, '/etc/os-release')).toMatchObject([
        { name: 'os-release', type: 'link', target: '../usr/lib/os-release' },
      ]);
      expect(await digestOf(guest, '/etc/os-release')).toBe(await digestOf(guest, '/usr/lib/os-release'));
    });
  });
});

describe('a disk without a system', () => {
  const [fat, iso] = [readSample('fat12'), readSample('iso-rock-ridge')];
  const names = async (path: string, partition?: string): Promise<readonly string[]> =>
    await withGuest(path, async (guest) => (await listAll(guest, '/')).map(({ name }) => name), { partition });
  const failure = async (path: string, partition?: string): Promise<unknown> =>
    await names(path, partition).catch((error: unknown) =>
      error instanceof GlanceError ? [error.code, error.message.slice(path.length)] : error,
    );

  it('has the files of its only file system', async () => {
    expect(await names(await written(partitioned(fat, new Uint8Array(4096))))).toEqual(await names(await written(fat)));
  });

  it('has those of the named partition, if there are several', async () => {
    const path = await written(partitioned(fat, new Uint8Array(4096), iso));
    expect(await failure(path)).toEqual([
      'contents.not_found',
      ': no system was found in it, but several file systems: there are 1 (vfat "FAT 12 DISK"), 3 (iso9660 "ROCK RIDGE")',
    ]);
    expect(await names(path, '1')).toEqual(await names(await written(fat)));
    expect(await names(path, '3')).toEqual(await names(await written(iso)));
    expect(await failure(path, '2')).toEqual(['contents.unreadable', ': partition 2: no file system was found in it']);
    expect(await failure(path, '4')).toMatchObject(['contents.not_found', expect.stringContaining('no partition "4"')]);
  });

  it('has those of the disc, if it is an ISO with partitions of its own', async () => {
    const hybrid = Buffer.from(iso);
    hybrid.set(mbrSector([[0xef, 64, 32]]));
    const path = await written(hybrid);
    expect(await names(path)).toEqual(await names(await written(iso)));
    expect(await failure(path, '1')).toMatchObject(['contents.unreadable', expect.stringContaining('partition 1')]);
  });

  it('says whether files are unreadable or missing', async () => {
    expect(await failure(await written(Buffer.alloc(4096, 1)))).toEqual([
      'contents.unreadable',
      ': no file system was found in it',
    ]);
    const swap = Buffer.alloc(8192);
    swap.write('SWAPSPACE2', 4096 - 10);
    expect(await failure(await written(swap))).toMatchObject([
      'contents.unreadable',
      expect.stringContaining('it has no file system whose files can be read: there is swap'),
    ]);
    expect(await failure(await written(new Uint8Array()))).toMatchObject(['data.empty', expect.any(String)]);
    expect(await failure(join(await tempDir(), 'none'))).toMatchObject(['io.missing', expect.any(String)]);
  });
});

const sorted = (rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] =>
  rows.toSorted((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1));
