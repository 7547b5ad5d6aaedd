// digests.json beside an image's data: what was computed as it arrived, in every kind of place. Pure.
import type { Digest, DigestAlgorithm } from '../digests.ts';
import { digestsOf } from '../image/data-answer.ts';
import type { Image } from '../image/image.ts';
import type { MirrorEntry } from './entry-store.ts';
import { fromDigests, isObject, toDigests } from './index-file.ts';

export const digestsName = 'digests.json';
/** Maximum size of the file, in bytes: a dozen digests take two thousand. */
export const maxDigestsBytes = 16 * 1024;

/** What was computed from an image's data. */
export interface DigestsFile {
  /** Name of the data beside it, `<id>.<format>`. */
  readonly file: string;
  /** Bytes of the data. */
  readonly size: number;
  /** Never empty. */
  readonly digests: readonly Digest[];
  /** The strongest digest that the cloud also stated; null if it stated none, so that only the length was checked. */
  readonly verifiedBy: DigestAlgorithm | null;
  /** In a bucket, the ETag of the data's object, without quotes. Null elsewhere. */
  readonly etag: string | null;
}

/** The text of the file. The same data gives the same text. */
export function formatDigests({ file, size, digests, verifiedBy, etag }: DigestsFile): string {
  const sorted = digests.toSorted((left, right) => (left.algorithm < right.algorithm ? -1 : 1));
  const shown = { schema: 1, file, size, digests: fromDigests(sorted), verified_by: verifiedBy };
  return `${JSON.stringify(etag === null ? shown : { ...shown, etag })}\n`;
}

/** Null if the text is not as {@link formatDigests} writes it. */
export function parseDigests(text: string): DigestsFile | null {
  const value = parseObject(text);
  if (value?.['schema'] !== 1) return null;
  const { file, size, verified_by, etag = null } = value;
  const digests = toDigests(value['digests']);
  if (typeof file !== 'string' || digests === null || (etag !== null && typeof etag !== 'string')) return null;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  const verified = digests.find(({ algorithm }) => algorithm === verified_by);
  if (verified === undefined && verified_by !== null) return null;
  return { file, size, digests, verifiedBy: verified?.algorithm ?? null, etag };
}

/** Whether such a text agrees with the index about an image's data. */
export function isSameData({ id, file, size, digests }: MirrorEntry, text: string): boolean {
  const told = parseDigests(text);
  if (told === null || `${id}/${told.file}` !== file || told.size !== size) return false;
  const isListed = ({ algorithm, hex }: Digest): boolean =>
    digests.some((digest) => digest.algorithm === algorithm && digest.hex === hex);
  return told.digests.length === digests.length && told.digests.every(isListed);
}

/**
 * The digest that proves data whose record was replaced: the strongest in the new record, or else the one that proved it
 * before.
 * @param digests digests computed from the data
 * @param before what was written about the data at the time
 */
export function provenBy(image: Image, digests: readonly Digest[], before: DigestsFile | null): DigestAlgorithm | null {
  const named = [...digestsOf(image).map(({ algorithm }) => algorithm), before?.verifiedBy];
  return named.find((name) => digests.some(({ algorithm }) => algorithm === name)) ?? null;
}

/** Null if the text is not a JSON object. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
