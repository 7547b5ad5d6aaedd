// Fetches several ranges of one image at once. Each lane fetches one piece after the other. A lane that fails stops all lanes, but
// the data that they fetched stays.
import { GlanceError } from '../errors.ts';
import { progressThreshold } from '../retry.ts';
import type { Extents, Span } from './flow/extents.ts';
import type { OpenedData } from './flow/source.ts';
import { truncatedError } from './flow/size-errors.ts';
import { leastPieceBytes, mostPieceBytes } from './piece-sizes.ts';

/** How many responses in a row may bring less than was requested and too little to count as progress. */
const mostShortAnswers = 3;
/** Pieces for each lane, so that a slow lane delays the end only a little. */
const piecesPerLane = 8;

/** Bytes that are read again and compared before a part file without any digest is resumed. */
export const overlapBytes = 64 * 1024;

interface LanesOptions {
  /** Bytes of the image. */
  readonly size: number;
  /** What is missing. */
  readonly gaps: Extents;
  /** Lanes, ≥ 1. */
  readonly connections: number;
  /** Bytes before a gap that are fetched as well, to be compared with those that are there. */
  readonly overlap: number;
  readonly signal: AbortSignal;
  /** @throws GlanceError `http.range` where ranges are refused */
  readonly open: (range: Span, signal: AbortSignal) => Promise<OpenedData>;
  /** Takes the data up to a limit, which is queried again when it is reached. @returns the position reached */
  readonly receive: (
    opened: OpenedData,
    limit: (position: number) => Promise<number | null>,
    signal: AbortSignal,
  ) => Promise<number>;
  /** Called once it is known that the store has no ranges. */
  readonly onRefused: () => void;
}

/** Cuts what is missing into pieces for the lanes. A single lane takes each gap in one go. Pure. */
export function planPieces(gaps: Extents, connections: number): readonly Span[] {
  if (connections === 1) return gaps;
  const bytes = gaps.reduce((sum, { start, end }) => sum + end - start, 0);
  const wanted = Math.ceil(bytes / (connections * piecesPerLane));
  const length = Math.min(mostPieceBytes, Math.max(leastPieceBytes, wanted));
  const pieces: Span[] = [];
  for (const gap of gaps) {
    for (let { start } = gap; start < gap.end; start += length) {
      pieces.push({ start, end: Math.min(gap.end, start + length) });
    }
  }
  return pieces;
}

export class Lanes {
  readonly #options: LanesOptions;
  readonly #queue: Span[];
  readonly #controller = new AbortController();
  readonly #signal: AbortSignal;
  /** Settled once the first range was answered, either way. */
  readonly #answered = makeDeferred();
  #isRefused = false;

  constructor(options: LanesOptions) {
    // With none, the loop would fetch nothing and report success.
    if (!(options.connections >= 1)) throw new RangeError(`connections: ${String(options.connections)}`);
    this.#options = options;
    this.#queue = [...planPieces(options.gaps, options.connections)];
    this.#signal = AbortSignal.any([options.signal, this.#controller.signal]);
  }

  /** Fetches all gaps by ranges. @throws GlanceError `http.range` if there are no ranges; whatever a lane fails with */
  async run(): Promise<void> {
    const lanes = Array.from({ length: this.#options.connections }, () => this.#work());
    await this.#together(lanes);
    if (this.#isRefused) throw refusedError();
  }

  /** Does the same, beside the stream of the whole image, which continues alone if ranges are refused. */
  async runBeside(whole: OpenedData): Promise<void> {
    const first = this.#queue.shift();
    const helpers = Array.from({ length: this.#options.connections - 1 }, () => this.#work());
    const main = this.#receiveWhole(whole, first?.end ?? this.#options.size, Promise.allSettled(helpers));
    await this.#together([main, ...helpers]);
  }

  /** The stream of the whole image takes piece after piece, until the next one has already been taken by a helper. */
  async #receiveWhole(whole: OpenedData, firstEnd: number, helpersEnd: Promise<unknown>): Promise<void> {
    let limit = firstEnd;
    const reached = await this.#options.receive(
      whole,
      async (position) => {
        if (position < limit) return limit;
        await this.#answered.promise;
        // A helper whose range is refused gives its piece back.
        if (this.#isRefused) await helpersEnd;
        const next = this.#queue[0];
        if (next?.start === limit) {
          this.#queue.shift();
          limit = next.end;
        }
        return limit;
      },
      this.#signal,
    );
    if (reached < limit) throw truncatedError(this.#options.size, reached);
    await this.#work();
    if (this.#isRefused && this.#queue.length > 0) throw refusedError();
  }

  async #work(): Promise<void> {
    for (;;) {
      const piece = this.#isRefused ? undefined : this.#queue.shift();
      if (piece === undefined) return;
      try {
        await this.#fetch(piece);
      } catch (error) {
        if (!(error instanceof GlanceError) || error.code !== 'http.range') throw error;
        this.#isRefused = true;
        this.#queue.push(piece);
        this.#queue.sort((left, right) => left.start - right.start);
        this.#options.onRefused();
        return;
      } finally {
        this.#answered.resolve();
      }
    }
  }

  /** An answer may end before the end of its range: the rest is requested again. */
  async #fetch({ start, end }: Span): Promise<void> {
    let position = start;
    let shortAnswers = 0;
    while (position < end) {
      const from = Math.max(0, position - this.#options.overlap);
      const opened = await this.#options.open({ start: from, end }, this.#signal);
      this.#answered.resolve();
      const reached = await this.#options.receive(opened, () => Promise.resolve(end), this.#signal);
      // If the response did not announce that it would end here, the connection may have broken.
      shortAnswers = reached - position >= progressThreshold ? 0 : shortAnswers + 1;
      if (reached < end && (reached <= position || shortAnswers > mostShortAnswers)) {
        throw truncatedError(this.#options.size, reached);
      }
      position = reached;
    }
  }

  /** Waits for all of them; the first failure stops the others. */
  async #together(lanes: readonly Promise<void>[]): Promise<void> {
    let failure: unknown = null;
    await Promise.all(
      lanes.map(async (lane) => {
        try {
          await lane;
        } catch (error) {
          failure ??= error;
          this.#controller.abort(error);
        }
      }),
    );
    if (failure !== null) throw failure;
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function makeDeferred(): Deferred {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

function refusedError(): GlanceError {
  return new GlanceError('http.range', 'the store does not support ranges');
}
