// The unfinished file beside the target: written, synced, then given the target's name in one step, or taken away.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GlanceError } from '../errors.ts';
import { toIoError } from './io-error.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;

/** Nobody else may read an image before it is known to be whole. */
const partMode = 0o600;

export class PartFile {
  readonly path: string;
  readonly #target: string;
  readonly #handle: FileHandle;
  readonly #directory: FileHandle;
  #position = 0;

  private constructor(path: string, target: string, handle: FileHandle, directory: FileHandle) {
    this.path = path;
    this.#target = target;
    this.#handle = handle;
    this.#directory = directory;
  }

  /**
   * Makes an empty part file in the target's directory.
   * @param target absolute path, links resolved
   * @throws GlanceError `io.*`
   */
  static async create(target: string): Promise<PartFile> {
    const path = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.part`);
    let directory: FileHandle | null = null;
    try {
      // Opened before anything is fetched: without it the new name could not be made durable in the end.
      directory = await open(dirname(target), constants.O_RDONLY);
      const handle = await open(path, O_RDWR + O_CREAT + O_EXCL + O_NOFOLLOW, partMode);
      return new PartFile(path, target, handle, directory);
    } catch (error) {
      await directory?.close();
      throw toIoError(error, dirname(target));
    }
  }

  /** Bytes written. */
  get bytes(): number {
    return this.#position;
  }

  /** Appends. @throws GlanceError `io.*` */
  async write(chunk: Uint8Array): Promise<void> {
    try {
      let offset = 0;
      while (offset < chunk.length) {
        // oxlint-disable-next-line no-await-in-loop -- a write may be short; the rest goes after it
        const { bytesWritten } = await this.#handle.write(chunk, offset, chunk.length - offset, this.#position);
        offset += bytesWritten;
        this.#position += bytesWritten;
      }
    } catch (error) {
      throw toIoError(error, this.#target);
    }
  }

  /** Throws away what was written. */
  async restart(): Promise<void> {
    try {
      await this.#handle.truncate(0);
      this.#position = 0;
    } catch (error) {
      throw toIoError(error, this.#target);
    }
  }

  /**
   * Makes the data durable and gives it the target's name.
   * @param replace whether a file of that name may be replaced; without it one that came meanwhile is left alone
   * @param mode permission bits of the finished file
   * @throws GlanceError `io.exists`, `io.*`; the target is then as it was, unless the message says that it is in place
   */
  async publish(replace: boolean, mode: number): Promise<void> {
    try {
      await this.#handle.chmod(mode);
      await this.#handle.sync();
      await this.#handle.close();
      await (replace ? rename(this.path, this.#target) : this.#linkNew());
    } catch (error) {
      throw toIoError(error, this.#target);
    }
    await this.#syncDirectory();
  }

  /** A new name is only durable once its directory is. Some network file systems cannot; that alone is let pass. */
  async #syncDirectory(): Promise<void> {
    try {
      await this.#directory.sync();
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'EINVAL' || error.code === 'EISDIR')) return;
      const text = `${this.#target}: it is in place and verified, but its directory could not be synced to the disk`;
      throw new GlanceError('io.error', text, { cause: error });
    } finally {
      await this.#directory.close();
    }
  }

  /** Takes the part file away. Never throws: it is called when something else has failed already. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await this.#directory.close().catch(() => undefined);
    await unlink(this.path).catch(() => undefined);
  }

  /** `link` fails if the name is taken, which `rename` does not. */
  async #linkNew(): Promise<void> {
    try {
      await link(this.path, this.#target);
    } catch (error) {
      if (!hasNoHardLinks(error)) throw error;
      // The name is claimed first, so that only our own empty file is replaced.
      const claim = await open(this.#target, O_RDWR + O_CREAT + O_EXCL + O_NOFOLLOW, partMode);
      await claim.close();
      await rename(this.path, this.#target).catch(async (failure: unknown) => {
        await unlink(this.#target);
        throw failure;
      });
      return;
    }
    await unlink(this.path);
  }
}

function hasNoHardLinks(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(String(error.code))
  );
}

/** The error for a target that is there and is not to be replaced. */
export function existsError(path: string, why: string): GlanceError {
  return new GlanceError('io.exists', `${path}: ${why}`, { hint: 'give --force to replace it' });
}
