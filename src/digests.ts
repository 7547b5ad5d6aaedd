// Digests as parsed values, and the closed list of algorithms. Computes nothing; imports errors only.
import { GlanceError } from './errors.ts';

/** A digest to compute or to compare with. */
export interface Digest {
  readonly algorithm: DigestAlgorithm;
  /** Lower-case hex, of the algorithm's length. */
  readonly hex: string;
}

/**
 * Hex digits of each algorithm we compute. A server's word is looked up here and never handed to the crypto library:
 * some names it knows need a length or cannot be what a server means.
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

/** An algorithm by the name that node:crypto gives it. */
export type DigestAlgorithm = keyof typeof hexLengths;

/** Every algorithm by name. */
export const digestAlgorithms = Object.keys(hexLengths) as readonly DigestAlgorithm[];

const otherNames: Readonly<Record<string, DigestAlgorithm>> = {
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
};

/**
 * The algorithm meant by a name of hashlib, node:crypto or a person: `SHA-512`, `sha3_512`, `blake2b`.
 * Undefined for one we do not compute.
 */
export function findAlgorithm(name: string): DigestAlgorithm | undefined {
  const plain = name.trim().toLowerCase().replaceAll('_', '-');
  const joined = plain.replace(/^(sha|md|blake2[bs])-(\d+)$/, '$1$2');
  const known = otherNames[joined] ?? joined;
  return digestAlgorithms.find((algorithm) => algorithm === known);
}

/** Whether `hex` is written as a digest of this algorithm: its length in hex digits, of either case. */
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
