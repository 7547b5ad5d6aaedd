// Drives readers of disks with the bytes of an image: few large reads, some in parallel, no block twice, all within
// limits. What is known when a limit is reached is reported, so the operating system is looked for first.
import { within } from '../../disk/blocks/blocks.ts';
import type { Reads, Span } from '../../disk/blocks/reading.ts';
import { BlockCache, blockBytes, blocksOf, type BlockRun } from './block-cache.ts';
import type { RangeSource } from './range-source.ts';
import type { ReadLimits } from './read-limits.ts';

const atOnce = 4;
/** Maximum number of bytes that one turn may request, including those that are already there: more than any reader needs. */
const mostAsked = 64 * 1024 * 1024;
/** More turns than any disk needs; each takes microseconds. */
const mostTurns = 1_000_000;
/** After this many turns without waiting, others get a turn, such as signal handlers. */
const turnsAtOnce = 256;

/** Reading had to end before the reader was done. */
export class EarlyEnd extends Error {
  override readonly name = 'EarlyEnd';
  readonly why: 'limit' | 'no_ranges';

  constructor(why: 'limit' | 'no_ranges') {
    super(`reading ended early: ${why}`);
    this.why = why;
  }
}

export class BlockReader {
  readonly #source: RangeSource;
  readonly #limits: ReadLimits;
  readonly #signal: AbortSignal;
  readonly #cache: BlockCache;
  #turns = 0;
  /** Bytes read so far. */
  bytesRead = 0;
  requests = 0;

  constructor(source: RangeSource, limits: ReadLimits, signal: AbortSignal) {
    this.#source = source;
    this.#limits = limits;
    this.#signal = signal;
    this.#cache = new BlockCache(source.size);
  }

  /** Runs a reader. @throws EarlyEnd; what reading throws; the signal's reason */
  async drive<T>(reads: Reads<T>): Promise<T> {
    let step = reads.next();
    while (step.done !== true) step = reads.next(await this.#answer(step.value));
    return step.value;
  }

  async #answer(wanted: readonly Span[]): Promise<readonly Uint8Array[]> {
    this.#turns++;
    if (this.#turns > mostTurns) throw new EarlyEnd('limit');
    if (this.#turns % turnsAtOnce === 0) await new Promise((resolve) => void setImmediate(resolve));
    this.#signal.throwIfAborted();
    const spans = wanted.map((span) => within(span, this.#source.size));
    const asked = spans.reduce((sum, { length }) => sum + length, 0);
    if (asked > mostAsked) throw new EarlyEnd('limit');
    const blocks = new Map<number, Uint8Array>();
    const missing: number[] = [];
    for (const number of new Set(spans.flatMap(blocksOf))) {
      const kept = this.#cache.get(number);
      if (kept === undefined) missing.push(number);
      else blocks.set(number, kept);
    }
    if (missing.length > 0)
      await this.#fetch(
        missing.toSorted((left, right) => left - right),
        blocks,
      );
    return spans.map((span) => cut(span, blocks));
  }

  async #fetch(missing: readonly number[], blocks: Map<number, Uint8Array>): Promise<void> {
    const runs = this.#cache.runs(missing);
    const lengths = runs.map((run) => this.#lengthOf(run));
    const bytes = lengths.reduce((sum, length) => sum + length, 0);
    const isTooMuch =
      this.requests + runs.length > this.#limits.requests || this.bytesRead + bytes > this.#limits.bytes;
    if (isTooMuch) throw new EarlyEnd('limit');
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#signal, stop.signal]);
    const waiting = runs.values();
    const work = async (): Promise<void> => {
      for (const run of waiting) {
        signal.throwIfAborted();
        await this.#fetchRun(run, blocks, signal);
      }
    };
    const workers = Array.from({ length: Math.min(atOnce, runs.length) }, work);
    try {
      await Promise.all(workers);
    } catch (error) {
      stop.abort(error);
      await Promise.allSettled(workers);
      throw error;
    }
  }

  async #fetchRun(run: BlockRun, blocks: Map<number, Uint8Array>, signal: AbortSignal): Promise<void> {
    this.requests++;
    const bytes = await this.#source.read(run.first * blockBytes, this.#lengthOf(run), signal);
    if (bytes === null) throw new EarlyEnd('no_ranges');
    this.bytesRead += bytes.length;
    for (let number = run.first; number < run.end; number++) {
      const start = (number - run.first) * blockBytes;
      // A copy, since a slice would keep the whole read in memory.
      const block = new Uint8Array(bytes.subarray(start, start + blockBytes));
      blocks.set(number, block);
      this.#cache.keep(number, block);
    }
  }

  #lengthOf({ first, end }: BlockRun): number {
    return Math.min(end * blockBytes, this.#source.size) - first * blockBytes;
  }
}

/** The bytes of a span; fewer if a block has fewer than it should. */
function cut(span: Span, blocks: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const number of blocksOf(span)) {
    const start = span.offset - number * blockBytes;
    const block = blocks.get(number) ?? new Uint8Array();
    pieces.push(block.subarray(Math.max(0, start), Math.max(0, start + span.length)));
    if (block.length < blockBytes) break;
  }
  const [only = new Uint8Array(), ...others] = pieces;
  return others.length === 0 ? only : Buffer.concat(pieces);
}
