// The file system as transfers use it: an interface, so that a simulated one can lose power, and Node's own behind it.
import { close, constants, fchmod, fdatasync, fstat, fstatSync, fsync, ftruncate, open, read, write } from 'node:fs';
import { promisify } from 'node:util';
import { type FileHandle, link, lstat, readdir, realpath, rename, stat, statfs, unlink } from 'node:fs/promises';
import { O_NONBLOCK } from '../../local/open-flags.ts';
import type { StoreStep } from '../threads/messages.ts';

/** The result of `stat`; sizes in bytes. */
export interface FileStatus {
  readonly size: number;
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly dev: number;
  readonly ino: number;
  /** Number of hard links. */
  readonly nlink: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** An open file. Every method fails with Node's system errors (`code` is the name of the errno), EBADF once it is closed. */
export interface OpenFile {
  /** Its status when it was opened; absent if it was not looked up. */
  readonly opened?: FileStatus;
  /** Its descriptor in this process; absent if it has none. Reading it throws once the file is closed. */
  readonly descriptor?: number;
  /** Reads at a position; @returns bytes read, fewer than asked for only at the end of the file. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Writes at a position; @returns bytes written, which may be fewer than given. */
  write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  truncate(length: number): Promise<void>;
  /** Makes data and metadata durable. */
  sync(): Promise<void>;
  /** Makes the data durable, with the metadata needed to read it. */
  datasync(): Promise<void>;
  chmod(mode: number): Promise<void>;
  stat(): Promise<FileStatus>;
  close(): Promise<void>;
}

/** A directory that is held open. */
export interface HeldDirectory {
  /** A path through which to reach names in it. */
  readonly path: string;
  /** Makes the names in it durable. Absent: call the file system's method with its path. */
  sync?(): Promise<void>;
  close(): Promise<void>;
}

/** A file system. Its methods fail with Node's system errors. */
export interface HostFileSystem {
  /** @param flags sum of `O_*` flags from `fs.constants` */
  open(path: string, flags: number, mode: number): Promise<OpenFile>;
  /** Replaces whatever has the new name, in one step. */
  rename(from: string, to: string): Promise<void>;
  /** Fails with EEXIST if the new name is taken. */
  link(existing: string, name: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** The names in a directory. */
  readdir(path: string): Promise<readonly string[]>;
  stat(path: string): Promise<FileStatus>;
  lstat(path: string): Promise<FileStatus>;
  /** Bytes that an ordinary user can still write. */
  freeBytes(path: string): Promise<number>;
  realpath(path: string): Promise<string>;
  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /**
   * Takes steps in a directory all at once, if that is worthwhile.
   * @returns whether it did; false, or absent: the caller has to take them
   */
  takeAtOnce?(directory: string, steps: readonly StoreStep[]): Promise<boolean>;
  /** Holds a directory open, for uses other than files. Absent: its path will do. */
  hold?(path: string): Promise<HeldDirectory>;
}

const system = {
  open: promisify(open),
  read: promisify(read),
  write: promisify(write),
  ftruncate: promisify(ftruncate),
  fsync: promisify(fsync),
  fdatasync: promisify(fdatasync),
  fstat: promisify(fstat),
  fchmod: promisify(fchmod),
  close: promisify(close),
};

/**
 * Uses a descriptor rather than Node's FileHandle, which hands every call to another thread. For the status of a file that is
 * only read, that takes far longer: `verify` of 400 images of 256 KiB takes 6 % more processor time. That status is requested
 * right after opening, when network file systems have it at hand as well. All other calls may have to wait for a server that
 * hangs, and must not hold up an interruption: closing (FUSE, SMB), and the status of a file that is written (NFS first writes
 * what it has buffered).
 */
class NodeFile implements OpenFile {
  #descriptor: number;
  readonly #status: (descriptor: number) => Promise<FileStatus>;
  readonly #close: (descriptor: number) => Promise<void>;
  /** Calls in progress. Another file may get the number of a descriptor as soon as it is closed. */
  readonly #calls = new Set<Promise<unknown>>();

  /** @param status its status @param end closes it */
  constructor(
    descriptor: number,
    status: (descriptor: number) => Promise<FileStatus>,
    end: (descriptor: number) => Promise<void>,
  ) {
    this.#descriptor = descriptor;
    this.#status = status;
    this.#close = end;
  }

  get descriptor(): number {
    if (this.#descriptor !== closed) return this.#descriptor;
    throw Object.assign(new Error('EBADF: the file was closed'), { code: 'EBADF' });
  }

  async read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    let done = 0;
    while (done < length) {
      const [start, left] = [done, length - done];
      const { bytesRead } = await this.#call((file) =>
        system.read(file, buffer, offset + start, left, position + start),
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return (await this.#call((file) => system.write(file, buffer, offset, length, position))).bytesWritten;
  }

  async truncate(length: number): Promise<void> {
    await this.#call((file) => system.ftruncate(file, length));
  }

  async sync(): Promise<void> {
    await this.#call(system.fsync);
  }

  async datasync(): Promise<void> {
    await this.#call(system.fdatasync);
  }

  async chmod(mode: number): Promise<void> {
    await this.#call((file) => system.fchmod(file, mode));
  }

  async stat(): Promise<FileStatus> {
    return await this.#call(this.#status);
  }

  async close(): Promise<void> {
    const descriptor = this.#descriptor;
    this.#descriptor = closed;
    if (descriptor === closed) return;
    if (this.#calls.size > 0) await Promise.allSettled(this.#calls);
    await this.#close(descriptor);
  }

  async #call<T>(work: (descriptor: number) => Promise<T>): Promise<T> {
    const call = work(this.descriptor);
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }
}

/** Stands for a descriptor that must not be used any more. */
const closed = -1;

/** Wraps an open file. Close this instead of the handle, which would not wait for the calls in progress. */
export function toOpenFile(handle: FileHandle): OpenFile {
  return new NodeFile(handle.fd, system.fstat, () => handle.close());
}

async function openFile(path: string, flags: number, mode: number): Promise<OpenFile> {
  // Does not wait for a FIFO in place of a file.
  // oxlint-disable-next-line no-bitwise -- the flag may be among them already
  const descriptor = await system.open(path, flags | O_NONBLOCK, mode);
  // oxlint-disable-next-line no-bitwise -- two bits say how it was opened
  const isWritten = (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0;
  return new NodeFile(descriptor, isWritten ? system.fstat : async (file) => fstatSync(file), system.close);
}

/** This machine's file system. */
export const nodeFileSystem: HostFileSystem = {
  open: openFile,
  rename,
  link,
  unlink,
  readdir: (path) => readdir(path),
  stat: (path) => stat(path),
  lstat: (path) => lstat(path),
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  realpath: (path) => realpath(path),
  syncDirectory: async (path) => {
    const directory = await openFile(path, constants.O_RDONLY, 0);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
};
