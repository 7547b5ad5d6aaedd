// Checks whether a file is unchanged, against a record or an index. Needs no network.
import type { Digest } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { digestsOf } from '../image/data-answer.ts';
import { parseSidecar } from '../image/sidecar.ts';
import type { Image } from '../image/image.ts';
import { digestUnseen } from '../transfer/digest/digest-file.ts';
import { type HostFileSystem, nodeFileSystem, type OpenFile } from '../transfer/files/file-system.ts';
import { toReadError } from '../transfer/files/io-error.ts';
import { errnoOf } from '../local/errno.ts';
import { closeRead, notFile, openRegular, readSmallFile, statusOf } from '../transfer/files/small-file.ts';
import type { MirrorEntry } from './entry-store.ts';
import { maxRecordBytes, recordHash } from './index-file.ts';

/**
 * The verdict on a file; `unlisted`: image data that the index does not list, as a killed run leaves it; `forged`: index
 * and record disagree; `unreadable`: a link, a directory, or a disk that fails to return it; `unproven`: there is nothing
 * to compare it with.
 */
export type VerifyStatus =
  | 'ok'
  | 'altered'
  | 'size'
  | 'missing'
  | 'unlisted'
  | 'stray'
  | 'forged'
  | 'unreadable'
  | 'unproven';

/** The keys of {@link Verdict} in the order in which they are printed. Public interface. */
export const verdictKeys = [
  'path',
  'status',
  'size',
  'expected_size',
  'algorithm',
  'expected',
  'actual',
  'reason',
] as const;

/** The finding about one file. Unset values are null. */
export interface Verdict {
  /** As the user named it, or relative to the mirror. */
  readonly path: string;
  readonly status: VerifyStatus;
  /** Bytes. */
  readonly size: number | null;
  readonly expected_size: number | null;
  /** The strongest algorithm compared, or the first that differs. */
  readonly algorithm: string | null;
  readonly expected: string | null;
  readonly actual: string | null;
  /** Why it is `unreadable`. */
  readonly reason: string | null;
}

/** What a file should be. */
export interface Expected {
  /** Bytes; null if unknown. */
  readonly size: number | null;
  /** All of them must match. If there are none, nothing can be proved. */
  readonly digests: readonly Digest[];
}

/** The fields that stay unset if nothing was compared. */
export const noVerdict = {
  size: null,
  expected_size: null,
  algorithm: null,
  expected: null,
  actual: null,
  reason: null,
} as const;

/** The verdict on a file that cannot be read. */
export function unreadable(path: string, { code, message }: GlanceError, expectedSize: number | null = null): Verdict {
  return { ...noVerdict, path, status: 'unreadable', expected_size: expectedSize, reason: `${message} [${code}]` };
}

interface VerifyFileOptions {
  readonly signal: AbortSignal;
  /** Called with the number of bytes just read. */
  readonly onBytes?: (count: number) => void;
  /** Absent: this machine's. */
  readonly fileSystem?: HostFileSystem;
}

/**
 * Compares one file.
 * @param shown its name in the verdict
 * @throws GlanceError `io.*` for one that cannot be read; the signal's reason
 */
export async function compareFile(
  path: string,
  shown: string,
  expected: Expected,
  options: VerifyFileOptions,
): Promise<Verdict> {
  const { signal, onBytes = () => undefined, fileSystem = nodeFileSystem } = options;
  let file: OpenFile | null = null;
  try {
    file = await openRegular(fileSystem, path);
    const { size } = await statusOf(file);
    const found = sizeVerdict(shown, size, expected.size);
    if (found.status !== 'ok') return found;
    const [strongest] = expected.digests;
    if (strongest === undefined) return { ...found, status: 'unproven' };
    const algorithms = [...new Set(expected.digests.map(({ algorithm }) => algorithm))];
    return judge(found, expected.digests, strongest, await digestUnseen(file, size, algorithms, signal, onBytes));
  } catch (error) {
    signal.throwIfAborted();
    if (errnoOf(error) === 'ENOENT') return missing(shown, expected.size);
    // The system reports the path by which a link was reached, which may lead through an open directory.
    throw errnoOf(error) === 'ELOOP' ? notFile(path) : toReadError(error, path);
  } finally {
    if (file !== null) await closeRead(file);
  }
}

function sizeVerdict(path: string, size: number, expectedSize: number | null): Verdict {
  const isOther = expectedSize !== null && size !== expectedSize;
  return { ...noVerdict, path, expected_size: expectedSize, size, status: isOther ? 'size' : 'ok' };
}

/** The verdict on a file whose digests were computed. @param found what else is known about it */
export function judge(
  found: Verdict,
  expected: readonly Digest[],
  strongest: Digest,
  computed: readonly Digest[],
): Verdict {
  const actual = new Map(computed.map(({ algorithm, hex }) => [algorithm, hex]));
  const wrong = expected.find(({ algorithm, hex }) => actual.get(algorithm) !== hex);
  const { algorithm, hex } = wrong ?? strongest;
  const compared = { algorithm, expected: hex, actual: actual.get(algorithm) ?? null };
  return { ...found, ...compared, status: wrong === undefined ? 'ok' : 'altered' };
}

/**
 * Compares the size of one file.
 * @param expectedSize bytes; null if unknown
 * @throws GlanceError `io.*` if it cannot be examined or is not a file
 */
export async function verifySize(
  path: string,
  shown: string,
  expectedSize: number | null,
  fileSystem: HostFileSystem,
): Promise<Verdict> {
  try {
    const status = await fileSystem.lstat(path);
    if (!status.isFile()) throw notFile(path);
    return sizeVerdict(shown, status.size, expectedSize);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return missing(shown, expectedSize);
    throw toReadError(error, path);
  }
}

function missing(path: string, expectedSize: number | null): Verdict {
  return { ...noVerdict, path, expected_size: expectedSize, status: 'missing' };
}

/**
 * Reads what `FILE.json` says about a file.
 * @throws GlanceError `io.missing` if there is none, `io.not_regular` for a link, `json.invalid`, `metadata.invalid`
 */
export async function readSidecar(path: string): Promise<Partial<Image>> {
  const file = `${path}.json`;
  try {
    return parseSidecar(await readSmallFile(nodeFileSystem, file, maxRecordBytes), file);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw toReadError(error, file);
    throw new GlanceError('io.missing', `${file}: there is no record to compare with`, {
      hint: 'name the image, or give `expect: ALG:HEX`; download `metadata` writes such a record',
    });
  }
}

/** What the data should be according to the image's record. @throws GlanceError `metadata.invalid` */
export function expectedOf(image: Partial<Image>): Expected {
  const { id = '', checksum = null, os_hash_algo = null, os_hash_value = null, size = null } = image;
  return { size, digests: digestsOf({ id, checksum, os_hash_algo, os_hash_value }) };
}

/**
 * Whether an image's record is the one that the index was written with, and both agree about the data.
 * @param text text of `image.json`
 * @param path its path, for messages
 */
export function agrees(entry: MirrorEntry, text: string, path: string): boolean {
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

/** Null if the text is not a record. */
function findRecord(text: string, path: string): Partial<Image> | null {
  try {
    return parseSidecar(text, path);
  } catch (error) {
    if (error instanceof GlanceError) return null;
    throw error;
  }
}
