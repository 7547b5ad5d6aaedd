// index.json of a mirror: which images are complete and verified, and which failed. Written last, in one step. Pure.
import { hash } from 'node:crypto';
import { type Digest, type DigestAlgorithm, findAlgorithm, isDigestHex } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { type Image, imageKeys } from '../image/image.ts';
import { EntryStore, type MirrorEntries, type MirrorEntry } from './entry-store.ts';

export const indexName = 'index.json';
export const recordName = 'image.json';

/** An image that fails on every attempt as long as its record stays the same. */
export interface MirrorFailure {
  readonly id: string;
  readonly code: string;
  readonly message: string;
  /** SHA-256 of its record at the time. */
  readonly record: string;
}

export interface MirrorIndex {
  readonly entries: MirrorEntries;
  readonly failures: ReadonlyMap<string, MirrorFailure>;
}

/** An index that can still be changed. */
export interface IndexDraft {
  readonly entries: EntryStore;
  readonly failures: Map<string, MirrorFailure>;
}

/** Maximum size of a record, in bytes; no image server sends larger ones. */
export const maxRecordBytes = 1024 * 1024;
/** Maximum number of images that an index may list; each takes some hundred bytes of memory. */
export const maxImages = 500_000;
/** Messages of failures are for people. */
const maxMessageLength = 2000;
const noImage: Record<string, unknown> = Object.fromEntries(imageKeys.map((key) => [key, undefined]));

/** Files beside an image's data, in this version or a later one. */
const namesBeside: readonly string[] = [recordName, 'digests.json', 'failure.json', 'contents.json'];

/** Accepts ids that are safe as a name on every file system; ids from a server are never trusted. */
export function isSafeId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(id) && !/^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(id);
}

/** Safe ids that a mirror uses for files of its own beside the images, in this version or a later one. */
export function isReservedId(id: string): boolean {
  return /^(?:audit|(?:md5|sha\d{1,3}|b2)sums)$/i.test(id);
}

/** Whether a mirror may have a directory of this name for an image. */
export function isOwnId(id: string): boolean {
  return isSafeId(id) && !isReservedId(id);
}

/** Path of an image's data relative to the mirror; no other file has it. The id must be safe. */
export function dataPath({ id, disk_format }: Pick<Image, 'id' | 'disk_format'>): string {
  const format = disk_format !== null && /^[a-z0-9]{1,10}$/.test(disk_format) ? disk_format : 'img';
  return `${id}/${id}.${isNameBeside(`${id}.${format}`) ? 'img' : format}`;
}

/** Whether a mirror would put an image's data at this path. */
export function isDataPath(id: string, path: string): boolean {
  const format = path.slice(2 * id.length + 2);
  return isOwnId(id) && path === dataPath({ id, disk_format: format });
}

/** Whether a file in an image's directory belongs to the mirror, even if case does not count. */
function isNameBeside(name: string): boolean {
  return namesBeside.includes(name.toLowerCase());
}

/** The note about an image that cannot be copied. */
export function makeFailure(image: Image, code: string, message: string): MirrorFailure {
  return { id: image.id, code, message: message.slice(0, maxMessageLength), record: recordHash(recordText(image)) };
}

