// Compares a mirror with its index, in any kind of place. Needs no Glance.
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Digest } from '../../digests.ts';
import { GlanceError } from '../../errors.ts';
import { keepForNext } from '../../transfer/threads/thread-pool.ts';
import { digestsName, isSameData, maxDigestsBytes } from '../digests-file.ts';
import { bytesOf, type MirrorEntry } from '../entry-store.ts';
import { formatSums, listSums, maxRecordBytes, type MirrorIndex, recordName, sumsNames } from '../index-file.ts';
import type { ComparisonOptions, OneComparisonOptions } from './place.ts';
import type { UnknownFile } from '../unknown-files.ts';
import { agrees, type Expected, judge, noVerdict, unreadable, type Verdict } from '../verify.ts';

/** A small file, or the reason why its text is not available. `forged`: too large to be what it claims. */
export type SmallText =
  | { readonly status: 'ok'; readonly text: string }
  | { readonly status: 'missing' | 'forged' }
  | { readonly status: 'unreadable'; readonly error: GlanceError };

/** All files of an image, if none is missing. */
export interface WholeReading {
  /** Text of `image.json`. */
  readonly record: string;
  /** Text of `digests.json`. */
  readonly digests: string;
  /** Digests of the data, which has the size that is listed. */
  readonly computed: readonly Digest[];
}

/** A place as the comparison reads it. Paths are relative to the mirror. */
export interface ReadablePlace {
  /** Whether there are any files of an image. If not, they are not looked up one by one: a forged index may list very many. */
  has(id: string): boolean;
  /** Whether there is a checksum list of this name. */
  hasSums(name: string): boolean;
  text(path: string, maxBytes: number, signal: AbortSignal): Promise<SmallText>;
  /** Reads a file and compares it. @throws GlanceError if it cannot be read; the signal's reason */
  file(path: string, expected: Expected, options: CompareFileOptions): Promise<Verdict>;
  /** Reads all of an image in less time than one file after another. Null if that is not possible; absent: never. */
  readAtOnce?(entry: MirrorEntry): Promise<WholeReading | null>;
  /** Compares an image's data by what is known without reading it. @throws as {@link file} */
  look(entry: MirrorEntry, signal: AbortSignal): Promise<Verdict>;
  /** What is in the place but not in the index, sorted by path. @throws GlanceError if the place cannot be read any further */
  unknown(index: MirrorIndex): Promise<readonly UnknownFile[]>;
}

/** How a file is read. */
export type CompareFileOptions = Pick<ComparisonOptions, 'signal' | 'onBytes'>;

/**
 * Compares a whole mirror with its index, and finds what does not belong there. Goes in the order of the index.
 * @throws the signal's reason; GlanceError if the place cannot be read
 */
export async function* compareMirror(
  place: ReadablePlace,
  index: MirrorIndex,
  options: ComparisonOptions,
): AsyncGenerator<Verdict> {
  const letGo = keepForNext(options.isQuick ? 0 : bytesOf(index.entries));
  try {
    yield* compareEntries(place, index, options);
    for (const algorithm of listSums(index)) {
      const verdict = await compareSums(place, index, algorithm, options.signal);
      if (verdict.status !== 'ok') yield verdict;
    }
    for (const each of await place.unknown(index)) yield { ...noVerdict, ...each };
  } finally {
    letGo();
  }
}

/** Images to skip before yielding to the event loop. */
const turnLength = 1000;

/** Yields, so that signals and timers get their turn. @throws the signal's reason */
async function breathe(signal: AbortSignal): Promise<void> {
  await nextTurn();
  signal.throwIfAborted();
}

async function* compareEntries(
  place: ReadablePlace,
  { entries }: MirrorIndex,
  options: ComparisonOptions,
): AsyncGenerator<Verdict> {
  const running: Promise<Verdict>[] = [];
  const { compareImage = (entry: MirrorEntry) => compareEntry(place, entry, options) } = options;
  let count = 0;
  for (const id of entries.keys()) {
    if (++count % turnLength === 0) await breathe(options.signal);
    const entry = place.has(id) ? entries.get(id) : undefined;
    const verdict = entry === undefined ? Promise.resolve(missingRecord(id)) : compareImage(entry);
    // The consumer of the queue handles its failure.
    verdict.catch(() => undefined);
    running.push(verdict);
    if (running.length >= options.jobs) yield await (running.shift() as Promise<Verdict>);
  }
  for (const verdict of running) yield await verdict;
}

