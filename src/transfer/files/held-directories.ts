// Keeps directories below an open one open for a while, so that work in one of them looks it up only once.
import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GlanceError } from '../../errors.ts';
import { errnoOf } from '../../local/errno.ts';
import { O_DIRECTORY, O_NOFOLLOW } from '../../local/open-flags.ts';
import { type HeldDirectory, nodeFileSystem, type OpenFile } from './file-system.ts';

const openDirectories = '/proc/self/fd';

/** Far more than the images worked on at once; each takes a descriptor. */
const mostHeld = 64;

interface Held {
  readonly handle: Promise<OpenFile>;
  users: number;
  isForgotten: boolean;
}

/** A path through which to reach names in an open directory. */
export function pathOf({ descriptor }: OpenFile): string {
  return `${openDirectories}/${String(descriptor)}`;
}

export class HeldDirectories {
  readonly #root: OpenFile;
  readonly #rootPath: string;
  readonly #held = new Map<string, Held>();

  /** @param root stays the caller's to close @param rootPath for messages */
  constructor(root: OpenFile, rootPath: string) {
    this.#root = root;
    this.#rootPath = rootPath;
  }

  /**
   * Opens a directory by the names on its path, none of which may be a link. The caller must close it; it is then kept open for
   * a while for reuse.
   * @throws Node's system errors; GlanceError `io.not_regular`
   */
  async hold(names: readonly string[]): Promise<HeldDirectory> {
    if (names.length === 0) return { ...toHeld(this.#root), close: () => Promise.resolve() };
    const key = join(...names);
    const held = this.#held.get(key) ?? this.#open(key, names);
    held.users++;
    try {
      return { ...toHeld(await held.handle), close: () => this.#leave(held) };
    } catch (error) {
      this.forget(names);
      throw error;
    }
  }

  /** Makes the next caller look the directory up again. */
  forget(names: readonly string[]): void {
    const key = join(...names);
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    held.isForgotten = true;
    void this.#closeUnused(held);
  }

  /** Call when none of them is in use any more. */
  async close(): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(all.map(async ({ handle }) => await (await handle).close()));
  }

  #open(key: string, names: readonly string[]): Held {
    const [oldest] = this.#held.size >= mostHeld ? this.#held.keys() : [];
    if (oldest !== undefined) this.forget([oldest]);
    const held: Held = { handle: walk(this.#root, this.#rootPath, names), users: 0, isForgotten: false };
    this.#held.set(key, held);
    return held;
  }

  async #leave(held: Held): Promise<void> {
    held.users--;
    await this.#closeUnused(held);
  }

  async #closeUnused({ handle, users, isForgotten }: Held): Promise<void> {
    if (!isForgotten || users > 0) return;
    const opened = await handle.catch(() => null);
    await opened?.close();
  }
}

function toHeld(handle: OpenFile): Pick<HeldDirectory, 'path' | 'sync'> {
  return { path: pathOf(handle), sync: () => handle.sync() };
}

async function walk(root: OpenFile, path: string, names: readonly string[]): Promise<OpenFile> {
  let [last, shown]: [OpenFile | null, string] = [null, path];
  for (const name of names) {
    shown = join(shown, name);
    try {
      const flags = constants.O_RDONLY + O_DIRECTORY + O_NOFOLLOW;
      const next: OpenFile = await nodeFileSystem.open(join(pathOf(last ?? root), name), flags, 0);
      await last?.close();
      last = next;
    } catch (error) {
      await last?.close();
      throw ['ENOTDIR', 'ELOOP'].includes(errnoOf(error)) ? notDirectory(shown) : error;
    }
  }
  return last ?? root;
}

/**
 * A path through an open directory means nothing to a reader, so it is replaced in a system error by the file's own path.
 * @param reached the path of the directory by which it was reached
 * @param own the file's own path
 * @returns the error
 */
export function withOwnPath(error: unknown, reached: string, own: string): unknown {
  const { path, dest } = error as { readonly path?: unknown; readonly dest?: unknown };
  const place = typeof dest === 'string' ? dest : path;
  if (reached === own || typeof place !== 'string' || dirname(place) !== reached) return error;
  return Object.assign(error as Error, { path: join(own, basename(place)), dest: undefined });
}

/** The error for something that should be a directory. */
export function notDirectory(path: string): GlanceError {
  return notRegular(path, 'it is a link, or something else that is not a directory');
}

/** The error for something that must not be written through. */
export function notRegular(path: string, why: string): GlanceError {
  return new GlanceError('io.not_regular', `${path}: ${why}`, { hint: 'remove it: nothing is written through it' });
}
