// Computes digests in the background: one file at a time, the smallest first.
import type { FileHandle } from 'node:fs/promises';
import { GlanceError } from '../../errors.ts';
import { digestFile } from '../../transfer/digest/digest-file.ts';
import { toOpenFile } from '../../transfer/files/file-system.ts';
import type { KnownDigests } from './digest-store.ts';
import { type FileIdentity, identify, isSameFile } from '../answers/image-bytes.ts';
import { openServed } from './served-file.ts';

/** A file to read. */
export interface DigestTask {
  readonly path: string;
  readonly identity: FileIdentity;
}

interface DigestEvents {
  readonly onStart: (task: DigestTask) => void;
  /** Null: the file could not be read, or changed meanwhile. */
  readonly onEnd: (task: DigestTask, digests: KnownDigests | null, error: unknown) => void;
  /** Called when nothing is left to read. */
  readonly onIdle: () => void;
}

/** The files that wait for their digests. */
export class DigestQueue {
  readonly #events: DigestEvents;
  #waiting: DigestTask[] = [];
  #running: { readonly task: DigestTask; readonly controller: AbortController } | null = null;
  #loop: Promise<void> = Promise.resolve();

  constructor(events: DigestEvents) {
    this.#events = events;
  }

  /** Whether nothing is waiting or being read. */
  get isIdle(): boolean {
    return this.#running === null && this.#waiting.length === 0;
  }

  /** Replaces the files to read. If the one being read is not among them, reading it is aborted. */
  replace(tasks: readonly DigestTask[]): void {
    const isSame = (task: DigestTask): boolean =>
      task.path === this.#running?.task.path && isSameFile(task.identity, this.#running.task.identity);
    if (!tasks.some(isSame)) this.#running?.controller.abort();
    this.#waiting = tasks.filter((task) => !isSame(task)).toSorted((a, b) => Number(a.identity.size - b.identity.size));
    if (this.#running === null && this.#waiting.length > 0) this.#loop = this.#readAll();
  }

  /** Stops at once. */
  async close(): Promise<void> {
    this.replace([]);
    await this.#loop;
  }

  async #readAll(): Promise<void> {
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      const controller = new AbortController();
      this.#running = { task, controller };
      this.#events.onStart(task);
      let [digests, failure]: [KnownDigests | null, unknown] = [null, null];
      try {
        digests = await readDigests(task, controller.signal);
      } catch (error) {
        failure = error;
      }
      this.#running = null;
      if (!controller.signal.aborted) this.#events.onEnd(task, digests, failure);
    }
    this.#events.onIdle();
  }
}

async function readDigests({ path, identity }: DigestTask, signal: AbortSignal): Promise<KnownDigests> {
  const opener = { open: async () => toOpenFile(await openSame(path, identity)) };
  const digests = await digestFile(opener, path, Number(identity.size), ['md5', 'sha512'], signal);
  await (await openSame(path, identity)).close();
  const hexOf = (wanted: string): string => digests.find(({ algorithm }) => algorithm === wanted)?.hex ?? '';
  return { md5: hexOf('md5'), sha512: hexOf('sha512') };
}

/** Opens the file, if it is still the one that was found. */
async function openSame(path: string, identity: FileIdentity): Promise<FileHandle> {
  const handle = await openServed(path);
  try {
    if (!isSameFile(await identify(handle), identity))
      throw new GlanceError('io.error', `${path} changed while it was read`);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
