// Directories of ISO 9660: records and names by the rules of Rock Ridge, Joliet or the plain standard.
import { type Blocks, readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { exactText, hasFlag } from '../../parsing/bytes.ts';
import type { DirectoryEntry, DirectoryPage, FileKind } from '../guest-files.ts';
import { withoutSlashes } from '../names.ts';
import { sectorBytes, type Tree } from './descriptors.ts';
import { isDirectory, isDot, type IsoRecord, readRecords, recordFlags } from './records.ts';
import { readRockRidge, type RockRidge } from './rock-ridge.ts';
import { readUseFields } from './system-use.ts';

/** How names are stored. `skipped`: bytes before the Rock Ridge fields of each record. */
export type Naming = { readonly kind: 'joliet' | 'plain' } | { readonly kind: 'rock-ridge'; readonly skipped: number };

/** Bytes of a directory to read at once. */
const pageBytes = 16 * sectorBytes;
/** Bytes of a directory: some hundred thousand files. */
const mostBytes = 64 * 1024 * 1024;

/** The Rock Ridge fields of each record; all null without Rock Ridge. @throws UnreadableError */
export function* readRocks(
  blocks: Blocks,
  records: readonly IsoRecord[],
  { blockBytes }: Tree,
  naming: Naming,
): Reads<readonly (RockRidge | null)[]> {
  if (naming.kind !== 'rock-ridge') return records.map(() => null);
  return (yield* readUseFields(blocks, records, naming.skipped, blockBytes)).map(readRockRidge);
}

/**
 * A piece of a directory.
 * @param directory its own record
 * @param from bytes to skip, a multiple of a sector; plus 1 within a file of several records that began earlier
 * @throws UnreadableError
 */
export function* readPage(
  blocks: Blocks,
  directory: IsoRecord,
  from: number,
  tree: Tree,
  naming: Naming,
): Reads<DirectoryPage> {
  if (directory.dataBytes > mostBytes) unsupported('a directory is too large to be read');
  const start = from - (from % sectorBytes);
  const length = Math.min(pageBytes, directory.dataBytes - start);
  if (length <= 0) return { entries: [], next: null };
  const offset = directory.dataOffset + start;
  const records = readRecords(yield* readAt(blocks, offset, length), offset, tree.blockBytes);
  let goesOn = from !== start;
  const named: IsoRecord[] = [];
  for (const record of records) {
    const isFirst = !goesOn;
    goesOn = hasFlag(record.flags, recordFlags.multiExtent);
    if (isFirst && !isDot(record) && !hasFlag(record.flags, recordFlags.associated)) named.push(record);
  }
  const rocks = yield* readRocks(blocks, named, tree, naming);
  const entries = named.flatMap((record, index) => toEntry(record, rocks[index] ?? null, tree, naming) ?? []);
  const end = start + length;
  return { entries, next: end < directory.dataBytes ? end + (goesOn ? 1 : 0) : null };
}

function toEntry(record: IsoRecord, rock: RockRidge | null, tree: Tree, naming: Naming): DirectoryEntry | null {
  // A relocated directory is hidden in its new place: a record in the old place leads to it.
  if (rock?.isRelocated === true) return null;
  const name = withoutSlashes(rock?.name ?? storedName(record, naming));
  if (name === '' || name === '.' || name === '..') return null;
  if (rock !== null && rock.childBlock !== null) {
    return { name, ref: rock.childBlock * tree.blockBytes, kind: 'directory' };
  }
  return { name, ref: isDirectory(record) ? record.dataOffset : record.offset, kind: fileKindOf(record, rock) };
}

const modeTypes: ReadonlyMap<number, FileKind> = new Map([
  [0o10, 'file'],
  [0o12, 'link'],
]);

export function fileKindOf(record: IsoRecord, rock: RockRidge | null): FileKind {
  if (isDirectory(record)) return 'directory';
  if (rock === null || rock.posix === null) return 'file';
  return modeTypes.get(Math.floor(rock.posix.mode / 0o10000) % 0o20) ?? 'other';
}

function storedName({ name }: IsoRecord, { kind }: Naming): string {
  const text = exactText(name, kind === 'joliet' ? 'utf-16be' : 'utf-8');
  const base = text.length > 2 && text.endsWith(';1') ? text.slice(0, -2) : text;
  let end = base.length;
  while (end > 1 && base[end - 1] === '.') end--;
  return base.slice(0, end);
}

/** A directory's own record is the first one in it. @throws UnreadableError if there is none */
export function expectDirectory(record: IsoRecord): IsoRecord {
  return isDirectory(record) ? record : damaged('it is not a directory');
}
