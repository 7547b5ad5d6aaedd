// Reads small files that options, variables and settings name: completely, up to a limit, with waits that a signal
// ends. Accepts pipes, such as a shell's `<(…)`, but no devices, sockets or directories.
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { GlanceError } from '../errors.ts';
import { errnoOf } from './errno.ts';
import { openFifo } from './fifo.ts';
import { O_NONBLOCK } from './open-flags.ts';
import { isOutOfFiles, outOfFiles } from './out-of-files.ts';

/** What was read, and its `stat`. */
export interface NamedFile {
  readonly bytes: Buffer;
  readonly stats: Stats;
}

/** Enough for all authorities there are. */
export const maxPemBytes = 8 * 1024 * 1024;

const chunkBytes = 64 * 1024;

/**
 * Reads a file, or a pipe to its end.
 * @param path absolute
 * @param maxBytes whole KiB; a larger file is refused
 * @param signal ends the wait, for a pipe's writer as well as for a disk; absent: nothing does
 * @throws GlanceError `config.invalid`, whose message is about "it", for a path that is not a file, or too large a one;
 * Node's system errors; the signal's reason
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
 * Reads a file in this thread, which is quicker than passing each step to another one. Does not accept pipes.
 * @throws as {@link readNamedFile}
 */
export function readFileAtOnce(path: string, maxBytes: number): NamedFile {
  const descriptor = openSync(path, constants.O_RDONLY + O_NONBLOCK);
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
  const handle = await open(path, constants.O_RDONLY + O_NONBLOCK);
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

/** {@link readNamedFile} for a stream. */
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

/** The bytes so far, up to a limit: a file may yield more than its `stat` says. */
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
 * @param file as given
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

/** On abort, the work continues in its thread, but nobody waits for it any more. */
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

/** Decodes the text of a file. @throws GlanceError `config.invalid` if it is not UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new GlanceError('config.invalid', 'it is not UTF-8');
  }
}

/** Permission bits to read, for the group and for others. */
const groupReads = 0o040;
const othersRead = 0o004;

/**
 * Whether others than its owner can read a file. If another user's file is readable only by its group, that is how its
 * owner wants it.
 * @param own id of the user who runs this
 */
export function isOpenToOthers({ mode, uid }: Pick<Stats, 'mode' | 'uid'>, own: number): boolean {
  const has = (bit: number): boolean => Math.floor(mode / bit) % 2 === 1;
  return has(othersRead) || (uid === own && has(groupReads));
}