/** The text of `image.json`, made from a copy: an object built key by key takes many times the memory. */
export function recordText(image: Image): string {
  const ordered = { ...noImage };
  for (const key of imageKeys) ordered[key] = image[key];
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

/** SHA-256 in hex. */
export function recordHash(text: string): string {
  return hash('sha256', text, 'hex');
}

const imagesHead = '{"schema":1,"images":[';
const failedHead = '],"failed":[';
const end = ']}';

/** The text of the index in pieces: one image a line, sorted by id. */
export function* formatIndex({ entries, failures }: MirrorIndex): Generator<string> {
  yield `${imagesHead}\n`;
  yield* lines(entries, ({ digests, ...rest }) => ({
    ...rest,
    digests: fromDigests(digests),
  }));
  yield `${failedHead}\n`;
  yield* lines(failures, (failure) => failure);
  yield `${end}\n`;
}

interface Items<T> {
  get(id: string): T | undefined;
  keys(): IterableIterator<string>;
}

function* lines<T>(items: Items<T>, toJson: (item: T) => object): Generator<string> {
  const ids = sortedIds(items);
  for (const [position, id] of ids.entries()) {
    const item = items.get(id);
    if (item !== undefined) yield `${JSON.stringify(toJson(item))}${position < ids.length - 1 ? ',' : ''}\n`;
  }
}

function sortedIds(items: Items<unknown>): readonly string[] {
  // By code units, which needs no locale and is the same everywhere.
  return [...items.keys()].toSorted((left, right) => (left < right ? -1 : 1));
}

/** Names of the checksum lists that an index calls for. */
export function listSums({ entries }: MirrorIndex): readonly DigestAlgorithm[] {
  const algorithms = new Set<DigestAlgorithm>();
  for (const { digests } of entries.values()) for (const { algorithm } of digests) algorithms.add(algorithm);
  return [...algorithms].filter((algorithm) => sumsNames[algorithm] !== undefined);
}

/**
 * A checksum list in pieces, in the format that coreutils check, sorted by id.
 * @see https://www.gnu.org/software/coreutils/manual/html_node/md5sum-invocation.html
 */
export function* formatSums({ entries }: MirrorIndex, wanted: DigestAlgorithm): Generator<string> {
  for (const id of sortedIds(entries)) {
    const { file, digests } = entries.get(id) as MirrorEntry;
    for (const { algorithm, hex } of digests) if (algorithm === wanted) yield `${hex}  ${file}\n`;
  }
}

/** The checksum lists that a mirror may have, by algorithm. */
export const sumsNames: Readonly<Record<string, string>> = {
  sha256: 'SHA256SUMS',
  sha512: 'SHA512SUMS',
  md5: 'MD5SUMS',
};

/**
 * Reads an index as {@link formatIndex} writes it, line by line. Nothing in it is trusted: an entry's file must be where
 * a mirror would have put it.
 * @param path for messages
 * @param limit maximum number of images that it may list
 * @throws GlanceError `metadata.invalid`; what reading the lines throws
 */
export async function parseIndex(
  text: AsyncIterable<string>,
  path: string,
  limit: number = maxImages,
): Promise<IndexDraft> {
  const entries = new EntryStore();
  const failures = new Map<string, MirrorFailure>();
  let part: 'start' | 'images' | 'failed' | 'end' = 'start';
  for await (const line of text) {
    if (entries.size + failures.size > limit) throw invalidIndex(path, 'it lists too many images');
    if (part === 'start' && line === imagesHead) part = 'images';
    else if (part === 'images' && line === failedHead) part = 'failed';
    else if (part === 'failed' && line === end) part = 'end';
    else if (part === 'images') entries.set(newItem(entries, toEntry(parseLine(line)), line, path));
    else if (part === 'failed') {
      const failure = newItem(failures, toFailure(parseLine(line)), line, path);
      failures.set(failure.id, failure);
    } else throw invalidIndex(path, line);
  }
  if (part !== 'end') throw invalidIndex(path, 'it ends too soon');
  return { entries, failures };
}

/** The error for a malformed index. @param what what it contains instead, cut to fit a line */
export function invalidIndex(path: string, what: string): GlanceError {
  return new GlanceError(
    'metadata.invalid',
    `${path}: not in the form that this version writes: ${what.slice(0, 200)}`,
    {
      hint: 'remove it to have it made again: images that are there are compared, not fetched again',
    },
  );
}

function newItem<T extends { readonly id: string }>(
  items: { has(id: string): boolean },
  item: T | null,
  line: string,
  path: string,
): T {
  if (item === null || items.has(item.id)) throw invalidIndex(path, line);
  return item;
}

/** Null if the line is not JSON. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line.replace(/,$/, '')) as unknown;
  } catch {
    return null;
  }
}

function toEntry(value: unknown): MirrorEntry | null {
  if (!isObject(value)) return null;
  const { id, file, size, record, digests } = value;
  if (typeof id !== 'string' || !isSafeId(id) || typeof file !== 'string') return null;
  if (!file.startsWith(`${id}/${id}.`) || !/^[a-z0-9]{1,10}$/.test(file.slice(2 * id.length + 2))) return null;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  const known = toDigests(digests);
  if (known === null || typeof record !== 'string' || !isDigestHex('sha256', record)) return null;
  return { id, file, size, digests: known, record };
}

/** Digests in their written form: hex by algorithm. */
export function fromDigests(digests: readonly Digest[]): Readonly<Record<string, string>> {
  return Object.fromEntries(digests.map(({ algorithm, hex }) => [algorithm, hex]));
}

/** Reads what {@link fromDigests} wrote; null for anything else, and if there are no digests. */
export function toDigests(value: unknown): readonly Digest[] | null {
  if (!isObject(value)) return null;
  const known = Object.entries(value).flatMap(([name, hex]) => toDigest(name, hex) ?? []);
  return known.length === 0 || known.length < Object.keys(value).length ? null : known;
}

function toDigest(name: string, hex: unknown): Digest | null {
  const algorithm = findAlgorithm(name);
  const isGood = algorithm !== undefined && typeof hex === 'string' && isDigestHex(algorithm, hex);
  return isGood ? { algorithm, hex: hex.toLowerCase() } : null;
}

/** Null if the value is not a failure. */
export function toFailure(value: unknown): MirrorFailure | null {
  if (!isObject(value)) return null;
  const { id, code, message, record } = value;
  const areTexts = [id, code, message, record].every((text) => typeof text === 'string');
  return areTexts ? ({ id, code, message, record } as MirrorFailure) : null;
}

/** Whether the value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
