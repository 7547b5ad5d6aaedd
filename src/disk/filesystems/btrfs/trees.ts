// Trees of items, sorted by key.
import { type Blocks, readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads, together, UnreadableError } from '../../blocks/reading.ts';
import { remember } from '../../blocks/remember.ts';
import type { ChunkMap } from './chunks.ts';
import { compareKeys, type Key, type TreeRoot } from './fields.ts';
import { type Item, type Node, parseNode, type Pointer, verifyNode } from './node.ts';
import type { Superblock } from './superblock.ts';

/** Bytes of cached nodes. */
const mostKeptBytes = 4 * 1024 * 1024;
/** Nodes to read at once. */
const batch = 4;

export class Trees {
  readonly #blocks: Blocks;
  readonly #chunks: ChunkMap;
  readonly #superblock: Superblock;
  readonly #kept = new Map<number, Node>();

  constructor(blocks: Blocks, chunks: ChunkMap, superblock: Superblock) {
    this.#blocks = blocks;
    this.#chunks = chunks;
    this.#superblock = superblock;
  }

  /**
   * Items with keys from one to another, both included, in order.
   * @param most items; any further ones are left out
   * @throws UnreadableError
   */
  *range(root: TreeRoot, from: Key, to: Key, most: number): Reads<readonly Item[]> {
    const top = yield* this.#node({ ...root, bounds: null });
    return yield* this.#collect(top, null, { from, to, most });
  }

  /** The last item whose key is at or before the given one; null if there is none. @throws UnreadableError */
  *floor(root: TreeRoot, key: Key): Reads<Item | null> {
    let pointer: Pointer = { ...root, bounds: null };
    for (;;) {
      const node: Node = yield* this.#node(pointer);
      const index = lastAtOrBelow(node.keys, key);
      if (node.level === 0) return node.items[index] ?? null;
      if (index < 0) return null;
      pointer = pointerAt(node, index, pointer.bounds?.end ?? null);
    }
  }

  /** The item with a key; null if there is none. @throws UnreadableError */
  *find(root: TreeRoot, key: Key): Reads<Item | null> {
    const item = yield* this.floor(root, key);
    return item !== null && compareKeys(item.key, key) === 0 ? item : null;
  }

  /** Levels decrease, and keys at one level ascend, so no node is visited twice. */
  *#collect(
    node: Node,
    end: Key | null,
    wanted: { readonly from: Key; readonly to: Key; readonly most: number },
  ): Reads<readonly Item[]> {
    const { from, to, most } = wanted;
    const found: Item[] = [];
    if (node.level === 0) {
      found.push(...node.items.filter(({ key }) => compareKeys(from, key) <= 0 && compareKeys(key, to) <= 0));
    }
    const first = Math.max(0, lastAtOrBelow(node.keys, from));
    const last = lastAtOrBelow(node.keys, to);
    const pointers = node.pointers.slice(first, last + 1).map((_, index) => pointerAt(node, first + index, end));
    for (let at = 0; at < pointers.length && found.length < most; at += batch) {
      const some = pointers.slice(at, at + batch);
      const children = yield* together(some.map((pointer) => this.#node(pointer)));
      for (const [index, child] of children.entries()) {
        if (found.length >= most) break;
        const limits = { from, to, most: most - found.length };
        for (const item of yield* this.#collect(child, some[index]?.bounds?.end ?? null, limits)) found.push(item);
      }
    }
    return found.slice(0, most);
  }

  /** The node that is pointed to: the first intact one of several copies. */
  *#node(pointer: Pointer): Reads<Node> {
    const kept = this.#kept.get(pointer.bytenr);
    if (kept !== undefined) {
      verifyNode(kept, pointer);
      this.#keep(kept);
      return kept;
    }
    const { nodeBytes, checksumType, sectorBytes } = this.#superblock;
    if (pointer.bytenr % sectorBytes !== 0) damaged('a block pointer is not aligned to a sector');
    let failure: UnreadableError | null = null;
    for (const { offset, length } of this.#chunks.copies(pointer.bytenr, nodeBytes)) {
      try {
        const bytes = yield* readAt(this.#blocks, offset, length);
        // A copy, so that the larger buffer around the node is not kept.
        const node = parseNode(Uint8Array.from(bytes), pointer.bytenr, checksumType);
        verifyNode(node, pointer);
        this.#keep(node);
        return node;
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
        failure ??= error;
      }
    }
    throw failure ?? new UnreadableError('damaged', 'a tree node has no location');
  }

  #keep(node: Node): void {
    remember(this.#kept, node.bytenr, node, Math.floor(mostKeptBytes / this.#superblock.nodeBytes));
  }
}

/** The index of the last key at or before another; -1 if there is none. @param keys ascending */
function lastAtOrBelow(keys: readonly Key[], key: Key): number {
  let low = 0;
  for (let high = keys.length; low < high;) {
    const middle = Math.floor((low + high) / 2);
    const at = keys[middle];
    if (at !== undefined && compareKeys(at, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** @param end all keys of the node are below it; null if nothing follows */
function pointerAt({ keys, pointers }: Node, index: number, end: Key | null): Pointer {
  const pointer = pointers[index] ?? damaged('a tree node has no block pointers');
  return { ...pointer, bounds: { first: pointer.key, end: keys[index + 1] ?? end } };
}
