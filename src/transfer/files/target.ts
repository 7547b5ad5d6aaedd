// Examines the target of a download before anything is fetched.
import { closeSync, constants, createWriteStream, fstatSync, openSync, type Stats } from 'node:fs';
import { access, lstat, realpath, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { basename, dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { GlanceError } from '../../errors.ts';
import { makeDirectories } from '../../local/make-directories.ts';
import { O_NONBLOCK } from '../../local/open-flags.ts';
import { countOf } from '../../text/count.ts';
import type { HostFileSystem } from './file-system.ts';
import { toIoError } from './io-error.ts';
import { errnoOf } from '../../local/errno.ts';

export interface FileTarget {
  readonly kind: 'file';
  /** Absolute; symbolic links are resolved, so that a link stays and the file behind it is replaced. */
  readonly path: string;
  /** Size of the existing file in bytes, or null if there is none. */
  readonly existingSize: number | null;
  /** Permission bits of that file, or null. */
  readonly existingMode: number | null;
}

export interface StreamTarget {
  /** A FIFO or a character device such as /dev/null: written as the data arrives. */
  readonly kind: 'stream';
  readonly path: string;
}

/** Whether a path is a directory. False if it does not exist. */
export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Whether anything at all exists at a path. */
export async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Creates a directory for image data, and its parents, where they are missing.
 * @throws GlanceError `io.*`
 */
export async function makeDirectory(path: string): Promise<void> {
  await makeDirectories(path).catch((error: unknown) => {
    throw errnoOf(error) === 'EEXIST'
      ? new GlanceError('io.missing', `${path}: it is not a directory`, { cause: error })
      : toIoError(error, path);
  });
}

/**
 * Examines a target.
 * @param path absolute
 * @throws GlanceError `io.not_regular` for a directory, socket, block device or dangling link; `io.missing`,
 * `io.permission`, `io.readonly` for a directory that cannot be written to
 */
export async function inspectTarget(path: string): Promise<FileTarget | StreamTarget> {
  const found = await statOrNull(path);
  if (found === null) {
    if (await isLink(path)) throw new GlanceError('io.not_regular', `${path}: it is a link that leads nowhere`);
    return fileTarget(join(await resolveDirectory(path), basename(path)));
  }
  if (found.isFIFO() || found.isCharacterDevice()) return { kind: 'stream', path };
  if (!found.isFile()) {
    const what = found.isDirectory() ? 'a directory' : found.isBlockDevice() ? 'a block device' : 'not a regular file';
    throw new GlanceError('io.not_regular', `${path}: it is ${what}`, { hint: 'name a file' });
  }
  const real = await realpath(path);
  await resolveDirectory(real);
  return { kind: 'file', path: real, existingSize: found.size, existingMode: found.mode % 0o1000 };
}

/** Takes a path as it is: what is there is examined once its lock is held, and must not be a link. */
export function fileTarget(path: string): FileTarget {
  return { kind: 'file', path, existingSize: null, existingMode: null };
}

/**
 * Refuses a directory in which no file can be created.
 * @throws GlanceError `io.missing`, `io.permission`, `io.readonly`
 */
export async function checkDirectory(path: string): Promise<void> {
  await resolveDirectory(join(path, 'file'));
}

/**
 * Opens a FIFO or device for writing. A FIFO without a reader is refused, since opening it would wait forever.
 * @throws GlanceError `io.not_regular`, `io.permission`; `usage.terminal` for a terminal
 */
export function openStreamTarget({ path }: StreamTarget): Writable {
  let fd: number;
  try {
    fd = openSync(path, constants.O_WRONLY + O_NONBLOCK);
  } catch (error) {
    throw toIoError(error, path);
  }
  if (isatty(fd)) {
    closeSync(fd);
    throw new GlanceError('usage.terminal', `${path}: image data would go to the terminal`, { hint: 'name a file' });
  }
  const stream = fstatSync(fd).isFIFO()
    ? new Socket({ fd, readable: false, writable: true })
    : createWriteStream(path, { fd });
  // Writers learn of a failure from their write; without a listener, the later event would end the program.
  stream.on('error', () => undefined);
  return stream;
}

/**
 * Refuses an image that cannot fit.
 * @param bytes how much has to fit
 * @throws GlanceError `io.nospace`
 */
export async function checkSpace(fileSystem: HostFileSystem, directory: string, bytes: number): Promise<void> {
  const free = await fileSystem.freeBytes(directory).catch(() => Number.POSITIVE_INFINITY);
  if (free >= bytes) return;
  throw new GlanceError(
    'io.nospace',
    `${directory}: the image needs ${countOf(bytes, 'byte')}, ${String(free)} are free`,
    {
      hint: 'make room, choose another directory, or give `spaceCheck: false`',
    },
  );
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw toIoError(error, path);
  }
}

/** Whether a path is a symbolic link. */
export async function isLink(path: string): Promise<boolean> {
  return await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

async function resolveDirectory(path: string): Promise<string> {
  const directory = dirname(path);
  try {
    const real = await realpath(directory);
    if (!(await stat(real)).isDirectory()) throw new GlanceError('io.missing', `${directory}: it is not a directory`);
    await access(real, constants.W_OK + constants.X_OK);
    return real;
  } catch (error) {
    throw toIoError(error, directory);
  }
}
