// The unfinished file beside the target, with its record: resumed, written, made durable, and given the target's name in
// one step, or removed. The record never claims a byte that is not on disk.
import { dirname } from 'node:path';
import { errnoOf } from '../../local/errno.ts';
import type { HostFileSystem, OpenFile } from '../files/file-system.ts';
import { toIoError } from '../files/io-error.ts';
import { syncDirectory } from '../files/replace-file.ts';
import { countBytes, type Extents, frontierOf } from '../flow/extents.ts';
import type { ImageIdentity } from '../flow/source.ts';
import { closingOnFailure, createOwn, openOwn } from './own-file.ts';
import { PartData } from './part-data.ts';
import { partKey, partPath, privateKey } from './part-record.ts';
import type { OnChecked, Piece } from './pieces.ts';
import { publishFile } from './publish.ts';
import { readPieces, removeLeftOver, writeRecord } from './record-file.ts';

interface PartOptions {
  readonly fileSystem: HostFileSystem;
  /** Our user id, who must be the part's only owner; null if users have none. */
  readonly uid: number | null;
  /** Whether to leave out blocks of zeros, which then take no room on disk. */
  readonly sparse: boolean;
  /** Whether its name is known to nobody else, so that no other process writes to it and no later run resumes it. */
  readonly isPrivate: boolean;
}

export class PartFile {
  readonly path: string;
  readonly #target: string;
  readonly #options: PartOptions;
  readonly #identity: ImageIdentity;
  readonly #data: PartData;
  /** Bytes of an earlier run that are lost because its record could not be read. */
  lostBytes = 0;
  #checkpoint: Promise<void> | null = null;
  #checkpointError: unknown = null;

  private constructor(
    path: string,
    target: string,
    identity: ImageIdentity,
    file: OpenFile,
    pieces: readonly Piece[],
    options: PartOptions,
  ) {
    this.path = path;
    this.#target = target;
    this.#identity = identity;
    this.#options = options;
    this.#data = new PartData(file, pieces, { path, target, sparse: options.sparse });
  }

