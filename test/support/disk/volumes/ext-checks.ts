// The expected contents of the volumes in ext-volumes.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { ext } from '../../../../src/disk/filesystems/ext/ext.ts';
import type { GuestFiles } from '../../../../src/disk/filesystems/guest-files.ts';
import { driveReads } from '../drive-reads.ts';
import { contentOf, modeOf, treeOf, treeTime } from './ext-tree.ts';
import { type ExtVolume, extVolumes } from './ext-volumes.ts';
import { findPath, walk } from '../walk.ts';

export const extFixtures = extVolumes.filter(({ isFixture }) => isFixture === true);

export function readExtFixture(name: string): Buffer {
  return gunzipSync(readFileSync(join(import.meta.dirname, `../../../fixtures/disk/file-systems/${name}.gz`)));
}

export function openExt(data: Uint8Array): GuestFiles {
  return driveReads(ext.open(new FlatBlocks(data.length)), data);
}

/** What a walk finds or should find: each file as a text that is short enough to compare and show. */
export interface Found {
  readonly kind: string;
  readonly content: string;
  readonly mode: number | null;
  readonly mtime: number | null;
}

export function expectedFiles(volume: ExtVolume): Map<string, Found> {
  return new Map(
    [...treeOf(volume)].map(([path, entry]) => {
      const content = entry.kind === 'link' ? entry.target : summary(contentOf(entry) ?? new Uint8Array());
      const isFile = entry.kind === 'file';
      return [path, { kind: entry.kind, content, mode: isFile ? modeOf(path) : null, mtime: isFile ? treeTime : null }];
    }),
  );
}

export function foundFiles(data: Uint8Array): Map<string, Found> {
  const files = driveReads(walk(openExt(data)), data);
  return new Map(
    [...files]
      .filter(([path]) => path !== 'lost+found')
      .map(([path, { facts, bytes, target }]) => {
        const isFile = facts.kind === 'file';
        const content = target ?? summary(bytes ?? new Uint8Array());
        return [
          path,
          { kind: facts.kind, content, mode: isFile ? facts.mode : null, mtime: isFile ? facts.mtime : null },
        ];
      }),
  );
}

/** The inode of each path of the tree: as `find` gives it, and as `list` does. */
export function numbersByName(volume: ExtVolume, data: Uint8Array): readonly [found: unknown[], listed: unknown[]] {
  const files = openExt(data);
  const listed = driveReads(walk(files), data);
  const paths = [...treeOf(volume).keys()];
  return [
    paths.map((path) => driveReads(findPath(files, path), data)?.ref),
    paths.map((path) => listed.get(path)?.entry.ref),
  ];
}

const zeros = Buffer.alloc(1024);

/** A summary of a file: its size, and every KiB that is not all zeros, with its offset. */
function summary(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 1024) {
    const piece = bytes.subarray(at, at + 1024);
    if (!zeros.subarray(0, piece.length).equals(piece))
      pieces.push(`${String(at)}:${Buffer.from(piece).toString('latin1')}`);
  }
  return `${String(bytes.length)} ${pieces.join()}`;
}

/** Offset of an inode of the first group, in a volume with blocks of 1 KiB and descriptors of 64 bytes. */
export function inodeOffset(data: Buffer, number: number): number {
  return data.readUInt32LE(2048 + 8) * 1024 + (number - 1) * data.readUInt16LE(1024 + 0x58);
}

/** The inode of a path. */
export function inodeOf(data: Uint8Array, path: string): number {
  const ref = driveReads(findPath(openExt(data), path), data)?.ref;
  if (typeof ref !== 'number') throw new Error(`no ${path}`);
  return ref;
}
