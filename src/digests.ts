// Digests as parsed values, and the closed list of algorithms. Computes nothing; imports errors only.
import { GlanceError } from './errors.ts';

/** A digest to compute or to compare with. */
export interface Digest {
  readonly algorithm: DigestAlgorithm;
  /** Lower-case hex, of the algorithm's length. */
  readonly hex: string;
}

/**
 * Hex digits of each algorithm we compute. A name from a server is looked up here and never passed to the crypto library,
 * which also knows algorithms that need a length, and some that no server can mean.
 */
const hexLengths = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  'sha3-224': 56,
  'sha3-256': 64,
  'sha3-384': 96,
  'sha3-512': 128,
  blake2b512: 128,
  blake2s256: 64,
} as const;

/** An algorithm, by its name in node:crypto. */
export type DigestAlgorithm = keyof typeof hexLengths;

/** All algorithms, by name. */
export const digestAlgorithms = Object.keys(hexLengths) as readonly DigestAlgorithm[];

const otherNames: Readonly<Record<string, DigestAlgorithm>> = {
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
};

/**
 * The algorithm that a name means, as hashlib, node:crypto or a person writes it: `SHA-512`, `sha3_512`, `blake2b`.
 * Undefined if we do not compute it.
 */
export function findAlgorithm(name: string): DigestAlgorithm | undefined {
  const plain = name.trim().toLowerCase().replaceAll('_', '-');
  const joined = plain.replace(/^(sha|md|blake2[bs])-(\d+)$/, '$1$2');
  const known = otherNames[joined] ?? joined;
  return digestAlgorithms.find((algorithm) => algorithm === known);
}

/** Whether `hex` has the form of a digest of this algorithm: as many hex digits, in either case. */
export function isDigestHex(algorithm: DigestAlgorithm, hex: string): boolean {
  return hex.length === hexLengths[algorithm] && /^[0-9a-fA-F]+$/.test(hex);
}

/**
 * Parses `ALG:HEX`, as in `--expect sha256:9f86…`.
 * @throws GlanceError `usage.argument` for an unknown algorithm or a wrong length
 */
export function parseDigest(text: string): Digest {
  const colon = text.indexOf(':');
  const algorithm = colon < 0 ? undefined : findAlgorithm(text.slice(0, colon));
  const hex = text.slice(colon + 1).trim();
  if (algorithm === undefined) {
    throw new GlanceError('usage.argument', `not a digest: "${text}"`, {
      hint: `write ALG:HEX, with ALG one of ${digestAlgorithms.join(', ')}`,
    });
  }
  if (!isDigestHex(algorithm, hex)) {
    throw new GlanceError('usage.argument', `not a ${algorithm} digest: "${hex}"`, {
      hint: `${algorithm} has ${String(hexLengths[algorithm])} hex digits`,
    });
  }
  return { algorithm, hex: hex.toLowerCase() };
}
