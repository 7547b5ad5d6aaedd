// A file system in memory, for tests that search one.
import { damaged, type Reads } from '../../../../src/disk/blocks/reading.ts';
import type {
  DirectoryEntry,
  DirectoryPage,
  FileFacts,
  FileRef,
  GuestFiles,
  VolumeFacts,
} from '../../../../src/disk/filesystems/guest-files.ts';

/** By path: the content of a file, the target of a link, or damage. Directories are implied. */
export type MemoryTree = Readonly<
  Record<string, string | Uint8Array | { readonly link: string } | { readonly damaged: true }>
>;

type Node = Map<string, Node> | MemoryTree[string];

const facts: VolumeFacts = { type: 'ext4', label: null, uuid: null, size: 4096, free: 1024 };
const pageEntries = 2;

/** The files of a tree. Damaged ones throw when they are read. */
export class MemoryFiles implements GuestFiles {
  readonly facts: VolumeFacts;
  readonly top = 0;
  readonly root: FileRef;
  readonly #nodes: Node[] = [];

  /** @param at path components of the root directory, from the top down */
  constructor(tree: MemoryTree, named: Partial<VolumeFacts> = {}, at: readonly string[] = []) {
    this.facts = { ...facts, ...named };
    const root = new Map<string, Node>();
    for (const [path, node] of Object.entries(tree)) {
      const names = path.split('/').filter((name) => name !== '');
      let directory = root;
      for (const name of names.slice(0, -1)) {
        const next = directory.get(name) ?? new Map<string, Node>();
        directory.set(name, next);
        directory = next as Map<string, Node>;
      }
      const last = names.at(-1);
      if (last !== undefined) directory.set(last, path.endsWith('/') ? new Map<string, Node>() : node);
    }
    this.#nodes.push(root);
    const below = at.reduce<Node>((node, name) => (node as Map<string, Node>).get(name) ?? node, root);
    this.root = below === root ? 0 : this.#nodes.push(below) - 1;
  }

  *stat(file: FileRef): Reads<FileFacts> {
    yield [];
    const node = this.#node(file);
    const size = bytesOf(node)?.length ?? 0;
    return { kind: kindOf(node), size, mode: 0o644, uid: 0, gid: 0, mtime: 0 };
  }

  *list(directory: FileRef, from: number | string | null): Reads<DirectoryPage> {
    yield [];
    const node = this.#node(directory);
    if (!(node instanceof Map)) return damaged('it is not a directory');
    const start = Number(from ?? 0);
    const entries = [...node].slice(start, start + pageEntries).map(([name, each]) => this.#entry(name, each));
    return { entries, next: start + pageEntries < node.size ? start + pageEntries : null };
  }

  *find(directory: FileRef, name: string): Reads<DirectoryEntry | null> {
    yield [];
    const node = this.#node(directory);
    if (!(node instanceof Map)) return damaged('it is not a directory');
    const found = node.get(name);
    return found === undefined ? null : this.#entry(name, found);
  }

  *read(file: FileRef, offset: number, length: number): Reads<Uint8Array> {
    yield [];
    const bytes = bytesOf(this.#node(file)) ?? damaged('it is not a regular file');
    return bytes.subarray(offset, offset + length);
  }

  *readLink(file: FileRef): Reads<string> {
    yield [];
    const node = this.#node(file);
    return typeof node === 'object' && 'link' in node ? node.link : damaged('it is not a symbolic link');
  }

  #entry(name: string, node: Node): DirectoryEntry {
    const known = this.#nodes.indexOf(node);
    const ref = typeof node === 'string' || known < 0 ? this.#nodes.push(node) - 1 : known;
    // Not every file system records the kinds of files in its directories.
    return { name, ref, kind: name.length % 2 === 0 ? null : kindOf(node) };
  }

  #node(ref: FileRef): Node {
    const node = this.#nodes[Number(ref)];
    if (node === undefined) return damaged('there is no such file');
    return typeof node === 'object' && 'damaged' in node ? damaged('it is damaged') : node;
  }
}

/** The bytes of a file; null for anything else. */
function bytesOf(node: Node): Uint8Array | null {
  if (typeof node === 'string') return Buffer.from(node);
  return node instanceof Uint8Array ? node : null;
}

function kindOf(node: Node): FileFacts['kind'] {
  if (node instanceof Map) return 'directory';
  return typeof node === 'object' && 'link' in node ? 'link' : 'file';
}
