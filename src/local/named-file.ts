// Small files that options, variables and settings name, whatever stands there: read whole, up to a bound, and no wait for
// one is deaf to a signal. Pipes are taken, as a shell's `<(…)` is one; devices, sockets and directories are not.
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { GlanceError } from '../errors.ts';
import { errnoOf } from './errno.ts';
import { openFifo } from './fifo.ts';
import { O_NONBLOCK } from './open-flags.ts';
import { isOutOfFiles, outOfFiles } from './out-of-files.ts';

/** What was read, and what `stat` told of it. */
export interface NamedFile {
  readonly bytes: Buffer;
  readonly stats: Stats;
}

/** Enough for every authority that there is. */
export const maxPemBytes = 8 * 1024 * 1024;

const flags = constants.O_RDONLY + O_NONBLOCK;
const chunkBytes = 64 * 1024;

/**
 * Reads a file, or a pipe to its end.
 * @param path absolute
 * @param maxBytes whole KiB; a file that has more is refused
 * @param signal ends the waiting, for a pipe's writer as for a disk; absent: nothing does
 * @throws GlanceError `config.invalid`, whose message is about "it", for what is no file or too large; Node's system
 * errors; the signal's reason
 */
export async function readNamedFile(
  path: string,
  maxBytes: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<NamedFile> {
  signal.throwIfAborted();
  const stats = await orAborted(stat(path), signal);
  if (!stats.isFIFO()) return await orAborted(readFile(path, maxBytes), signal);
  const pipe = await openFifo(path, signal);
  return { bytes: await readNamedStream(pipe, maxBytes, signal), stats };
}

/**
 * Reads a file in this thread, which takes less time than to ask another one for each step. No pipes.
 * @throws as {@link readNamedFile}
 */
export function readFileAtOnce(path: string, maxBytes: number): NamedFile {
  const descriptor = openSync(path, flags);
  try {
    const stats = fstatSync(descriptor);
    checkKind(stats, maxBytes);
    const chunks = new Chunks(maxBytes);
    for (;;) {
      const buffer = Buffer.allocUnsafe(chunkBytes);
      const count = readSync(descriptor, buffer, 0, chunkBytes, null);
      if (count === 0) return { bytes: chunks.concat(), stats };
      chunks.add(buffer.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}

async function readFile(path: string, maxBytes: number): Promise<NamedFile> {
  const handle = await open(path, flags);
  try {
    const stats = await handle.stat();
    checkKind(stats, maxBytes);
    const chunks = new Chunks(maxBytes);
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null);
      if (bytesRead === 0) return { bytes: chunks.concat(), stats };
      chunks.add(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** {@link readNamedFile} of a stream. */
export async function readNamedStream(stream: Readable, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const chunks = new Chunks(maxBytes);
  try {
    for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Buffer | string>) {
      chunks.add(Buffer.from(chunk));
    }
    return chunks.concat();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** What came so far, up to a bound: what `stat` tells of a size is not all that may come. */
class Chunks {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.#maxBytes) throw tooLarge(this.#maxBytes);
    this.#chunks.push(chunk);
  }

  concat(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/**
 * The error for a setting whose file {@link readNamedFile} could not read.
 * @param source the option or variable
 * @param file as it was given
 */
export function unreadable(source: string, file: string, cause: unknown): GlanceError {
  if (isOutOfFiles(cause)) return outOfFiles(`${source}: ${file}`, cause);
  const errno = errnoOf(cause);
  const why = cause instanceof GlanceError ? cause.message : (reasons[errno] ?? `input/output error (${errno})`);
  return new GlanceError('config.invalid', `${source}: ${file} cannot be read: ${why}`, {
    hint: 'check the path and its permissions',
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ELOOP: 'its links form a loop',
  ENXIO: 'it is a socket',
};

/** What is under way goes on in its thread, and nobody waits for it any more. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', end, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

function checkKind(stats: Stats, maxBytes: number): void {
  if (stats.isDirectory()) throw new GlanceError('config.invalid', 'it is a directory, not a file');
  if (!stats.isFile()) throw new GlanceError('config.invalid', 'it is not a file');
  if (stats.size > maxBytes) throw tooLarge(maxBytes);
}

function tooLarge(maxBytes: number): GlanceError {
  const kib = maxBytes / 1024;
  const bound = kib < 1024 ? `${String(kib)} KiB` : `${String(kib / 1024)} MiB`;
  return new GlanceError('config.invalid', `it is larger than ${bound}`);
}

/** Its text. @throws GlanceError `config.invalid` for what is not UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new GlanceError('config.invalid', 'it is not UTF-8');
  }
}

/** Bits of read(2) for group and others. */
const groupReads = 0o040;
const othersRead = 0o004;

/**
 * Whether others than its owner can read a file. One of somebody else's that only its group reads is as its owner wants it.
 * @param own user id of whoever runs this
 */
export function isOpenToOthers({ mode, uid }: Pick<Stats, 'mode' | 'uid'>, own: number): boolean {
  const has = (bit: number): boolean => Math.floor(mode / bit) % 2 === 1;
  return has(othersRead) || (uid === own && has(groupReads));
}
