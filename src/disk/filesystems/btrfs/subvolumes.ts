// Subvolumes: trees of files, which the root tree lists, and how their directories lead from one into another.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#root-item-84
import { damaged, type Reads } from '../../blocks/reading.ts';
import { exactText, viewOf } from '../../parsing/bytes.ts';
import { hashName, parseDirItems } from './dir-items.ts';
import { itemType, lastOffset, levelAt, numberAt, type TreeRoot } from './fields.ts';
import { inodeBytes } from './inode.ts';
import type { Superblock } from './superblock.ts';
import type { Trees } from './trees.ts';

/** The one that all others are in: BTRFS_FS_TREE_OBJECTID. */
export const topSubvolume = 5;
/** Ids of subvolumes besides the top one: BTRFS_FIRST_FREE_OBJECTID, and what is below 0 as a signed number. */
const firstId = 256;
const rootItemBytes = 239;
/** Kept, as nearly all that is asked for is in one or a few. */
const mostKept = 64;

export class Subvolumes {
  readonly #trees: Trees;
  readonly #superblock: Superblock;
  readonly #kept = new Map<number, TreeRoot>();

  constructor(trees: Trees, superblock: Superblock) {
    this.#trees = trees;
    this.#superblock = superblock;
  }

  /** The id of the subvolume that is mounted unless another one is asked for. @throws UnreadableError */
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
      damaged('a subvolume with an id that cannot be');
    const item = yield* this.#trees.floor(this.#superblock.root, {
      objectid: id,
      type: itemType.root,
      offset: lastOffset,
    });
    if (item?.key.objectid !== id || item.key.type !== itemType.root) return damaged('a subvolume that is not there');
    const root = parseRootItem(item.data);
    if (this.#kept.size < mostKept) this.#kept.set(id, root);
    return root;
  }

  /**
   * Whether an entry that leads into a subvolume is the one that does. Those in snapshots of what is around a subvolume do not:
   * they are empty directories.
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

/** Struct btrfs_root_item, of which newer ones are longer. */
function parseRootItem(item: Uint8Array): TreeRoot {
  if (item.length < rootItemBytes) damaged('a subvolume of an odd length');
  const view = viewOf(item);
  if (view.getUint32(216, true) === 0) damaged('a subvolume that is deleted');
  return {
    generation: numberAt(view, inodeBytes),
    bytenr: numberAt(view, 176),
    level: levelAt(view, 238),
  };
}

/** Struct btrfs_root_ref. */
function parseRootRef(item: Uint8Array): { readonly directory: number; readonly name: string } {
  if (item.length < 18) damaged('a reference to a subvolume of an odd length');
  const view = viewOf(item);
  const name = item.subarray(18, 18 + view.getUint16(16, true));
  return { directory: numberAt(view, 0), name: exactText(name) };
}
