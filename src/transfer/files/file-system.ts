// The file system as transfers use it: an interface, so that a simulated one can lose power, and Node's own behind it.
import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, lstat, open, readdir, realpath, rename, stat, statfs, unlink } from 'node:fs/promises';
import { O_NONBLOCK } from '../../local/open-flags.ts';

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

/** An open file. Every method fails with Node's system errors (`code` is the name of the errno). */
export interface OpenFile {
  /** Its status when it was opened; absent if nothing required a look. */
  readonly opened?: FileStatus;
  /** Its descriptor in this process, valid until it is closed; absent if it has none. */
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
export interface FileSystem {
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
  /** Holds a directory open, for uses other than files. Absent: its path will do. */
  hold?(path: string): Promise<HeldDirectory>;
}

class NodeFile implements OpenFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  get descriptor(): number {
    return this.#handle.fd;
  }

  async read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(buffer, offset + done, length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return (await this.#handle.write(buffer, offset, length, position)).bytesWritten;
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length);
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  datasync(): Promise<void> {
    return this.#handle.datasync();
  }

  chmod(mode: number): Promise<void> {
    return this.#handle.chmod(mode);
  }

  stat(): Promise<Stats> {
    return this.#handle.stat();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Wraps an open file. */
export function toOpenFile(handle: FileHandle): OpenFile {
  return new NodeFile(handle);
}

/** This machine's file system. */
export const nodeFileSystem: FileSystem = {
  // Does not wait for a FIFO in place of a file.
  // oxlint-disable-next-line no-bitwise -- the flag may be among them already
  open: async (path, flags, mode) => new NodeFile(await open(path, flags | O_NONBLOCK, mode)),
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
    const directory = await open(path, constants.O_RDONLY);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
};
