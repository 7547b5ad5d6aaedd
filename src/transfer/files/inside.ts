// Confines file access to a directory: nothing outside it is reached, and no link is followed. Node has no openat(2); if
// the system shows open directories under /proc, names are looked up through those, so that a link created between check
// and use has no effect. Elsewhere each directory on the path is checked before and after.
import { constants } from 'node:fs';
import { lstat, mkdir, realpath, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } from '../../local/open-flags.ts';
import {
  type FileStatus,
  type HostFileSystem,
  type HeldDirectory,
  nodeFileSystem,
  type OpenFile,
} from './file-system.ts';
import { errnoOf } from '../../local/errno.ts';
import { isWorthStoring, storingThreads } from '../threads/thread-pool.ts';
import type { StoreStep } from '../threads/messages.ts';
import { HeldDirectories, notDirectory, notRegular, pathOf, withOwnPath } from './held-directories.ts';

/** A directory, and how to check that the path still leads to it. */
interface Reached extends HeldDirectory {
  /** Throws if the path leads to another directory by now. */
  check(): Promise<void>;
}

interface InsideOptions {
  /** Absent: this machine's. */
  readonly fileSystem?: HostFileSystem;
  /** False: behave as on a system without /proc. */
  readonly byHandle?: boolean;
}

/**
 * Takes absolute paths below {@link root}. If anything on the way is a link or not a directory, methods fail with
 * GlanceError `io.not_regular`, as does opening anything but a regular file; otherwise with Node's system errors.
 */
export class InsideDirectory implements HostFileSystem {
  /** Absolute, links resolved. */
  readonly root: string;
  readonly #handle: OpenFile | null;
  readonly #held: HeldDirectories | null;
  readonly #fileSystem: HostFileSystem;

  private constructor(root: string, handle: OpenFile | null, fileSystem: HostFileSystem) {
    this.root = root;
    this.#handle = handle;
    this.#held = handle === null ? null : new HeldDirectories(handle, root);
    this.#fileSystem = fileSystem;
  }

  /** @param path path of the directory, which may itself be a link @throws Node's system errors */
  static async open(path: string, options: InsideOptions = {}): Promise<InsideDirectory> {
    const root = await realpath(path);
    const handle = options.byHandle === false ? null : await holdRoot(root);
    return new InsideDirectory(root, handle, options.fileSystem ?? nodeFileSystem);
  }

  async close(): Promise<void> {
    await this.#held?.close();
    await this.#handle?.close();
  }

  /** A path to a directory in {@link root} that leads nowhere else, as long as this is open; null if there is none. */
  pathOf(name: string): string | null {
    return this.#handle === null ? null : join(pathOf(this.#handle), name);
  }

