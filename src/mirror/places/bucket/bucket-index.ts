// The index of a bucket. It is derived from the files beside the images, and repaired after a run that was killed.
import type { Clock } from '../../../clock.ts';
import { GlanceError } from '../../../errors.ts';
import { createDigester } from '../../../transfer/digest/digester.ts';
import { BufferedParts } from '../../../transfer/upload/buffered-parts.ts';
import { abortQuietly } from '../../../transfer/upload/object-target.ts';
import type { PartMemory } from '../../../transfer/upload/part-memory.ts';
import { inParallel } from '../../in-parallel.ts';
import { EntryStore, type MirrorEntry } from '../../entry-store.ts';
import {
  formatIndex,
  formatSums,
  type IndexDraft,
  indexName,
  listSums,
  type MirrorFailure,
  parseIndex,
  recordHash,
  sumsNames,
} from '../../index-file.ts';
import { splitLines } from '../../lines.ts';
import type { BucketFiles } from './bucket-files.ts';
import type { BucketListing, HeldImage } from './bucket-listing.ts';
import { BucketObject } from './object-target.ts';

/** Part size for the index and the checksum lists; smaller ones are sent in one request. */
const partBytes = 8 * 1024 * 1024;
const chunkBytes = 64 * 1024;
/** Small files read at once. */
const atOnce = 8;

/** The index as it should be, and whether the one in the bucket differs. */
export interface BucketIndex extends IndexDraft {
  readonly isChanged: boolean;
}

/** Whether the index in the bucket may be out of date: a killed run leaves traces in the listing. */
export function mayBeStale(listing: BucketListing): boolean {
  if (listing.index === null) return listing.size > 0;
  if (listing.unfinished.size > 0) return true;
  for (const id of listing.keys()) if (isNewer(listing, listing.get(id))) return true;
  return false;
}

/** Whether a record was written in the same second as the index, or later. */
function isNewer({ index }: BucketListing, held: HeldImage | null): boolean {
  const written = index?.lastModified ?? null;
  return written === null || held?.recordTime === null || (held?.recordTime ?? 0) >= Math.floor(written / 1000);
}

/** Reads the index and repairs what the listing contradicts. A malformed index counts as empty. */
export async function readIndex(files: BucketFiles, listing: BucketListing, signal: AbortSignal): Promise<BucketIndex> {
  const read = listing.index === null ? null : await readOld(files, signal);
  const index = read ?? { entries: new EntryStore(), failures: new Map<string, MirrorFailure>() };
  const ids = new Set([...listing.keys(), ...index.entries.keys(), ...index.failures.keys()]);
  const doubtful = [...ids].filter((id) => {
    const held = listing.get(id);
    const isListed = held !== null && holds(held, index.entries.get(id)) && !isNewer(listing, held);
    const isPlain = held !== null && held.record === null && !index.entries.has(id);
    return !(isListed || isPlain) || held.hasFailure !== index.failures.has(id);
  });
  let isChanged = read === null;
  await inParallel(doubtful, atOnce, async (id) => {
    isChanged = (await makeGood(files, listing.get(id), id, index, signal)) || isChanged;
  });
  return { ...index, isChanged };
}

/** Makes the index say what the files beside the image say. @returns whether that changed it */
async function makeGood(
  files: BucketFiles,
  held: HeldImage | null,
  id: string,
  { entries, failures }: IndexDraft,
  signal: AbortSignal,
): Promise<boolean> {
  const before = [entries.get(id), failures.get(id)];
  const entry = held === null ? null : await deriveEntry(files, held, signal, entries.get(id));
  if (entry === null) entries.delete(id);
  else entries.set(entry);
  const failure = held?.hasFailure === true ? await files.readFailure(id, signal) : null;
  if (failure === null) failures.delete(id);
  else failures.set(id, failure);
  return JSON.stringify(before) !== JSON.stringify([entries.get(id), failures.get(id)]);
}

