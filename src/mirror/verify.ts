// Whether files are what they were: one file against its record, and a whole mirror against its index. Needs no network.
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { digestsOf } from '../image/data-answer.ts';
import { parseSidecar } from '../image/sidecar.ts';
import type { Image } from '../image/image.ts';
import { digestFile } from '../transfer/digest-file.ts';
import { nodeFileSystem } from '../transfer/file-system.ts';
import { errnoOf, toIoError } from '../transfer/io-error.ts';
import {
  formatSums,
  type IndexDraft,
  indexName,
  listSums,
  type MirrorIndex,
  parseIndex,
  recordHash,
  recordName,
  sumsNames,
} from './index-file.ts';
import type { MirrorEntry } from './entry-store.ts';

/**
 * What a file was found to be; `forged`: index and record do not say the same; `unreadable`: a link, a directory, or a
 * disk that does not give it back; `unproven`: nothing to compare with.
 */
export type VerifyStatus = 'ok' | 'altered' | 'size' | 'missing' | 'stray' | 'forged' | 'unreadable' | 'unproven';

/** The keys of {@link Verdict} in the order in which they are printed. Public interface. */
export const verdictKeys = ['path', 'status', 'size', 'expected_size', 'algorithm', 'expected', 'actual'] as const;

/** What was found of one file. Unset is null. */
export interface Verdict {
  /** As the user named it, or below the mirror. */
  readonly path: string;
  readonly status: VerifyStatus;
  /** Bytes. */
  readonly size: number | null;
  readonly expected_size: number | null;
  /** The strongest algorithm compared, or the first that differs. */
  readonly algorithm: string | null;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** What a file should be. */
export interface Expected {
  /** Bytes; null where it is not known. */
  readonly size: number | null;
  /** All have to match. Without any there is nothing to prove. */
  readonly digests: readonly Digest[];
}

/** What is left unset where nothing was compared. */
export const noVerdict = { size: null, expected_size: null, algorithm: null, expected: null, actual: null } as const;

/**
 * Compares one file.
 * @param onBytes told how many more were read
 * @throws GlanceError `io.*` for one that cannot be read; the signal's reason
 */
export async function verifyFile(
  path: string,
  shown: string,
  expected: Expected,
  signal: AbortSignal,
  onBytes: (count: number) => void = () => undefined,
): Promise<Verdict> {
  const verdict = { ...noVerdict, path: shown, expected_size: expected.size };
  let size: number;
  try {
    const status = await nodeFileSystem.lstat(path);
    if (!status.isFile()) throw new GlanceError('io.not_regular', `${path}: it is no regular file`);
    size = status.size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { ...verdict, status: 'missing' };
    throw toIoError(error, path);
  }
  if (expected.size !== null && size !== expected.size) return { ...verdict, size, status: 'size' };
  const [strongest] = expected.digests;
  if (strongest === undefined) return { ...verdict, size, status: 'unproven' };
  const algorithms = expected.digests.map(({ algorithm }) => algorithm);
  const actual = await readDigests(path, size, algorithms, signal, onBytes);
  const isOther = ({ algorithm, hex }: Digest): boolean => actual.get(algorithm) !== hex;
  const wrong = expected.digests.find(isOther);
  const { algorithm, hex } = wrong ?? strongest;
  const compared = { algorithm, expected: hex, actual: actual.get(algorithm) ?? null };
  return { ...verdict, size, ...compared, status: wrong === undefined ? 'ok' : 'altered' };
}

async function readDigests(
  path: string,
  size: number,
  algorithms: readonly Digest['algorithm'][],
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<ReadonlyMap<string, string>> {
  try {
    const digests = await digestFile(nodeFileSystem, path, size, [...new Set(algorithms)], signal, (bytes) =>
      onBytes(bytes.length),
    );
    return new Map(digests.map(({ algorithm, hex }) => [algorithm, hex]));
  } catch (error) {
    signal.throwIfAborted();
    throw toIoError(error, path);
  }
}

/**
 * What `FILE.json` says of a file.
 * @throws GlanceError `io.missing` without one, `json.invalid`, `metadata.invalid`
 */
export async function readSidecar(path: string): Promise<Partial<Image>> {
  const file = `${path}.json`;
  try {
    return parseSidecar(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw toIoError(error, file);
    throw new GlanceError('io.missing', `${file}: there is no record to compare with`, {
      hint: 'name the image, or give --expect ALG:HEX; download --metadata writes such a record',
    });
  }
}

/** What the record of an image says that its data is. @throws GlanceError `metadata.invalid` */
export function expectedOf(image: Partial<Image>): Expected {
  const { id = '', checksum = null, os_hash_algo = null, os_hash_value = null, size = null } = image;
  return { size, digests: digestsOf({ id, checksum, os_hash_algo, os_hash_value } as Image) };
}

/** The index of a mirror. @throws GlanceError `io.missing` where none is, `metadata.invalid` */
export async function readIndex(directory: string): Promise<IndexDraft> {
  const path = join(directory, indexName);
  try {
    const file = await open(path, 'r');
    try {
      return await parseIndex(file.readLines(), path);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw toIoError(error, path);
    throw new GlanceError('io.missing', `${directory}: it is no mirror, for it has no ${indexName}`, {
      hint: 'name the directory that mirror was given, or a file',
    });
  }
}

export interface VerifyMirrorOptions {
  /** Files at once. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Told how many bytes more were read. */
  readonly onBytes: (count: number) => void;
}

/**
 * Compares a whole mirror with its index, and finds what does not belong there. In the order of the index.
 * @throws the signal's reason; GlanceError `io.*` if the directory cannot be read
 */
export async function* verifyMirror(
  directory: string,
  index: MirrorIndex,
  options: VerifyMirrorOptions,
): AsyncGenerator<Verdict> {
  const running: Promise<Verdict>[] = [];
  for (const entry of index.entries.values()) {
    const verdict = verifyEntry(directory, entry, options);
    // Whoever takes it from the queue learns of its failure.
    verdict.catch(() => undefined);
    running.push(verdict);
    // oxlint-disable-next-line no-await-in-loop -- in order, some at once
    if (running.length >= options.jobs) yield await (running.shift() as Promise<Verdict>);
  }
  // oxlint-disable-next-line no-await-in-loop -- in order
  for (const verdict of running) yield await verdict;
  for (const algorithm of listSums(index)) {
    const path = sumsNames[algorithm] ?? '';
    // oxlint-disable-next-line no-await-in-loop -- three files at most
    const found = await readFile(join(directory, path), 'utf8').catch(() => null);
    if (found !== [...formatSums(index, algorithm)].join(''))
      yield { ...noVerdict, path, status: found === null ? 'missing' : 'forged' };
  }
  for (const path of await findStrays(directory, index)) yield { ...noVerdict, path, status: 'stray' };
}

async function verifyEntry(
  directory: string,
  entry: MirrorEntry,
  { signal, onBytes }: VerifyMirrorOptions,
): Promise<Verdict> {
  signal.throwIfAborted();
  const record = join(entry.id, recordName);
  let text: string;
  try {
    text = await readFile(join(directory, record), 'utf8');
  } catch (error) {
    return { ...noVerdict, path: record, status: errnoOf(error) === 'ENOENT' ? 'missing' : 'unreadable' };
  }
  if (!agrees(entry, text, record)) return { ...noVerdict, path: record, status: 'forged' };
  try {
    return await verifyFile(join(directory, entry.file), entry.file, entry, signal, onBytes);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GlanceError)) throw error;
    return { ...noVerdict, path: entry.file, status: 'unreadable', expected_size: entry.size };
  }
}

/** Whether the record is the one that the index was written with, and both say the same of the data. */
function agrees(entry: MirrorEntry, text: string, path: string): boolean {
  if (recordHash(text) !== entry.record) return false;
  const record = findRecord(text, path);
  if (record === null) return false;
  const { size, digests } = expectedOf(record);
  if (record.id !== entry.id || (size !== null && size !== entry.size)) return false;
  return digests.every(({ algorithm, hex }) => {
    const ours = entry.digests.find((digest) => digest.algorithm === algorithm);
    return ours === undefined || ours.hex === hex;
  });
}

/** Null for what is no record. */
function findRecord(text: string, path: string): Partial<Image> | null {
  try {
    return parseSidecar(text, path);
  } catch (error) {
    if (error instanceof GlanceError) return null;
    throw error;
  }
}

/** Files that the index does not know; what an unfinished run goes on from (dot files) is none of them. */
async function findStrays(directory: string, { entries }: MirrorIndex): Promise<readonly string[]> {
  const known = new Set([indexName, ...Object.values(sumsNames)]);
  for (const { id, file } of entries.values()) known.add(file).add(`${id}/${recordName}`);
  const strays: string[] = [];
  try {
    for (const item of await readdir(directory, { withFileTypes: true })) {
      const names = item.isDirectory()
        ? // oxlint-disable-next-line no-await-in-loop -- one directory after the other
          (await readdir(join(directory, item.name))).map((name) => `${item.name}/${name}`)
        : [item.name];
      strays.push(...names.filter((name) => !known.has(name) && !/(?:^|\/)\./.test(name)));
    }
  } catch (error) {
    throw toIoError(error, directory);
  }
  return strays.toSorted();
}