  async open(path: string, flags: number, mode: number): Promise<OpenFile> {
    let file: OpenFile | null = null;
    try {
      return await this.#in(dirname(path), async (directory) => {
        const place = join(directory, basename(path));
        if (this.#handle === null) await refuseLink(place, path);
        // oxlint-disable-next-line no-bitwise -- they may be among them already
        file = await this.#fileSystem.open(place, flags | O_NOFOLLOW | O_NONBLOCK, mode);
        // A file that this call creates is a regular one.
        // oxlint-disable-next-line no-bitwise -- a flag among others
        if ((flags & constants.O_EXCL) !== 0) return file;
        const opened = await file.stat();
        if (!opened.isFile()) throw notRegular(path, 'it is not a regular file');
        return Object.assign(file, { opened });
      });
    } catch (error) {
      await (file as OpenFile | null)?.close().catch(() => undefined);
      throw error;
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#inOne(from, to, (directory) =>
      this.#fileSystem.rename(join(directory, basename(from)), join(directory, basename(to))),
    );
  }

  async link(existing: string, name: string): Promise<void> {
    await this.#inOne(existing, name, (directory) =>
      this.#fileSystem.link(join(directory, basename(existing)), join(directory, basename(name))),
    );
  }

  async unlink(path: string): Promise<void> {
    await this.#in(dirname(path), (directory) => this.#fileSystem.unlink(join(directory, basename(path))));
  }

  async readdir(path: string): Promise<readonly string[]> {
    return await this.#in(path, (directory) => this.#fileSystem.readdir(directory));
  }

  /** Same as {@link lstat}: no link is followed. */
  async stat(path: string): Promise<FileStatus> {
    return await this.lstat(path);
  }

  async lstat(path: string): Promise<FileStatus> {
    return await this.#in(dirname(path), (directory) => this.#fileSystem.lstat(join(directory, basename(path))));
  }

  async freeBytes(path: string): Promise<number> {
    return await this.#in(path, (directory) => this.#fileSystem.freeBytes(directory));
  }

  /** Returns the path itself, since it contains no links. */
  async realpath(path: string): Promise<string> {
    return path;
  }

  async syncDirectory(path: string): Promise<void> {
    const reached = await this.hold(path);
    try {
      await (reached.sync?.() ?? this.#fileSystem.syncDirectory(reached.path));
      await reached.check();
    } finally {
      await reached.close();
    }
  }

  /** In a thread, which opens the directory itself, anew for each step. */
  async takeAtOnce(path: string, steps: readonly StoreStep[]): Promise<boolean> {
    const [name, ...more] = this.#namesOf(path);
    const directory = name === undefined || more.length > 0 ? null : this.pathOf(name);
    if (directory === null || this.#fileSystem !== nodeFileSystem || !isWorthStoring()) return false;
    try {
      await storingThreads.ask({ directory, steps });
      return true;
    } catch (error) {
      const { place } = error as { readonly place?: string };
      if (place === '' && ['ENOTDIR', 'ELOOP'].includes(errnoOf(error))) throw notDirectory(path);
      throw place === undefined ? error : Object.assign(error as Error, { path: join(path, place) });
    }
  }

  /** Stops holding a directory open, since there is nothing more to do in it for now. */
  letGo(path: string): void {
    this.#held?.forget(this.#namesOf(path));
  }

  /** Creates a directory unless it exists. @returns whether it was created @throws as stated above, also for a link there */
  async makeDirectory(path: string): Promise<boolean> {
    this.letGo(path);
    const isNew = await this.#in(dirname(path), async (directory) => {
      try {
        await mkdir(join(directory, basename(path)));
        return true;
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
        return false;
      }
    });
    if (!isNew) await this.#in(path, async () => undefined);
    return isNew;
  }

  /** Removes an empty directory. */
  async removeDirectory(path: string): Promise<void> {
    this.letGo(path);
    await this.#in(dirname(path), (directory) => rmdir(join(directory, basename(path))));
  }

  /** A directory, by a path that leads to it even if names on the way change. Must be closed. */
  async hold(path: string): Promise<Reached> {
    const names = this.#namesOf(path);
    if (this.#held === null) return await walkByNames(this.root, names);
    return { ...(await this.#held.hold(names)), check: async () => undefined };
  }

  #namesOf(path: string): readonly string[] {
    const names = relative(this.root, path)
      .split(sep)
      .filter((name) => name !== '');
    if (names.includes('..')) throw new Error('a path outside of the directory');
    return names;
  }

  async #inOne<T>(left: string, right: string, work: (directory: string) => Promise<T>): Promise<T> {
    if (dirname(left) !== dirname(right)) throw new Error('names are changed within one directory only');
    // A new name must go to the directory that is there now, whatever was held open before.
    this.letGo(dirname(left));
    return await this.#in(dirname(left), work);
  }

  async #in<T>(path: string, work: (directory: string) => Promise<T>): Promise<T> {
    const reached = await this.hold(path);
    try {
      const result = await work(reached.path);
      await reached.check();
      return result;
    } catch (error) {
      throw withOwnPath(error, reached.path, path);
    } finally {
      await reached.close();
    }
  }
}

/** Null if paths cannot continue from an open directory. */
async function holdRoot(root: string): Promise<OpenFile | null> {
  const handle = await nodeFileSystem.open(root, constants.O_RDONLY + O_DIRECTORY, 0).catch(() => null);
  if (handle === null) return null;
  try {
    const [held, shown] = [await handle.stat(), await stat(pathOf(handle))];
    if (held.ino === shown.ino && held.dev === shown.dev) return handle;
  } catch {
    // There is no /proc.
  }
  await handle.close();
  return null;
}

async function walkByNames(root: string, names: readonly string[]): Promise<Reached> {
  const paths = names.map((_, index) => join(root, ...names.slice(0, index + 1)));
  const look = async (path: string): Promise<string> => {
    const found = await lstat(path);
    if (!found.isDirectory()) throw notDirectory(path);
    return `${String(found.dev)} ${String(found.ino)}`;
  };
  const before = await Promise.all(paths.map(look));
  const check = async (): Promise<void> => {
    const after = await Promise.all(paths.map(look));
    const changed = paths.find((_, index) => before[index] !== after[index]);
    if (changed !== undefined) throw notRegular(changed, 'another directory has taken its place');
  };
  return { path: paths.at(-1) ?? root, check, close: async () => undefined };
}

/** For systems on which open(2) cannot refuse links. @param path its name in messages */
export async function refuseLink(place: string, path: string): Promise<void> {
  const found = await lstat(place).catch(() => null);
  if (found?.isSymbolicLink() === true) throw notRegular(path, 'it is a symbolic link where none may be');
}
