// index.json of a mirror: what is complete and verified, and what could not be had. Written last, in one step. Pure.
import { createHash } from 'node:crypto';
import { isDigestHex, type Digest, findAlgorithm } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { type Image, imageKeys } from '../image/image.ts';

export const indexName = 'index.json';
export const recordName = 'image.json';

/** One image that is whole. */
export interface MirrorEntry {
  readonly id: string;
  /** Path below the mirror, always `<id>/<id>.<format>`. */
  readonly file: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Digests of the file, computed when it came. Never empty. */
  readonly digests: readonly Digest[];
  /** SHA-256 of `image.json` beside the file. */
  readonly record: string;
}

/** An image that cannot be had however often it is tried, as long as its record stays as it is. */
export interface MirrorFailure {
  readonly id: string;
  readonly code: string;
  readonly message: string;
  /** SHA-256 of the record that it had then. */
  readonly record: string;
}

export interface MirrorIndex {
  readonly entries: ReadonlyMap<string, MirrorEntry>;
  readonly failures: ReadonlyMap<string, MirrorFailure>;
}

export const emptyIndex: MirrorIndex = { entries: new Map(), failures: new Map() };

/** Ids that are safe as a name on every file system; those of a server are never trusted. */
export function isSafeId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(id) && !/^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(id);
}

/** Path of an image's data below the mirror. The id has to be safe. */
export function dataPath({ id, disk_format }: Pick<Image, 'id' | 'disk_format'>): string {
  const format = disk_format !== null && /^[a-z0-9]{1,10}$/.test(disk_format) ? disk_format : 'img';
  return `${id}/${id}.${format}`;
}

/** Text of `image.json`. */
export function recordText(image: Image): string {
  return `${JSON.stringify(Object.fromEntries(imageKeys.map((key) => [key, image[key]])), null, 2)}\n`;
}

/** SHA-256 in hex. */
export function recordHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The text of the index, one image a line, sorted by id. */
export function formatIndex({ entries, failures }: MirrorIndex): string {
  const images = sorted(entries).map(({ digests, ...rest }) =>
    JSON.stringify({ ...rest, digests: Object.fromEntries(digests.map(({ algorithm, hex }) => [algorithm, hex])) }),
  );
  const failed = sorted(failures).map((failure) => JSON.stringify(failure));
  return `{"schema":1,"images":[${lines(images)}],"failed":[${lines(failed)}]}\n`;
}

function sorted<T extends { readonly id: string }>(items: ReadonlyMap<string, T>): readonly T[] {
  return [...items.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

function lines(items: readonly string[]): string {
  return items.length === 0 ? '' : `\n${items.join(',\n')}\n`;
}

/**
 * Lists of checksums as the coreutils check them, one for each algorithm: name of the list and its text.
 * @see https://www.gnu.org/software/coreutils/manual/html_node/md5sum-invocation.html
 */
export function formatSums({ entries }: MirrorIndex): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const { file, digests } of sorted(entries)) {
    for (const { algorithm, hex } of digests) {
      const name = sumsNames[algorithm];
      if (name !== undefined) sums.set(name, `${sums.get(name) ?? ''}${hex}  ${file}\n`);
    }
  }
  return sums;
}

/** Lists that a mirror may have, by algorithm. */
export const sumsNames: Readonly<Record<string, string>> = {
  sha256: 'SHA256SUMS',
  sha512: 'SHA512SUMS',
  md5: 'MD5SUMS',
};

/**
 * Reads an index. Nothing in it is trusted: an entry's file has to be where a mirror would have put it.
 * @param path for messages
 * @throws GlanceError `json.invalid`, `metadata.invalid`
 */
export function parseIndex(text: string, path: string): MirrorIndex {
  const value = parseJson(text, path);
  if (!isObject(value) || value['schema'] !== 1 || !Array.isArray(value['images'])) {
    throw new GlanceError('metadata.invalid', `${path}: not the index of a mirror, or that of a newer version`);
  }
  const entries = new Map<string, MirrorEntry>();
  for (const item of value['images']) {
    const entry = toEntry(item);
    if (entry === null || entries.has(entry.id)) {
      throw new GlanceError('metadata.invalid', `${path}: an entry that no mirror writes: ${JSON.stringify(item)}`);
    }
    entries.set(entry.id, entry);
  }
  const failed: unknown[] = Array.isArray(value['failed']) ? value['failed'] : [];
  const failures = failed.flatMap((item) => toFailure(item) ?? []);
  return { entries, failures: new Map(failures.map((failure) => [failure.id, failure])) };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new GlanceError('json.invalid', `${path}: not JSON`, { cause });
  }
}

function toEntry(value: unknown): MirrorEntry | null {
  if (!isObject(value)) return null;
  const { id, file, size, record, digests } = value;
  if (typeof id !== 'string' || !isSafeId(id) || typeof file !== 'string') return null;
  if (!file.startsWith(`${id}/${id}.`) || !/^[a-z0-9]{1,10}$/.test(file.slice(2 * id.length + 2))) return null;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  if (typeof record !== 'string' || !isObject(digests)) return null;
  const known = Object.entries(digests).flatMap(([name, hex]) => toDigest(name, hex) ?? []);
  return known.length === 0 || known.length < Object.keys(digests).length
    ? null
    : { id, file, size, digests: known, record };
}

function toDigest(name: string, hex: unknown): Digest | null {
  const algorithm = findAlgorithm(name);
  return algorithm !== undefined && typeof hex === 'string' && isDigestHex(algorithm, hex) ? { algorithm, hex } : null;
}

function toFailure(value: unknown): MirrorFailure | null {
  if (!isObject(value)) return null;
  const { id, code, message, record } = value;
  const areTexts = [id, code, message, record].every((text) => typeof text === 'string');
  return areTexts ? ({ id, code, message, record } as MirrorFailure) : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
