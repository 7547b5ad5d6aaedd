// What image data has to match, and whether it does.
import type { Digest, DigestAlgorithm } from '../../digests.ts';
import { type ErrorCode, GlanceError, IntegrityError } from '../../errors.ts';
import type { DownloadSource, OpenedData } from '../flow/source.ts';
import { countOf } from '../../text/count.ts';

/** The digest that is hardest to forge and least likely to match by chance; null of none. */
export function strongestOf(digests: readonly Digest[]): Digest | null {
  return digests.reduce<Digest | null>((best, each) => (each.hex.length > (best?.hex.length ?? 0) ? each : best), null);
}

/** What is compared: every digest that the user demands, and the strongest that the server has. */
function promisesOf(pinned: readonly Digest[], known: readonly Digest[]): readonly Digest[] {
  const strongest = strongestOf(known);
  return strongest === null ? pinned : [...pinned, strongest];
}

/** What comes of the same data again is what lies in the store. */
const againHint =
  'run it again; where the same digest comes back, the data in the store is damaged: tell whoever runs the cloud';

/**
 * Compares what was promised with what was computed.
 * @param name of the image, for the message
 * @returns the strongest algorithm that matched; null if nothing was promised
 * @throws IntegrityError for the first that differs
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

/** What the data has to be: by its record, and where that says nothing by the first answer. */
export interface Expectation {
  /** Bytes; null where nobody has told. */
  readonly size: number | null;
  /** Digests that it has to have. */
  readonly promised: readonly Digest[];
}

/** Before there is an answer. */
export function expectationOf({ image, pinned }: DownloadSource): Expectation {
  return { size: image.size, promised: promisesOf(pinned, image.digests) };
}

/**
 * What is still unknown is taken from an answer.
 * @throws GlanceError `integrity.unprovable` if its data could not be told from other data
 */
export function learnFrom({ size, promised }: Expectation, answer: OpenedData, requireDigest: boolean): Expectation {
  const learnt = {
    size: size ?? answer.contentLength,
    promised: promised.length === 0 ? answer.digests : promised,
  };
  requireProof(learnt.promised, learnt.size, requireDigest);
  return learnt;
}

const mismatches: ReadonlySet<ErrorCode> = new Set([
  'integrity.digest',
  'integrity.size',
  'integrity.excess',
  'integrity.contradiction',
]);

/** Whether data was found not to be the image's. */
export function isMismatch(error: unknown): error is GlanceError {
  return error instanceof GlanceError && mismatches.has(error.code);
}

/**
 * Refuses data that could not be told from other data.
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
