// ISO 9660 with Rock Ridge or Joliet. On a disc that also has UDF, only the ISO 9660 side is read.
// @see https://ecma-international.org/publications-and-standards/standards/ecma-119/
import { type Blocks, readAt, readPieces } from '../../blocks/blocks.ts';
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { hasFlag, hasText } from '../../parsing/bytes.ts';
import type {
  DirectoryEntry,
  DirectoryPage,
  FileFacts,
  FileRef,
  GuestFiles,
  VolumeFacts,
  VolumeReader,
} from '../guest-files.ts';
import { search } from '../names.ts';
import {
  type Descriptors,
  descriptorsOffset,
  mostDescriptors,
  readDescriptors,
  sectorBytes,
  type Tree,
} from './descriptors.ts';
import { expectDirectory, fileKindOf, type Naming, readPage, readRocks } from './directory.ts';
import { type IsoRecord, readRecord, recordFlags } from './records.ts';
import { findSkipped, hasRockRidge, type RockRidge } from './rock-ridge.ts';
import { readUseFields } from './system-use.ts';

export const iso9660: VolumeReader = {
  recognise: (front) => hasText(front, descriptorsOffset + 1, 'CD001'),
  open: openIso,
};

/** Upper limit of a record, in bytes. */
const mostRecordBytes = 255;
/** Pieces of a file: twice as many as 2^32 blocks of 2 KiB need at 4 GiB each. */
const mostSections = 4096;

function* openIso(blocks: Blocks): Reads<GuestFiles> {
  const [sectors = new Uint8Array()] = yield* blocks.read([
    { offset: descriptorsOffset, length: mostDescriptors * sectorBytes },
  ]);
  const descriptors = readDescriptors(sectors) ?? damaged('it has no valid primary volume descriptor');
  const { label, uuid, size } = descriptors;
  const facts = { type: 'iso9660', label, uuid, size, free: 0 };
  return new IsoVolume(blocks, facts, ...(yield* chooseTree(blocks, descriptors)));
}

/** Prefers Rock Ridge to Joliet, and Joliet to plain names. */
function* chooseTree(blocks: Blocks, { primary, joliet }: Descriptors): Reads<[Tree, Naming]> {
  const root = yield* readRecordAt(blocks, primary.rootOffset, primary);
  const skipped = findSkipped(root.systemUse);
  if (skipped !== null) {
    const [fields = []] = yield* readUseFields(blocks, [root], skipped, primary.blockBytes);
    if (hasRockRidge(fields)) return [primary, { kind: 'rock-ridge', skipped }];
  }
  return joliet === null ? [primary, { kind: 'plain' }] : [joliet, { kind: 'joliet' }];
}

function* readRecordAt(blocks: Blocks, offset: number, { blockBytes }: Tree): Reads<IsoRecord> {
  const [bytes = new Uint8Array()] = yield* blocks.read([{ offset, length: mostRecordBytes }]);
  return readRecord(bytes, 0, offset, blockBytes) ?? damaged('a directory record is missing');
}

/** A file with all its pieces. */
interface IsoFile {
  readonly record: IsoRecord;
  readonly rock: RockRidge | null;
  readonly sections: readonly IsoRecord[];
}

class IsoVolume implements GuestFiles {
  readonly #blocks: Blocks;
  readonly #tree: Tree;
  readonly #naming: Naming;
  readonly facts: VolumeFacts;
  /** A reference is a byte offset: of a directory's own first record, or of a file's record in its directory. */
  readonly root: number;
  /** The file read last: it is usually read in several pieces. */
  #last: { readonly ref: FileRef; readonly file: IsoFile } | null = null;

  constructor(blocks: Blocks, facts: VolumeFacts, tree: Tree, naming: Naming) {
    this.#blocks = blocks;
    this.facts = facts;
    this.#tree = tree;
    this.#naming = naming;
    this.root = tree.rootOffset;
  }

  *stat(ref: FileRef): Reads<FileFacts> {
    const { record, rock, sections } = yield* this.#file(ref);
    const kind = fileKindOf(record, rock);
    const posix = rock?.posix ?? null;
    return {
      kind,
      size: rock?.unpackedBytes ?? sections.reduce((sum, { dataBytes }) => sum + dataBytes, 0),
      mode: posix === null ? null : posix.mode % 0o10000,
      uid: posix?.uid ?? null,
      gid: posix?.gid ?? null,
      mtime: rock?.mtime ?? record.recorded,
    };
  }

  *list(directory: FileRef, from: number | string | null): Reads<DirectoryPage> {
    const { record } = yield* this.#file(directory);
    return yield* readPage(this.#blocks, expectDirectory(record), Number(from ?? 0), this.#tree, this.#naming);
  }

  *find(directory: FileRef, name: string): Reads<DirectoryEntry | null> {
    const wanted = this.#fold(name);
    return yield* search(this, directory, (entry) => this.#fold(entry.name) === wanted);
  }

  *read(ref: FileRef, offset: number, length: number): Reads<Uint8Array> {
    const { record, rock, sections } = yield* this.#file(ref);
    if (fileKindOf(record, rock) !== 'file') damaged('it is not a regular file');
    if (typeof rock?.unpackedBytes === 'number') unsupported('a file is compressed (zisofs)');
    if (sections.some(({ isInterleaved }) => isInterleaved)) unsupported('a file is interleaved');
    let size = 0;
    const pieces = sections.map(({ dataOffset, dataBytes }) => {
      const piece = { start: size, length: dataBytes, offset: dataOffset };
      size += dataBytes;
      return piece;
    });
    return yield* readPieces(this.#blocks, pieces, { offset, length: Math.max(0, Math.min(length, size - offset)) });
  }

  *readLink(ref: FileRef): Reads<string> {
    const { record, rock } = yield* this.#file(ref);
    return fileKindOf(record, rock) === 'link'
      ? (rock?.target ?? damaged('a symbolic link has no target'))
      : damaged('it is not a symbolic link');
  }

  /** Only names of Rock Ridge are case-sensitive: plain ones have only capital letters. */
  #fold(name: string): string {
    return this.#naming.kind === 'rock-ridge' ? name : name.toUpperCase();
  }

  *#file(ref: FileRef): Reads<IsoFile> {
    if (this.#last?.ref === ref) return this.#last.file;
    const record = yield* readRecordAt(this.#blocks, Number(ref), this.#tree);
    const [rock = null] = yield* readRocks(this.#blocks, [record], this.#tree, this.#naming);
    const file = { record, rock, sections: yield* this.#sections(record) };
    this.#last = { ref, file };
    return file;
  }

  /** A file of 4 GiB or more has several consecutive records. */
  *#sections(first: IsoRecord): Reads<readonly IsoRecord[]> {
    const sections = [first];
    let last = first;
    while (hasFlag(last.flags, recordFlags.multiExtent)) {
      if (sections.length >= mostSections) damaged('a file has too many sections');
      last = yield* this.#recordAfter(last);
      if (Buffer.compare(last.name, first.name) !== 0) damaged('a section of a file is missing');
      sections.push(last);
    }
    return sections;
  }

  *#recordAfter({ offset, length }: IsoRecord): Reads<IsoRecord> {
    const end = offset + length;
    const nextSector = Math.ceil(end / sectorBytes) * sectorBytes;
    const [byte] = end === nextSector ? [0] : yield* readAt(this.#blocks, end, 1);
    return yield* readRecordAt(this.#blocks, byte === 0 ? nextSector : end, this.#tree);
  }
}
