// Whether a mirror is what its index says. Needs no network.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Digest } from '../../../digests.ts';
import { GlanceError } from '../../../errors.ts';
import { keepForNext } from '../../../transfer/digest/digest-threads.ts';
import { InsideDirectory } from '../../../transfer/files/inside.ts';
import { toIoError } from '../../../transfer/files/io-error.ts';
import { errnoOf } from '../../../local/errno.ts';
import { readSmallFile } from '../../../transfer/files/small-file.ts';
import { digestsName, isSameData, maxDigestsBytes } from '../../digests-file.ts';
import type { MirrorEntry } from '../../entry-store.ts';
import { formatSums, listSums, maxRecordBytes, type MirrorIndex, recordName, sumsNames } from '../../index-file.ts';
import type { ComparisonOptions } from '../place.ts';
import { findUnknown } from './unknown-files.ts';
import { agrees, type Expected, noVerdict, type Verdict, verifyFile } from '../../verify.ts';

/**
 * Compares a whole mirror with its index, and finds what does not belong there. In the order of the index.
 * @throws the signal's reason; GlanceError `io.*` if the directory cannot be read
 */
export async function* verifyMirror(
  directory: string,
  index: MirrorIndex,
  options: ComparisonOptions,
): AsyncGenerator<Verdict> {
  const inside = await naming(directory, InsideDirectory.open(directory));
  const letGo = keepForNext();
  try {
    const there = await naming(directory, foldedNames(inside));
    yield* verifyEntries(inside, index, there, options);
    for (const algorithm of listSums(index)) {
      const verdict = await verifySums(inside, index, algorithm, there, options.signal);
      if (verdict.status !== 'ok') yield verdict;
    }
    const unknown = await naming(directory, findUnknown(inside, index));
    yield* unknown.map((each) => ({ ...noVerdict, ...each }));
  } finally {
    letGo();
    await inside.close();
  }
}

async function naming<T>(directory: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toIoError(error, directory);
  }
}

/** What is in the directory, in small letters: to some file systems case does not count. */
async function foldedNames(inside: InsideDirectory): Promise<ReadonlySet<string>> {
  return new Set((await inside.readdir(inside.root)).map((name) => name.toLowerCase()));
}

/** Images that are passed over in one turn. */
const turnLength = 1000;

/** Signals and time limits are heard between turns. @throws the signal's reason */
async function breathe(signal: AbortSignal): Promise<void> {
  await nextTurn();
  signal.throwIfAborted();
}

/** @param there the names in the directory: an image without one is not looked for, as a forged index may list very many */
async function* verifyEntries(
  inside: InsideDirectory,
  { entries }: MirrorIndex,
  there: ReadonlySet<string>,
  options: ComparisonOptions,
): AsyncGenerator<Verdict> {
  const running: Promise<Verdict>[] = [];
  let count = 0;
  for (const id of entries.keys()) {
    if (++count % turnLength === 0) await breathe(options.signal);
    const entry = there.has(id.toLowerCase()) ? entries.get(id) : undefined;
    const verdict = entry === undefined ? Promise.resolve(missingRecord(id)) : verifyEntry(inside, entry, options);
    // Whoever takes it from the queue learns of its failure.
    verdict.catch(() => undefined);
    running.push(verdict);
    if (running.length >= options.jobs) yield await (running.shift() as Promise<Verdict>);
  }
  for (const verdict of running) yield await verdict;
}

/** A list of checksums is what the index calls for, or `forged`. */
async function verifySums(
  inside: InsideDirectory,
  index: MirrorIndex,
  algorithm: Digest['algorithm'],
  there: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Verdict> {
  const path = sumsNames[algorithm] ?? '';
  if (!there.has(path.toLowerCase())) return { ...noVerdict, path, status: 'missing' };
  const hash = createHash('sha256');
  let [size, count] = [0, 0];
  for (const line of formatSums(index, algorithm)) {
    if (++count % turnLength === 0) await breathe(signal);
    hash.update(line);
    size += Buffer.byteLength(line);
  }
  const expected: Expected = { size, digests: [{ algorithm: 'sha256', hex: hash.digest('hex') }] };
  const { status } = await verifyFile(join(inside.root, path), path, expected, { signal, fileSystem: inside }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof GlanceError)) throw error;
      return { status: 'unreadable' } as const;
    },
  );
  return { ...noVerdict, path, status: status === 'altered' || status === 'size' ? 'forged' : status };
}

function missingRecord(id: string): Verdict {
  return { ...noVerdict, path: join(id, recordName), status: 'missing' };
}

/** What a small file is found to be. @param isGood whether its text agrees with the index */
async function verifyText(
  inside: InsideDirectory,
  path: string,
  maxBytes: number,
  isGood: (text: string) => boolean,
): Promise<'ok' | 'missing' | 'forged' | 'unreadable'> {
  try {
    return isGood(await readSmallFile(inside, join(inside.root, path), maxBytes)) ? 'ok' : 'forged';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'missing';
    return error instanceof GlanceError && error.code === 'metadata.invalid' ? 'forged' : 'unreadable';
  }
}

async function verifyEntry(
  inside: InsideDirectory,
  entry: MirrorEntry,
  { signal, onBytes }: ComparisonOptions,
): Promise<Verdict> {
  signal.throwIfAborted();
  const record = join(entry.id, recordName);
  const recordStatus = await verifyText(inside, record, maxRecordBytes, (text) => agrees(entry, text, record));
  if (recordStatus !== 'ok') return { ...noVerdict, path: record, status: recordStatus };
  const digests = join(entry.id, digestsName);
  const digestsStatus = await verifyText(inside, digests, maxDigestsBytes, (text) => isSameData(entry, text));
  // Mirrors of earlier versions have none.
  if (digestsStatus !== 'ok' && digestsStatus !== 'missing') {
    return { ...noVerdict, path: digests, status: digestsStatus };
  }
  try {
    const options = { signal, onBytes, fileSystem: inside };
    return await verifyFile(join(inside.root, entry.file), entry.file, entry, options);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GlanceError)) throw error;
    return { ...noVerdict, path: entry.file, status: 'unreadable', expected_size: entry.size };
  }
}
