// The known tree of files in each volume of the ext family.
import { dirname } from 'node:path';

export type TreeEntry =
  | { readonly kind: 'directory' }
  | { readonly kind: 'other' }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'file'; readonly size: number; readonly pieces: readonly Piece[] };

/** Bytes that are written to a file; the rest of the file is holes. */
interface Piece {
  readonly at: number;
  readonly bytes: Buffer;
}

/** Last change of all files, Unix seconds. */
export const treeTime = 1_700_000_000;

/** What differs from tree to tree. */
export interface TreeShape {
  /** Number of names in `many/`, of a few letters each; `long/` has a tenth as many, of 240 letters. */
  readonly names?: number;
  /** Whether a file is so long that it needs triple-indirect blocks. */
  readonly isFar?: true;
  /** Whether no file ends in a hole, since mke2fs 1.47 cuts such holes off files that began inline. */
  readonly endsInData?: true;
}

/** Text that names the KiB of the file that it is in. It compresses well. @param length bytes, a multiple of 8 */
function telling(at: number, length: number): Buffer {
  return Buffer.from(
    Array.from(
      { length: length / 8 },
      (_, index) => `${String(Math.floor((at + index * 8) / 1024)).padStart(7)}\n`,
    ).join(''),
  );
}

const file = (size: number, ...pieces: Piece[]): TreeEntry => ({ kind: 'file', size, pieces });
const text = (content: string): TreeEntry => file(content.length, { at: 0, bytes: Buffer.from(content) });
const told = (size: number): TreeEntry => file(size, { at: 0, bytes: telling(0, size + 8).subarray(0, size) });
const link = (target: string): TreeEntry => ({ kind: 'link', target });

/** The files of a volume by their paths, without its lost+found. */
export function treeOf({ names = 30, isFar, endsInData }: TreeShape): ReadonlyMap<string, TreeEntry> {
  const places = [0, 20_480, 307_200, 5_242_880, ...(isFar === true ? [71_303_168] : [])];
  const far = places.map((at) => ({ at, bytes: telling(at, 4096) }));
  const gaps = Array.from({ length: 400 }, (_, index) => ({ at: index * 8192, bytes: telling(index * 8192, 1024) }));
  const endOf = (pieces: readonly Piece[]): number => Math.max(...pieces.map(({ at, bytes }) => at + bytes.length));
  const tail = endsInData === true ? 0 : 700_003;
  const tree = new Map<string, TreeEntry>([
    ['etc/os-release', link('../usr/lib/os-release')],
    ['usr/lib/os-release', text('ID=debian\nVERSION_ID="12"\n')],
    ['etc/empty', text('')],
    ['etc/59', told(59)],
    ['etc/60', told(60)],
    ['etc/61', told(61)],
    ['etc/130', told(130)],
    ['etc/200', told(200)],
    ['etc/block', told(1024)],
    ['etc/long', link(`${'long/'.repeat(40)}name`)],
    ['etc/link-59', link('l'.repeat(59))],
    ['etc/link-60', link('l'.repeat(60))],
    ['etc/link-130', link('l'.repeat(130))],
    ['bin/pipe', { kind: 'other' }],
    ['deep/er/and/Ä-deeper/file', text('deep')],
    ['data/telling', told(100_001)],
    ['data/far', file(endOf(far) + tail, ...far)],
    ['data/gaps', file(endOf(gaps) + tail, ...gaps)],
    ['data/hole', file(300_000)],
  ]);
  for (let index = 0; index < names; index++) tree.set(`many/name ${String(index)} äöü`, text('the same for all'));
  for (let index = 0; index < names / 10; index++) tree.set(`long/${'n'.repeat(240)}${String(index)}`, text(''));
  const paths = Array.from(tree.keys());
  for (const path of paths) {
    for (let above = dirname(path); above !== '.'; above = dirname(above)) tree.set(above, { kind: 'directory' });
  }
  return tree;
}

/** The permissions of a file of the tree. */
export function modeOf(name: string): number {
  return name === 'etc/block' ? 0o4751 : 0o640;
}

/** The content of a file of the tree. */
export function contentOf(entry: TreeEntry): Uint8Array | null {
  if (entry.kind !== 'file') return null;
  const bytes = Buffer.alloc(entry.size);
  for (const piece of entry.pieces) bytes.set(piece.bytes, piece.at);
  return bytes;
}
