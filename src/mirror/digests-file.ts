// digests.json beside an image's data: what was computed of it when it came, whichever kind of place it is in. Pure.
import type { Digest, DigestAlgorithm } from '../digests.ts';
import { digestsOf } from '../image/data-answer.ts';
import type { Image } from '../image/image.ts';
import type { MirrorEntry } from './entry-store.ts';
import { fromDigests, isObject, toDigests } from './index-file.ts';

export const digestsName = 'digests.json';
/** Bytes that the file may have: a dozen digests take two thousand. */
export const maxDigestsBytes = 16 * 1024;

/** What was computed of an image's data. */
export interface DigestsFile {
  /** Name of the data beside it, `<id>.<format>`. */
  readonly file: string;
  /** Bytes of the data. */
  readonly size: number;
  /** Never empty. */
  readonly digests: readonly Digest[];
  /** The strongest that the cloud named too; null if it named none, and the data was kept by its length. */
  readonly verifiedBy: DigestAlgorithm | null;
  /** In a bucket: the ETag of the data's object, without quotes. Null elsewhere. */
  readonly etag: string | null;
}

/** Its text. The same data gives the same text. */
export function formatDigests({ file, size, digests, verifiedBy, etag }: DigestsFile): string {
  const sorted = digests.toSorted((left, right) => (left.algorithm < right.algorithm ? -1 : 1));
  const shown = { schema: 1, file, size, digests: fromDigests(sorted), verified_by: verifiedBy };
  return `${JSON.stringify(etag === null ? shown : { ...shown, etag })}\n`;
}

/** Null for what is not as {@link formatDigests} writes it. */
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

/** Whether such a text says of an image's data what the index says. */
export function isSameData({ id, file, size, digests }: MirrorEntry, text: string): boolean {
  const told = parseDigests(text);
  if (told === null || `${id}/${told.file}` !== file || told.size !== size) return false;
  const isListed = ({ algorithm, hex }: Digest): boolean =>
    digests.some((digest) => digest.algorithm === algorithm && digest.hex === hex);
  return told.digests.length === digests.length && told.digests.every(isListed);
}

/**
 * Which digest proves data whose record was replaced: the strongest that the new one names, or else what proved it before.
 * @param digests that were computed of the data
 * @param before what was written of it then
 */
export function provenBy(image: Image, digests: readonly Digest[], before: DigestsFile | null): DigestAlgorithm | null {
  const named = [...digestsOf(image).map(({ algorithm }) => algorithm), before?.verifiedBy];
  return named.find((name) => digests.some(({ algorithm }) => algorithm === name)) ?? null;
}

/** Null for what is no object in JSON. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
