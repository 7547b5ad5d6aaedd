// Names in directories.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#dir-item-54
import { damaged } from '../../blocks/reading.ts';
import { exactText, viewOf } from '../../parsing/bytes.ts';
import { crc32c } from '../../parsing/crc32c.ts';
import type { FileKind } from '../guest-files.ts';
import { type Key, keyAt } from './fields.ts';

const headerBytes = 30;
const mostNameBytes = 255;
const slash = 0x2f;

/** By btrfs_dir_item's type; 8 are extended attributes. */
const kinds: readonly (FileKind | null)[] = [null, 'file', 'directory', 'other', 'other', 'other', 'other', 'link'];

export interface DirItem {
  readonly name: string;
  readonly kind: FileKind | null;
  /** The key of an inode item of the same tree, or of the root of another subvolume. */
  readonly location: Key;
}

/** Struct btrfs_dir_item; names whose hash is the same stand behind each other. @throws UnreadableError */
export function parseDirItems(item: Uint8Array): readonly DirItem[] {
  const view = viewOf(item);
  const found: DirItem[] = [];
  for (let at = 0; at < item.length;) {
    if (at + headerBytes > item.length) damaged('half a directory entry');
    const name = item.subarray(at + headerBytes, at + headerBytes + view.getUint16(at + 27, true));
    const location = keyAt(view, at);
    const kind = kinds[view.getUint8(at + 29)] ?? null;
    at += headerBytes + view.getUint16(at + 25, true) + view.getUint16(at + 27, true);
    if (at > item.length) damaged('half a directory entry');
    found.push({ name: nameOf(name), kind, location });
  }
  return found;
}

/** The text of a name that can be one; what is no UTF-8 is replaced. @throws UnreadableError */
export function nameOf(bytes: Uint8Array): string {
  const isName = bytes.length > 0 && bytes.length <= mostNameBytes && !bytes.includes(slash) && !bytes.includes(0);
  return isName ? exactText(bytes) : damaged('a directory entry whose name cannot be');
}

/**
 * The offset of a directory item's key: CRC-32C with a start of its own, not inverted in the end.
 * @see https://github.com/torvalds/linux/blob/v6.12/fs/btrfs/ctree.h btrfs_name_hash
 */
export function hashName(name: string): number {
  return 0xffff_ffff - crc32c(Buffer.from(name), 1);
}