/** Whether a checksum list is what the index calls for; otherwise it is `forged`. */
async function compareSums(
  place: ReadablePlace,
  index: MirrorIndex,
  algorithm: Digest['algorithm'],
  signal: AbortSignal,
): Promise<Verdict> {
  const path = sumsNames[algorithm] ?? '';
  if (!place.hasSums(path)) return { ...noVerdict, path, status: 'missing' };
  const hash = createHash('sha256');
  let [size, count] = [0, 0];
  for (const line of formatSums(index, algorithm)) {
    if (++count % turnLength === 0) await breathe(signal);
    hash.update(line);
    size += Buffer.byteLength(line);
  }
  const expected: Expected = { size, digests: [{ algorithm: 'sha256', hex: hash.digest('hex') }] };
  const { status, reason } = await readable(path, null, signal, () =>
    place.file(path, expected, { signal, onBytes: () => undefined }),
  );
  return { ...noVerdict, path, status: status === 'altered' || status === 'size' ? 'forged' : status, reason };
}

function missingRecord(id: string): Verdict {
  return { ...noVerdict, path: `${id}/${recordName}`, status: 'missing' };
}

/** Compares one image. @throws the signal's reason */
export async function compareEntry(
  place: ReadablePlace,
  entry: MirrorEntry,
  options: OneComparisonOptions,
): Promise<Verdict> {
  const { signal, isQuick } = options;
  signal.throwIfAborted();
  const known = isQuick ? null : await compareAtOnce(place, entry, options);
  if (known !== null) return known;
  const record = `${entry.id}/${recordName}`;
  const recordVerdict = await compareText(place, record, maxRecordBytes, signal, (text) => agrees(entry, text, record));
  if (recordVerdict.status !== 'ok') return recordVerdict;
  const digests = `${entry.id}/${digestsName}`;
  const digestsVerdict = await compareText(place, digests, maxDigestsBytes, signal, (text) => isSameData(entry, text));
  // Mirrors of earlier versions have no such file.
  if (digestsVerdict.status !== 'ok' && digestsVerdict.status !== 'missing') return digestsVerdict;
  return await readable(entry.file, entry.size, signal, () =>
    isQuick ? place.look(entry, signal) : place.file(entry.file, entry, options),
  );
}

/** The verdict on an image that is as it should be; null for any other, which has to be looked at more closely. */
async function compareAtOnce(
  place: ReadablePlace,
  entry: MirrorEntry,
  { signal, onBytes }: CompareFileOptions,
): Promise<Verdict | null> {
  const read = (await place.readAtOnce?.(entry)) ?? null;
  signal.throwIfAborted();
  const { id, file, size, digests } = entry;
  const [strongest] = digests;
  if (read === null || strongest === undefined) return null;
  if (!agrees(entry, read.record, `${id}/${recordName}`) || !isSameData(entry, read.digests)) return null;
  const found: Verdict = { ...noVerdict, path: file, expected_size: size, size, status: 'ok' };
  const verdict = judge(found, digests, strongest, read.computed);
  if (verdict.status !== 'ok') return null;
  onBytes(size);
  return verdict;
}

/** The verdict on a small file. @param isGood whether its text agrees with the index */
async function compareText(
  place: ReadablePlace,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
  isGood: (text: string) => boolean,
): Promise<Verdict> {
  const found = await place.text(path, maxBytes, signal);
  if (found.status === 'unreadable') return unreadable(path, found.error);
  const isForged = found.status === 'ok' && !isGood(found.text);
  return { ...noVerdict, path, status: isForged ? 'forged' : found.status };
}

/** The verdict that the work returns; `unreadable` if it fails. @throws the signal's reason */
async function readable(
  path: string,
  expectedSize: number | null,
  signal: AbortSignal,
  work: () => Promise<Verdict>,
): Promise<Verdict> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GlanceError)) throw error;
    return unreadable(path, error, expectedSize);
  }
}
