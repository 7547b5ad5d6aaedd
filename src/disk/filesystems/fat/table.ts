// The table that chains clusters. Only the pieces that chains lead through are read.
import { type Blocks, readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads } from '../../blocks/reading.ts';
import { remember } from '../../blocks/remember.ts';
import { viewOf } from '../../parsing/bytes.ts';
import type { FatLayout } from './boot-sector.ts';

/** Bytes of the table to read at once. A whole FAT12 table, whose entries cross any boundary, fits into one piece. */
const pieceBytes = 8192;
const keptPieces = 4;
const keptPositions = 8;

/** Contiguous clusters. */
interface Run {
  readonly cluster: number;
  readonly count: number;
}

/** How far a chain was followed. */
interface Position {
  readonly index: number;
  readonly cluster: number;
  /** An earlier cluster, and the index at which to mark another: a chain that returns to the mark is a loop (Brent). */
  readonly mark: number;
  readonly nextMark: number;
}

export class ClusterTable {
  readonly #blocks: Blocks;
  readonly #layout: FatLayout;
  readonly #pieces = new Map<number, Uint8Array>();
  /** Recent positions by first cluster, so that sequential reads need not follow a chain from its start. */
  readonly #positions = new Map<number, Position>();

  constructor(blocks: Blocks, layout: FatLayout) {
    this.#blocks = blocks;
    this.#layout = layout;
  }

  /** Whether the cluster exists. */
  has(cluster: number): boolean {
    return cluster >= 2 && cluster < this.#layout.clusters + 2;
  }

  /** The next cluster; null after the last. @throws UnreadableError if the entry is out of range */
  *next(cluster: number): Reads<number | null> {
    if (!this.has(cluster)) damaged(`cluster number ${String(cluster)} is out of range`);
    const { bits } = this.#layout;
    const at = Math.floor((cluster * bits) / 8);
    const piece = Math.floor(at / pieceBytes);
    const bytes = this.#pieces.get(piece) ?? (yield* this.#readPiece(piece));
    const next = entryOf(viewOf(bytes), at % pieceBytes, cluster, bits);
    // The eight highest values mark the end.
    if (next >= entryMask(bits) - 7) return null;
    return this.has(next) ? next : damaged(`a cluster chain leads to ${String(next)}, which is not a data cluster`);
  }

  *#readPiece(piece: number): Reads<Uint8Array> {
    const { tableOffset, tableBytes } = this.#layout;
    const start = piece * pieceBytes;
    const bytes = yield* readAt(this.#blocks, tableOffset + start, Math.min(pieceBytes, tableBytes - start));
    remember(this.#pieces, piece, bytes, keptPieces);
    return bytes;
  }

  /**
   * A part of a chain.
   * @param start its first cluster
   * @param first clusters to skip, from 0 on
   * @param count from 1 on
   * @throws UnreadableError if it ends too soon, leads nowhere or in a circle
   */
  *runs(start: number, first: number, count: number): Reads<readonly Run[]> {
    if (!this.has(start)) damaged(`the first cluster of a file is out of range: ${String(start)}`);
    const kept = this.#positions.get(start);
    let position =
      kept !== undefined && kept.index <= first ? kept : { index: 0, cluster: start, mark: start, nextMark: 1 };
    while (position.index < first) position = yield* this.#step(position);
    const runs = [{ cluster: position.cluster, count: 1 }];
    for (let done = 1; done < count; done++) {
      position = yield* this.#step(position);
      const last = runs.at(-1);
      if (last !== undefined && last.cluster + last.count === position.cluster) last.count++;
      else runs.push({ cluster: position.cluster, count: 1 });
    }
    remember(this.#positions, start, position, keptPositions);
    return runs;
  }

  *#step({ index, cluster, mark, nextMark }: Position): Reads<Position> {
    const next = (yield* this.next(cluster)) ?? damaged('a cluster chain is shorter than its file');
    if (next === mark) damaged('a cluster chain is circular');
    const isMark = index + 1 === nextMark;
    return { index: index + 1, cluster: next, mark: isMark ? next : mark, nextMark: isMark ? nextMark * 2 : nextMark };
  }

  /** Counts free clusters of FAT12 and FAT16, whose table has 128 KiB at most. @throws UnreadableError */
  *countFree(): Reads<number> {
    const { bits, clusters, tableOffset } = this.#layout;
    const bytes = yield* readAt(this.#blocks, tableOffset, Math.ceil(((clusters + 2) * bits) / 8));
    const view = viewOf(bytes);
    let free = 0;
    for (let cluster = 2; cluster < clusters + 2; cluster++) {
      if (entryOf(view, Math.floor((cluster * bits) / 8), cluster, bits) === 0) free++;
    }
    return free;
  }
}

function entryMask(bits: number): number {
  return bits === 32 ? 0x0fff_ffff : 2 ** bits - 1;
}

function entryOf(view: DataView, at: number, cluster: number, bits: number): number {
  if (bits === 32) return view.getUint32(at, true) % 0x1000_0000;
  const pair = view.getUint16(at, true);
  if (bits === 16) return pair;
  return cluster % 2 === 0 ? pair % 0x1000 : Math.floor(pair / 0x10);
}
