// Image data into a sink, tried again where that can help, and verified at the end.
import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Digest, DigestAlgorithm } from '../digests.ts';
import { GlanceError, IntegrityError } from '../errors.ts';
import { progressThreshold, type RetryPolicy, withRetries } from '../retry.ts';
import type { TransferListener } from './events.ts';
import { Hasher } from './hasher.ts';
import { createMeter } from './meter.ts';
import { type Prefix, receive } from './receive.ts';

/** Image data from its first byte. */
export interface OpenedData {
  readonly body: Readable;
  /** Bytes that were announced; null if none were. */
  readonly contentLength: number | null;
  /** Digests that came with the data. They count where the record has none. */
  readonly digests: readonly Digest[];
}

/** What to fetch, and what is known about it. */
export interface DownloadSource {
  /** For people: the image's name or id. */
  readonly name: string;
  /** Bytes; null if the server does not say. */
  readonly size: number | null;
  /** What the data must match, in any order. */
  readonly digests: readonly Digest[];
  /** Whether data without any digest to compare with is refused. */
  readonly requireDigest: boolean;
  /** Opens the data from its first byte; called anew for each try. */
  readonly open: (signal: AbortSignal) => Promise<OpenedData>;
  /** Whether the server has answered anything in this run. */
  readonly answered: () => boolean;
}

export interface DownloadOptions {
  /** Digests to compute beside those that are compared. */
  readonly extraAlgorithms: readonly DigestAlgorithm[];
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly listen: TransferListener;
}

/** Where bytes go. */
export interface Sink {
  readonly write: (chunk: Uint8Array) => Promise<void>;
  /** Throws away what was written; null where it cannot be taken back. */
  readonly restart: (() => Promise<void>) | null;
}

export interface Fetched {
  readonly bytes: number;
  readonly seconds: number;
  readonly digests: readonly Digest[];
  readonly verifiedBy: DigestAlgorithm | null;
  readonly retries: number;
}

/**
 * Fetches and verifies.
 * @throws IntegrityError, SizeError; GlanceError `integrity.unprovable` where neither size nor digest is known; what the
 * source or the sink fails with; the signal's reason
 */
export async function fetchVerified(source: DownloadSource, sink: Sink, options: DownloadOptions): Promise<Fetched> {
  const { clock, listen } = options;
  const startedAt = clock.monotonic();
  listen({ type: 'start', name: source.name, total: source.size });
  const fetch = new Fetch(source, sink, options);
  const { hasher, promised } = await fetch.run();
  const digests = hasher.digests();
  listen({ type: 'verify', algorithms: digests.map((digest) => digest.algorithm) });
  return {
    bytes: hasher.bytes,
    seconds: (clock.monotonic() - startedAt) / 1000,
    digests,
    verifiedBy: compareDigests(promised, digests, hasher.bytes),
    retries: fetch.retries,
  };
}

interface Attempted {
  readonly hasher: Hasher;
  readonly promised: readonly Digest[];
}

class Fetch {
  readonly #source: DownloadSource;
  readonly #sink: Sink;
  readonly #options: DownloadOptions;
  /** What a sink has had that cannot be taken back. */
  #prefix: Prefix | null = null;
  /** The most bytes that any attempt read. */
  #furthest = 0;
  #gained = false;
  retries = 0;

  constructor(source: DownloadSource, sink: Sink, options: DownloadOptions) {
    this.#source = source;
    this.#sink = sink;
    this.#options = options;
  }

  /** @returns what the attempt that read everything computed, and what it has to match */
  run(): Promise<Attempted> {
    const { clock, retry, signal, listen } = this.#options;
    return withRetries(
      {
        clock,
        policy: retry,
        signal,
        answered: this.#source.answered,
        madeProgress: () => this.#gained,
        onRetry: ({ error, delayMs, nextAttempt }) => {
          this.retries++;
          listen({
            type: 'retry',
            attempt: nextAttempt,
            delayMs,
            code: error.code,
            message: error.message,
            bytes: this.#furthest,
          });
        },
      },
      () => this.#attempt(),
    );
  }

  async #attempt(): Promise<Attempted> {
    const { clock, listen, signal } = this.#options;
    this.#gained = false;
    await this.#sink.restart?.();
    const { body, contentLength, digests } = await this.#source.open(signal);
    const size = this.#source.size ?? contentLength;
    const promised = this.#source.digests.length === 0 ? digests : this.#source.digests;
    const hasher = this.#createHasher(promised);
    try {
      if (promised.length === 0 && this.#source.requireDigest) throw noDigest();
      if (size === null && promised.length === 0) throw unprovable();
      const onBytes = createMeter(clock, size, listen);
      await receive({ body, size, hasher, prefix: this.#prefix, write: this.#sink.write, onBytes });
      return { hasher, promised };
    } finally {
      body.destroy();
      this.#remember(hasher);
    }
  }

  /** A stream whose bytes are gone needs some digest to compare a second reading with. */
  #createHasher(promised: readonly Digest[]): Hasher {
    const algorithms = [...promised.map((digest) => digest.algorithm), ...this.#options.extraAlgorithms];
    const isEmpty = algorithms.length === 0 && this.#sink.restart === null;
    return new Hasher(isEmpty ? ['sha256'] : algorithms);
  }

  #remember(hasher: Hasher): void {
    this.#gained = hasher.bytes >= this.#furthest + progressThreshold;
    this.#furthest = Math.max(this.#furthest, hasher.bytes);
    if (this.#sink.restart === null && hasher.bytes >= (this.#prefix?.bytes ?? 1)) {
      this.#prefix = { bytes: hasher.bytes, digests: hasher.digests() };
    }
  }
}

/**
 * Compares what was promised with what was computed.
 * @returns the strongest algorithm that matched; null if nothing was promised
 * @throws IntegrityError for the first that differs
 */
export function compareDigests(
  promised: readonly Digest[],
  computed: readonly Digest[],
  bytes: number,
): DigestAlgorithm | null {
  for (const { algorithm, hex } of promised) {
    const actual = computed.find((digest) => digest.algorithm === algorithm)?.hex ?? '';
    if (actual !== hex) {
      const text = `the ${algorithm} of the ${String(bytes)} bytes received is ${actual}; it should be ${hex}`;
      throw new IntegrityError(text, { algorithm, expected: hex, actual, bytes });
    }
  }
  return strongest(promised);
}

/** The algorithm with the longest digest; null of none. */
export function strongest(digests: readonly Digest[]): DigestAlgorithm | null {
  return (
    digests.reduce<Digest | null>((best, each) => (each.hex.length > (best?.hex.length ?? 0) ? each : best), null)
      ?.algorithm ?? null
  );
}

function noDigest(): GlanceError {
  return new GlanceError(
    'integrity.unprovable',
    'the server has no digest for this image: its data cannot be verified',
    {
      hint: 'bring one with --expect ALG:HEX',
    },
  );
}

function unprovable(): GlanceError {
  const text = 'the server tells neither the size nor a digest of the image: whether all of it came could not be told';
  return new GlanceError('integrity.unprovable', text);
}
