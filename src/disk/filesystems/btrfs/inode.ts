// What is known of a file: its inode item.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#inode-item-01
import { damaged } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import type { FileFacts, FileKind } from '../guest-files.ts';
import { numberAt } from './fields.ts';

export const inodeBytes = 160;

/** Keyed by the four highest bits of the mode, as in stat(2). */
const kinds = new Map<number, FileKind>([
  [0o01, 'other'],
  [0o02, 'other'],
  [0o04, 'directory'],
  [0o06, 'other'],
  [0o10, 'file'],
  [0o12, 'link'],
  [0o14, 'other'],
]);

/** Struct btrfs_inode_item. @throws UnreadableError */
export function parseInode(item: Uint8Array): FileFacts {
  if (item.length !== inodeBytes) damaged('the length of an inode item is invalid');
  const view = viewOf(item);
  const mode = view.getUint32(52, true);
  const mtime = Number(view.getBigInt64(136, true));
  return {
    kind: kinds.get(Math.floor(mode / 0o10000)) ?? damaged('the file type of an inode is invalid'),
    size: numberAt(view, 16),
    mode: mode % 0o10000,
    uid: view.getUint32(44, true),
    gid: view.getUint32(48, true),
    mtime: Number.isSafeInteger(mtime) ? mtime : null,
  };
}
