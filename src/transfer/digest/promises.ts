// What image data has to match, and whether it does.
import type { Digest, DigestAlgorithm } from '../../digests.ts';
import { type ErrorCode, GlanceError, IntegrityError } from '../../errors.ts';
import type { DownloadSource, OpenedData } from '../flow/source.ts';
import { countOf } from '../../text/count.ts';

/** The digest that is hardest to forge and least likely to match by chance; null if there are none. */
export function strongestOf(digests: readonly Digest[]): Digest | null {
  return digests.reduce<Digest | null>((best, each) => (each.hex.length > (best?.hex.length ?? 0) ? each : best), null);
}

/** What to compare: every digest that the user requires, and the strongest that the server has. */
function promisesOf(pinned: readonly Digest[], known: readonly Digest[]): readonly Digest[] {
  const strongest = strongestOf(known);
  return strongest === null ? pinned : [...pinned, strongest];
}

/** If the same data arrives again, that is what the store has. */
const againHint =
  'run it again; if the same digest comes back, the data in the store is damaged: tell whoever runs the cloud';

/**
 * Compares promised digests with computed ones.
 * @param name the image's name, for the message
 * @returns the strongest algorithm that matched; null if nothing was promised
 * @throws IntegrityError for the first mismatch
 */
export function compareDigests(
  promised: readonly Digest[],
  computed: readonly Digest[],
  bytes: number,
  name: string,
): DigestAlgorithm | null {
  for (const { algorithm, hex } of promised) {
    const actual = computed.find((digest) => digest.algorithm === algorithm)?.hex ?? '';
    if (actual !== hex) {
      const text = `${name}: the ${algorithm} of the ${countOf(bytes, 'byte')} received is ${actual}; it should be ${hex}`;
      throw new IntegrityError(text, { algorithm, expected: hex, actual, bytes }, { hint: againHint });
    }
  }
  return strongestOf(promised)?.algorithm ?? null;
}

/** What the data must be, according to the image's record or, if that says nothing, to the first response. */
export interface Expectation {
  /** Bytes; null if unknown. */
  readonly size: number | null;
  /** Digests that the data must have. */
  readonly promised: readonly Digest[];
}

/** The expectation before there is a response. */
export function expectationOf({ image, pinned }: DownloadSource): Expectation {
  return { size: image.size, promised: promisesOf(pinned, image.digests) };
}

/**
 * Fills in what is still unknown from a response.
 * @throws GlanceError `integrity.unprovable` if nothing could distinguish the image's data from any other
 */
export function learnFrom({ size, promised }: Expectation, answer: OpenedData, requireDigest: boolean): Expectation {
  const learnt = {
    size: size ?? answer.contentLength,
    promised: promised.length === 0 ? answer.digests : promised,
  };
  try {
    requireProof(learnt.promised, learnt.size, requireDigest);
  } catch (error) {
    answer.body.destroy();
    throw error;
  }
  return learnt;
}

const mismatches: ReadonlySet<ErrorCode> = new Set([
  'integrity.digest',
  'integrity.size',
  'integrity.excess',
  'integrity.contradiction',
]);

/** Whether the error says that the data is not the image's. */
export function isMismatch(error: unknown): error is GlanceError {
  return error instanceof GlanceError && mismatches.has(error.code);
}

/**
 * Refuses data if nothing could distinguish it from any other.
 * @throws GlanceError `integrity.unprovable`
 */
function requireProof(promised: readonly Digest[], size: number | null, requireDigest: boolean): void {
  if (promised.length > 0) return;
  if (requireDigest) {
    const text = 'the server has no digest for this image: its data cannot be verified';
    throw new GlanceError('integrity.unprovable', text, { hint: 'give one with `expect: ALG:HEX`' });
  }
  if (size === null) {
    const text =
      'the server gives neither the size nor a digest of the image, so there would be no way to know whether all of it arrived';
    throw new GlanceError('integrity.unprovable', text);
  }
}
