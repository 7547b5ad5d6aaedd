// XFS as a kernel wrote it, and the files that the kernel listed in it: see test/disk/make-xfs-fixtures.sh.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import type { Span } from '../../../../src/disk/blocks/reading.ts';
import type { FileKind, GuestFiles } from '../../../../src/disk/filesystems/guest-files.ts';
import { inodeOffset, parseSuperblock } from '../../../../src/disk/filesystems/xfs/superblock.ts';
import { xfs } from '../../../../src/disk/filesystems/xfs/xfs.ts';
import { driveReads } from '../drive-reads.ts';

const folder = new URL('../../../fixtures/disk/file-systems/', import.meta.url);

/** The images that were unmounted. */
export const xfsNames = ['xfs-v5', 'xfs-v4', 'xfs-caseless'] as const;
export type XfsName = (typeof xfsNames)[number] | 'xfs-dirty';

function unpack(file: string): Buffer {
  return gunzipSync(readFileSync(new URL(`${file}.gz`, folder)));
}

const images = new Map<XfsName, Buffer>();

/** Shared by all callers, so it must not be changed. */
export function readXfs(name: XfsName): Buffer {
  const image = images.get(name) ?? unpack(name);
  images.set(name, image);
  return image;
}

/** One file as the kernel sees it. */
export interface ListedFile {
  /** Below the root, without a leading slash. */
  readonly path: string;
  readonly kind: FileKind;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly inode: number;
  /** SHA-256 of a file, or the target of a link; `-` for everything else. */
  readonly content: string;
}

const kinds: Readonly<Record<string, FileKind>> = {
  'regular file': 'file',
  'regular empty file': 'file',
  directory: 'directory',
  'symbolic link': 'link',
};

/** The files that the kernel listed, without the root. */
export function listedFiles(name: XfsName): readonly ListedFile[] {
  const lines = unpack(`${name}.txt`).toString().trimEnd().split('\n');
  return lines.flatMap((line) => {
    const [kind = '', size, mode, uid, gid, mtime, inode, content = '', path = ''] = line.split('|');
    if (path === '.') return [];
    const [user, group, time, number] = [uid, gid, mtime, inode].map(Number) as [number, number, number, number];
    return {
      path: path.slice(2),
      kind: kinds[kind] ?? 'other',
      size: Number(size),
      mode: Number.parseInt(mode ?? '', 8),
      uid: user,
      gid: group,
      mtime: time,
      inode: number,
      content,
    };
  });
}

export function openXfs(image: Uint8Array, onTurn?: (spans: readonly Span[]) => void): GuestFiles {
  return driveReads(xfs.open(new FlatBlocks(image.length)), image, onTurn);
}

/** A copy of an image with some of its bytes changed. */
export function changedXfs(image: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = new Uint8Array(image);
  change(new DataView(copy.buffer));
  return copy;
}

/** Offset of an inode, bytes. */
export function inodeAt(image: Uint8Array, inode: number): number {
  return inodeOffset(parseSuperblock(image.subarray(0, 512)), inode);
}

/** Offset of a block, bytes, in an image with one allocation group. */
export function blockAt(image: Uint8Array, block: number): number {
  return block * parseSuperblock(image.subarray(0, 512)).blockSize;
}

/**
 * The same image, with the extent list of an inode turned into a B+tree of two leaves in the last blocks, which are free. That
 * happens to a directory with more extents than fit into its inode.
 */
export function withExtentTree(image: Uint8Array, inode: number): Uint8Array {
  const { blockSize, blocks, checked, inodeSize } = parseSuperblock(image.subarray(0, 512));
  const at = inodeAt(image, inode);
  const copy = new Uint8Array(image);
  const view = new DataView(copy.buffer);
  const count = view.getUint32(at + 76);
  const fork = at + (checked ? 176 : 100);
  const records = copy.slice(fork, fork + count * 16);
  const room = Math.floor((at + inodeSize - fork - 4) / 16);
  const half = Math.ceil(count / 2);
  copy.fill(0, fork, at + inodeSize);
  view.setUint8(at + 5, 3);
  view.setUint16(fork, 1);
  view.setUint16(fork + 2, 2);
  for (const [index, part] of [records.subarray(0, half * 16), records.subarray(half * 16)].entries()) {
    const leaf = (blocks - 2 + index) * blockSize;
    view.setUint32(leaf, checked ? 0x424d_4133 : 0x424d_4150);
    view.setUint16(leaf + 6, part.length / 16);
    // Its siblings.
    view.setBigInt64(leaf + 8, index === 0 ? -1n : BigInt(blocks - 2));
    view.setBigInt64(leaf + 16, index === 0 ? BigInt(blocks - 1) : -1n);
    if (checked) view.setBigUint64(leaf + 56, BigInt(inode));
    copy.set(part, leaf + (checked ? 72 : 24));
    const first = new DataView(part.buffer, part.byteOffset).getBigUint64(0) / 2n ** 9n;
    view.setBigUint64(fork + 4 + index * 8, first);
    view.setBigUint64(fork + 4 + (room + index) * 8, BigInt(blocks - 2 + index));
  }
  return copy;
}
