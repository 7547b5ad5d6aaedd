// Subvolumes: trees of files listed in the root tree, and how directories lead from one into another.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#root-item-84
import { damaged, type Reads } from '../../blocks/reading.ts';
import { exactText, viewOf } from '../../parsing/bytes.ts';
import { hashName, parseDirItems } from './dir-items.ts';
import { itemType, lastOffset, levelAt, numberAt, type TreeRoot } from './fields.ts';
import { inodeBytes } from './inode.ts';
import type { Superblock } from './superblock.ts';
import type { Trees } from './trees.ts';

/** The subvolume that contains all others: BTRFS_FS_TREE_OBJECTID. */
export const topSubvolume = 5;
/** The first id of other subvolumes: BTRFS_FIRST_FREE_OBJECTID; the last are negative as signed numbers. */
const firstId = 256;
const rootItemBytes = 239;
/** Nearly all reads are in one subvolume or a few. */
const mostKept = 64;

export class Subvolumes {
  readonly #trees: Trees;
  readonly #superblock: Superblock;
  readonly #kept = new Map<number, TreeRoot>();

  constructor(trees: Trees, superblock: Superblock) {
    this.#trees = trees;
    this.#superblock = superblock;
  }

  /** Id of the subvolume that is mounted by default. @throws UnreadableError */
  *defaultId(): Reads<number> {
    const { root, rootDirectory } = this.#superblock;
    const key = { objectid: rootDirectory, type: itemType.dirItem, offset: hashName('default') };
    const item = yield* this.#trees.find(root, key);
    const entry = item === null ? undefined : parseDirItems(item.data).find(({ name }) => name === 'default');
    return entry === undefined ? topSubvolume : entry.location.objectid;
  }

  /** The root of a subvolume's tree. @throws UnreadableError */
  *tree(id: number): Reads<TreeRoot> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    if (id !== topSubvolume && (id < firstId || !Number.isSafeInteger(id)))
      damaged('the id of a subvolume is out of range');
    const item = yield* this.#trees.floor(this.#superblock.root, {
      objectid: id,
      type: itemType.root,
      offset: lastOffset,
    });
    if (item?.key.objectid !== id || item.key.type !== itemType.root) return damaged('a subvolume has no root item');
    const root = parseRootItem(item.data);
    if (this.#kept.size < mostKept) this.#kept.set(id, root);
    return root;
  }

  /**
   * Whether an entry for a subvolume really leads into it. Entries in snapshots of the directory around a subvolume do not: they
   * are empty directories.
   * @throws UnreadableError
   */
  *isEntered(
    id: number,
    from: { readonly subvolume: number; readonly directory: number; readonly name: string },
  ): Reads<boolean> {
    const key = { objectid: from.subvolume, type: itemType.rootRef, offset: id };
    const item = yield* this.#trees.find(this.#superblock.root, key);
    if (item === null) return false;
    const reference = parseRootRef(item.data);
    return reference.directory === from.directory && reference.name === from.name;
  }
}

/** Struct btrfs_root_item; newer versions are longer. */
function parseRootItem(item: Uint8Array): TreeRoot {
  if (item.length < rootItemBytes) damaged('the length of a root item is invalid');
  const view = viewOf(item);
  if (view.getUint32(216, true) === 0) damaged('a subvolume is deleted');
  return {
    generation: numberAt(view, inodeBytes),
    bytenr: numberAt(view, 176),
    level: levelAt(view, 238),
  };
}

/** Struct btrfs_root_ref. */
function parseRootRef(item: Uint8Array): { readonly directory: number; readonly name: string } {
  if (item.length < 18) damaged('the length of a root reference is invalid');
  const view = viewOf(item);
  const name = item.subarray(18, 18 + view.getUint16(16, true));
  return { directory: numberAt(view, 0), name: exactText(name) };
}
