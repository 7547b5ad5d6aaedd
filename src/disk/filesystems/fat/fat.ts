// FAT12, FAT16 and FAT32, with long names.
// @see https://download.microsoft.com/download/1/6/1/161ba512-40e2-4cc9-843a-923143f3456c/fatgen103.doc
import { type Blocks, readAt, readPieces } from '../../blocks/blocks.ts';
import { damaged, type Reads } from '../../blocks/reading.ts';
import { hasText, viewOf } from '../../parsing/bytes.ts';
import type {
  DirectoryEntry,
  DirectoryPage,
  FileFacts,
  FileRef,
  GuestFiles,
  VolumeFacts,
  VolumeReader,
} from '../guest-files.ts';
import { bootSectorBytes, clusterOffset, type FatLayout, isBootSector, readLayout, slotBytes } from './boot-sector.ts';
import { type Place, placeOf, SlotPages, textOfPlace } from './slot-pages.ts';
import { type FatEntry, readSlotFacts, type SlotFacts } from './slots.ts';
import { ClusterTable } from './table.ts';

export const fat: VolumeReader = { recognise: isBootSector, open: openFat };

/** The root directory has no slot, so no other file has this reference. */
const root = 0;

function* openFat(blocks: Blocks): Reads<GuestFiles> {
  const sector = yield* readAt(blocks, 0, bootSectorBytes);
  const layout = readLayout(sector) ?? damaged('the fields of the boot sector are inconsistent');
  const table = new ClusterTable(blocks, layout);
  const pages = new SlotPages(blocks, layout, table);
  // The label is one of the first slots: tools write it first, systems wherever there is room.
  const { reader } = yield* pages.read(placeOf(layout.rootCluster));
  const free = yield* readFree(blocks, layout, table);
  const facts = { type: 'vfat', label: reader.label ?? layout.label, uuid: layout.volumeId, size: layout.size, free };
  return new FatVolume(blocks, layout, table, pages, facts);
}

const infoBytes = 512;
const freeUnknown = 0xffff_ffff;

/** Free bytes; null if FSInfo has no plausible number. */
function* readFree(blocks: Blocks, layout: FatLayout, table: ClusterTable): Reads<number | null> {
  if (layout.bits !== 32) return (yield* table.countFree()) * layout.clusterBytes;
  if (layout.infoOffset === null) return null;
  const info = yield* readAt(blocks, layout.infoOffset, infoBytes);
  if (!hasText(info, 0, 'RRaA') || !hasText(info, 484, 'rrAa')) return null;
  const clusters = viewOf(info).getUint32(488, true);
  return clusters === freeUnknown || clusters > layout.clusters ? null : clusters * layout.clusterBytes;
}

/** The root directory has no slot to describe it. */
const rootFacts: FileFacts = { kind: 'directory', size: 0, mode: null, uid: null, gid: null, mtime: null };

class FatVolume implements GuestFiles {
  readonly #blocks: Blocks;
  readonly #layout: FatLayout;
  readonly #table: ClusterTable;
  readonly #pages: SlotPages;
  readonly facts: VolumeFacts;
  readonly root = root;
  /** The slot read last: a file is usually read in several pieces. */
  #lastSlot: { readonly offset: number; readonly facts: SlotFacts } | null = null;

  constructor(blocks: Blocks, layout: FatLayout, table: ClusterTable, pages: SlotPages, facts: VolumeFacts) {
    this.#blocks = blocks;
    this.#layout = layout;
    this.#table = table;
    this.#pages = pages;
    this.facts = facts;
  }

  *stat(file: FileRef): Reads<FileFacts> {
    return (yield* this.#slot(file)).facts;
  }

  *list(directory: FileRef, from: number | string | null): Reads<DirectoryPage> {
    const place = from === null ? yield* this.#startOf(directory) : placeOf(from);
    const { reader, next } = yield* this.#pages.read(place);
    return { entries: reader.entries.map(toEntry), next: next === null ? null : textOfPlace(next) };
  }

  *find(directory: FileRef, name: string): Reads<DirectoryEntry | null> {
    const wanted = foldCase(name);
    let place: Place | null = yield* this.#startOf(directory);
    while (place !== null) {
      const { reader, next }: { reader: { entries: readonly FatEntry[] }; next: Place | null } =
        yield* this.#pages.read(place);
      const found = reader.entries.find((entry) => [entry.name, entry.shortName].map(foldCase).includes(wanted));
      if (found !== undefined) return toEntry(found);
      place = next;
    }
    return null;
  }

  *read(file: FileRef, offset: number, length: number): Reads<Uint8Array> {
    const { facts, cluster } = yield* this.#slot(file);
    if (facts.kind !== 'file') damaged('it is not a regular file');
    const { clusterBytes, clusters } = this.#layout;
    if (facts.size > clusters * clusterBytes) damaged('a file is larger than its volume');
    const end = Math.min(facts.size, offset + length);
    if (offset >= end) return new Uint8Array();
    const first = Math.floor(offset / clusterBytes);
    const runs = yield* this.#table.runs(cluster, first, Math.ceil(end / clusterBytes) - first);
    let start = first * clusterBytes;
    const pieces = runs.map((run) => {
      const piece = { start, length: run.count * clusterBytes, offset: clusterOffset(this.#layout, run.cluster) };
      start += piece.length;
      return piece;
    });
    return yield* readPieces(this.#blocks, pieces, { offset, length: end - offset });
  }

  // oxlint-disable-next-line require-yield -- FAT has no links
  *readLink(): Reads<string> {
    return damaged('it is not a symbolic link');
  }

  *#startOf(directory: FileRef): Reads<Place> {
    if (directory === root) return placeOf(this.#layout.rootCluster);
    const { facts, cluster } = yield* this.#slot(directory);
    if (facts.kind !== 'directory') damaged('it is not a directory');
    return this.#table.has(cluster)
      ? placeOf(cluster)
      : damaged(`the first cluster of a directory is out of range: ${String(cluster)}`);
  }

  *#slot(file: FileRef): Reads<SlotFacts> {
    if (file === root) return { facts: rootFacts, cluster: this.#layout.rootCluster };
    const offset = Number(file);
    if (this.#lastSlot?.offset === offset) return this.#lastSlot.facts;
    const facts = readSlotFacts(yield* readAt(this.#blocks, offset, slotBytes), this.#layout.bits);
    this.#lastSlot = { offset, facts };
    return facts;
  }
}

function toEntry({ name, offset, isDirectory }: FatEntry): DirectoryEntry {
  return { name, ref: offset, kind: isDirectory ? 'directory' : 'file' };
}

/** Names that differ only by case, or by trailing dots, are the same. */
function foldCase(name: string): string {
  let end = name.length;
  while (end > 1 && name[end - 1] === '.') end--;
  const kept = end === name.length ? name : name.slice(0, end);
  const upper = kept.toUpperCase();
  // A letter that becomes longer in upper case, such as ß, has no capital of its own in FAT.
  return upper.length === kept.length ? upper : Array.from(kept, upperUnit).join('');
}

function upperUnit(unit: string): string {
  const upper = unit.toUpperCase();
  return upper.length === unit.length ? upper : unit;
}