/** {@link readListed}; also null for a malformed index, which counts as empty. */
async function readOld(files: BucketFiles, signal: AbortSignal): Promise<IndexDraft | null> {
  try {
    return await readListed(files, signal);
  } catch (error) {
    if (error instanceof GlanceError && error.code === 'metadata.invalid') return null;
    throw error;
  }
}

/** The index as stored; null if there is none. @throws GlanceError `metadata.invalid`, `place.*` */
async function readListed(files: BucketFiles, signal: AbortSignal): Promise<IndexDraft | null> {
  const path = files.key(indexName);
  const found = await files.client.getWhole(path, signal);
  if (found === null) return null;
  try {
    return await parseIndex(splitLines(found.chunks, path), path);
  } finally {
    found.close();
  }
}

/**
 * The index of a place that must be a mirror.
 * @param name the place's name, for messages
 * @throws GlanceError `place.missing` without an index; as {@link readListed}
 */
export async function readMirror(files: BucketFiles, name: string, signal: AbortSignal): Promise<IndexDraft> {
  const index = await readListed(files, signal);
  if (index !== null) return index;
  throw new GlanceError('place.missing', `${name}: it is not a mirror, as it has no ${indexName}`, {
    hint: 'name the place that you gave to mirror',
  });
}

/** Whether the data of an entry exists. */
function holds({ record, data }: HeldImage, entry: MirrorEntry | undefined): boolean {
  return record !== null && data.some(({ file, size }) => file === entry?.file && size === entry.size);
}

/**
 * The entry of an image that is complete according to the files beside it; null if it is not, or if its digests are
 * unknown.
 * @param listed its entry in the index: mirrors of earlier versions, copied into a bucket, have their digests only there
 */
export async function deriveEntry(
  files: BucketFiles,
  held: HeldImage,
  signal: AbortSignal,
  listed?: MirrorEntry,
): Promise<MirrorEntry | null> {
  const { id, record, hasDigests } = held;
  if (record === null || !(hasDigests || holds(held, listed))) return null;
  const [text, kept] = await Promise.all([
    files.readRecord(id, signal),
    hasDigests ? files.readDigests(id, signal) : null,
  ]);
  const data = kept === null ? listed : { file: `${id}/${kept.file}`, size: kept.size, digests: kept.digests };
  if (text === null || data === undefined) return null;
  const { file, size, digests } = data;
  const entry = { id, file, size, digests, record: recordHash(text) };
  return holds(held, entry) ? entry : null;
}

/** Writes the checksum lists, then the index. */
export async function writeIndex(
  files: BucketFiles,
  listing: BucketListing,
  index: IndexDraft,
  memory: PartMemory,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const put = async (name: string, text: Iterable<string>): Promise<void> => {
    const etag = await putText(files, name, text, memory, signal);
    const object = { key: name, size: 0, etag, lastModified: clock.wallTime() };
    if (name === indexName) listing.index = object;
    else listing.sums.set(name, object);
  };
  const sums = listSums(index);
  for (const [algorithm, name] of Object.entries(sumsNames)) {
    if (sums.some((each) => each === algorithm) || !listing.sums.has(name)) continue;
    await files.remove(name, signal);
    listing.sums.delete(name);
  }
  for (const algorithm of sums) await put(sumsNames[algorithm] ?? '', formatSums(index, algorithm));
  await put(indexName, formatIndex(index));
}

/** Stores a text of any length, with one part in memory. @returns the ETag of its object, or null */
async function putText(
  files: BucketFiles,
  name: string,
  text: Iterable<string>,
  memory: PartMemory,
  signal: AbortSignal,
): Promise<string | null> {
  const target = new BucketObject(files.client, files.key(name), name, [], () => undefined);
  const digester = createDigester(['md5'], 0);
  const parts = new BufferedParts({ target, partBytes, total: null, memory, digester, signal });
  try {
    for (const chunk of gather(text)) await parts.write(Buffer.from(chunk));
    await parts.end();
    await parts.commit();
    return target.etag;
  } catch (error) {
    await parts.settle();
    if (parts.upload !== null) await abortQuietly(parts.upload);
    throw error;
  } finally {
    await parts.settle();
    digester.close();
  }
}

function* gather(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < chunkBytes) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
