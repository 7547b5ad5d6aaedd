// Names in directories.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#dir-item-54
import { damaged } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import { crc32c } from '../../parsing/crc32c.ts';
import type { FileKind } from '../guest-files.ts';
import { kindOfType, nameOf } from '../names.ts';
import { type Key, keyAt } from './fields.ts';

const headerBytes = 30;

export interface DirItem {
  readonly name: string;
  readonly kind: FileKind | null;
  /** The key of an inode item of the same tree, or of the root of another subvolume. */
  readonly location: Key;
}

/** Struct btrfs_dir_item; names with the same hash follow each other. @throws UnreadableError */
export function parseDirItems(item: Uint8Array): readonly DirItem[] {
  const view = viewOf(item);
  const found: DirItem[] = [];
  for (let at = 0; at < item.length;) {
    if (at + headerBytes > item.length) damaged('a directory entry is truncated');
    const name = item.subarray(at + headerBytes, at + headerBytes + view.getUint16(at + 27, true));
    const location = keyAt(view, at);
    const kind = kindOfType(view.getUint8(at + 29));
    at += headerBytes + view.getUint16(at + 25, true) + view.getUint16(at + 27, true);
    if (at > item.length) damaged('a directory entry is truncated');
    found.push({ name: nameOf(name), kind, location });
  }
  return found;
}

/**
 * The offset in a directory item's key: CRC-32C with another seed, and not inverted at the end.
 * @see https://github.com/torvalds/linux/blob/v6.12/fs/btrfs/ctree.h btrfs_name_hash
 */
export function hashName(name: string): number {
  return 0xffff_ffff - crc32c(Buffer.from(name), 1);
}
