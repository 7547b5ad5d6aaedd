// Whether a mirror is what its index says. Needs no network.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Digest } from '../../../digests.ts';
import { GlanceError } from '../../../errors.ts';
import { InsideDirectory } from '../../../transfer/files/inside.ts';
import { toIoError } from '../../../transfer/files/io-error.ts';
import { errnoOf } from '../../../local/errno.ts';
import { readSmallFile } from '../../../transfer/files/small-file.ts';
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
  try {
    yield* verifyEntries(inside, index, options);
    for (const algorithm of listSums(index)) {
      const verdict = await verifySums(inside, index, algorithm, options.signal);
      if (verdict.status !== 'ok') yield verdict;
    }
    const unknown = await naming(directory, findUnknown(inside, index));
    yield* unknown.map((each) => ({ ...noVerdict, ...each }));
  } finally {
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

async function* verifyEntries(
  inside: InsideDirectory,
  { entries }: MirrorIndex,
  options: ComparisonOptions,
): AsyncGenerator<Verdict> {
  const running: Promise<Verdict>[] = [];
  for (const entry of entries.values()) {
    const verdict = verifyEntry(inside, entry, options);
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
  signal: AbortSignal,
): Promise<Verdict> {
  const path = sumsNames[algorithm] ?? '';
  const hash = createHash('sha256');
  let size = 0;
  for (const line of formatSums(index, algorithm)) {
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

async function verifyEntry(
  inside: InsideDirectory,
  entry: MirrorEntry,
  { signal, onBytes }: ComparisonOptions,
): Promise<Verdict> {
  signal.throwIfAborted();
  const record = join(entry.id, recordName);
  let text: string;
  try {
    text = await readSmallFile(inside, join(inside.root, record), maxRecordBytes);
  } catch (error) {
    const isForged = error instanceof GlanceError && error.code === 'metadata.invalid';
    const status = errnoOf(error) === 'ENOENT' ? 'missing' : isForged ? 'forged' : 'unreadable';
    return { ...noVerdict, path: record, status };
  }
  if (!agrees(entry, text, record)) return { ...noVerdict, path: record, status: 'forged' };
  try {
    const options = { signal, onBytes, fileSystem: inside };
    return await verifyFile(join(inside.root, entry.file), entry.file, entry, options);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GlanceError)) throw error;
    return { ...noVerdict, path: entry.file, status: 'unreadable', expected_size: entry.size };
  }
}