  /**
   * Opens the part that an earlier run left of this very image, or creates a new one. Only a plain file of our own, with
   * a single name and a sound record, is resumed; whatever its record does not vouch for is cut off.
   * @param target absolute path, links resolved; the caller holds its lock
   * @throws GlanceError `io.*`
   */
  static async open(target: string, identity: ImageIdentity, options: PartOptions): Promise<PartFile> {
    const { fileSystem } = options;
    const key = options.isPrivate ? privateKey() : partKey(identity);
    const path = partPath(target, key);
    try {
      if (options.isPrivate)
        return new PartFile(path, target, identity, await createOwn(path, fileSystem), [], options);
      await removeLeftOver(fileSystem, `${path}.json.tmp`);
      const kept = await openOwn(path, fileSystem, options.uid);
      if (kept !== null) {
        return await closingOnFailure(kept, async () => {
          const { size } = await kept.stat();
          const pieces = await readPieces(fileSystem, `${path}.json`, identity, size);
          const part = new PartFile(path, target, identity, kept, pieces ?? [], options);
          if (pieces === null) part.lostBytes = size;
          await kept.truncate(part.#data.end);
          return part;
        });
      }
      const part = new PartFile(path, target, identity, await createOwn(path, fileSystem), [], options);
      await part.#begin();
      return part;
    } catch (error) {
      throw toIoError(error, dirname(target));
    }
  }

  /** Runs before anything is fetched: if the record or the directory cannot be synced here, neither could the finished file. */
  async #begin(): Promise<void> {
    try {
      await this.#writeRecord([]);
      await syncDirectory(this.#options.fileSystem, dirname(this.#target));
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** The bytes that are there. */
  get extents(): Extents {
    return this.#data.extents;
  }

  /** How many bytes are there. */
  get bytes(): number {
    return countBytes(this.extents);
  }

  /** The first byte that is missing. */
  get frontier(): number {
    return frontierOf(this.extents);
  }

  /**
   * Reads what an earlier run left, and drops damaged parts.
   * @returns whether all of it was good
   * @throws GlanceError `io.*`; whatever `onChecked` fails with
   */
  check(buffer: Uint8Array, onChecked: OnChecked): Promise<boolean> {
    return this.#data.check(buffer, onChecked);
  }

  /** Reads up to a buffer of bytes. @returns bytes read; fewer at the end of the file */
  read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    return this.#data.read(buffer, length, position);
  }

  /**
   * Writes bytes to an unused range. They count as present once this is done.
   * @throws GlanceError `io.*`
   */
  write(position: number, bytes: Uint8Array): Promise<void> {
    if (this.#checkpointError !== null) return Promise.reject(toIoError(this.#checkpointError, this.#target));
    return this.#data.write(position, bytes);
  }

  /** Discards everything. @throws GlanceError `io.*` */
  async restart(): Promise<void> {
    this.#data.forget();
    await this.#checkpoint;
    await this.#data.cut(0);
  }

  /** Starts making what is there durable, without waiting; a failure shows at the next write. */
  startCheckpoint(): void {
    if (this.#checkpoint !== null || this.#options.isPrivate) return;
    this.#checkpoint = this.#runCheckpoint()
      .catch((error: unknown) => {
        this.#checkpointError ??= error;
      })
      .finally(() => {
        this.#checkpoint = null;
      });
  }

  /**
   * Makes what is there durable and closes the file, so that the next run can resume. On a full disk, the last bytes make
   * room for the record.
   * @returns the bytes kept
   * @throws GlanceError `io.*` if that failed; what is on disk is then not reliable
   */
  async keep(): Promise<number> {
    if (this.#options.isPrivate) return 0;
    try {
      await this.#checkpoint;
      if (this.#checkpointError !== null) throw this.#checkpointError;
      // The file is already closed if it was finished but could not get its name.
      await this.#data.reopen(this.#options.fileSystem);
      // Cuts off what a failed write left after the last complete one.
      await this.#data.cut(this.#data.end);
      try {
        await this.#runCheckpoint();
      } catch (error) {
        if (!['ENOSPC', 'EDQUOT'].includes(errnoOf(error))) throw error;
        await this.#data.giveUpTail();
        await this.#runCheckpoint();
      }
      return this.bytes;
    } catch (error) {
      throw toIoError(error, this.#target);
    } finally {
      await this.#data.close().catch(() => undefined);
    }
  }

  /**
   * Makes the data durable and gives it the target's name. Removes what earlier runs left for this target.
   * @param size bytes of the image
   * @param replace whether a file with that name may be replaced; otherwise one that came in the meantime is left alone
   * @param mode permission bits of the finished file
   * @throws GlanceError `io.exists`, `io.*`; the target is then unchanged, unless the message says that it is in place
   */
  async publish(size: number, replace: boolean, mode: number): Promise<void> {
    try {
      await this.#checkpoint;
      if (this.#checkpointError !== null) throw this.#checkpointError;
      await this.#data.finish(size, mode);
    } catch (error) {
      throw toIoError(error, this.#target);
    }
    await publishFile(this.#options.fileSystem, this.path, this.#target, replace);
  }

  /** Removes the part and its record. Never throws, since it is called after another failure. */
  async discard(): Promise<void> {
    await this.#checkpoint;
    await this.#data.close().catch(() => undefined);
    for (const name of [`${this.path}.json.tmp`, `${this.path}.json`, this.path]) {
      await this.#options.fileSystem.unlink(name).catch(() => undefined);
    }
  }

  /** Keeps the data under another name, for closer inspection. @throws GlanceError `io.*` */
  async keepAs(path: string): Promise<void> {
    try {
      await this.#checkpoint;
      await this.#data.close();
      await this.#options.fileSystem.rename(this.path, path);
      await this.#options.fileSystem.unlink(`${this.path}.json`);
    } catch (error) {
      throw toIoError(error, path);
    }
  }

  async #runCheckpoint(): Promise<void> {
    const pieces = this.#data.pieces();
    await this.#data.sync();
    await this.#writeRecord(pieces);
  }

  async #writeRecord(pieces: readonly Piece[]): Promise<void> {
    await writeRecord(this.#options.fileSystem, `${this.path}.json`, this.#identity, pieces);
  }
}
