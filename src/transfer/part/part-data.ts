// The bytes of a part file, and which of them are there: read, written, checked, truncated. Knows nothing of records.
import type { HostFileSystem, OpenFile } from '../files/file-system.ts';
import { toIoError } from '../files/io-error.ts';
import { writeAll } from '../files/replace-file.ts';
import type { Extents } from '../flow/extents.ts';
import { shortFileError } from '../flow/size-errors.ts';
import { reopenOwn } from './own-file.ts';
import { checksumPiece, type OnChecked, type Piece, PieceLog } from './pieces.ts';
import { findData } from './sparse.ts';

/** Freed on a full disk to make room for the record. */
const tailGivenUp = 256 * 1024;

interface PartDataOptions {
  readonly path: string;
  /** The file that it will become, which write errors name. */
  readonly target: string;
  /** Whether to leave out blocks of zeros, which then take no room on disk. */
  readonly sparse: boolean;
}

export class PartData {
  readonly #options: PartDataOptions;
  #file: OpenFile;
  #isOpen = true;
  #log: PieceLog;
  /** End of the bytes that may be other than zero. */
  #dirtyEnd: number;
  /** End of the last bytes written since the file was opened, not counting zeros that were left out. */
  #writtenEnd = 0;

  constructor(file: OpenFile, pieces: readonly Piece[], options: PartDataOptions) {
    this.#file = file;
    this.#log = new PieceLog(pieces);
    this.#dirtyEnd = this.end;
    this.#options = options;
  }

  /** The bytes that are there. */
  get extents(): Extents {
    return this.#log.extents;
  }

  /** The position after the last byte that is there. */
  get end(): number {
    return this.#log.extents.at(-1)?.end ?? 0;
  }

  /** The bytes that are there, with their checksums. */
  pieces(): readonly Piece[] {
    return this.#log.list();
  }

  /**
   * Reads what an earlier run left, and drops damaged parts.
   * @returns whether all of it was good
   * @throws GlanceError `io.*`; whatever `onChecked` fails with
   */
  async check(buffer: Uint8Array, onChecked: OnChecked): Promise<boolean> {
    const pieces = this.#log.list();
    const good: Piece[] = [];
    for (const piece of pieces) {
      if ((await this.#checksum(piece, buffer, onChecked)) === piece.crc) good.push(piece);
    }
    this.#log = new PieceLog(good);
    return good.length === pieces.length;
  }

  /** Reads up to a buffer of bytes. @returns bytes read; fewer at the end of the file @throws GlanceError `io.*` */
  async read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    try {
      return await this.#file.read(buffer, 0, length, position);
    } catch (error) {
      throw toIoError(error, this.#options.path);
    }
  }

  /** Writes bytes to an unused range. They count as present once this is done. @throws GlanceError `io.*` */
  async write(position: number, bytes: Uint8Array): Promise<void> {
    const skipsZeros = this.#options.sparse && position >= this.#dirtyEnd;
    try {
      if (skipsZeros) {
        for (const { start, end } of findData(bytes, position)) {
          await this.#writeAll(position + start, bytes.subarray(start, end));
        }
      } else await this.#writeAll(position, bytes);
    } catch (error) {
      throw toIoError(error, this.#options.target);
    }
    this.#log.add(position, bytes);
  }

  /** From now on, none of the bytes count as present. */
  forget(): void {
    this.#log = new PieceLog();
  }

  /** Truncates the file at `end`. @throws GlanceError `io.*` */
  async cut(end: number): Promise<void> {
    try {
      await this.#file.truncate(end);
      this.#dirtyEnd = end;
      this.#writtenEnd = Math.min(this.#writtenEnd, end);
    } catch (error) {
      throw toIoError(error, this.#options.target);
    }
  }

  /** Frees a little of the last piece. @throws GlanceError `io.*` */
  async giveUpTail(): Promise<void> {
    const pieces = this.#log.list();
    const last = pieces.at(-1);
    if (last === undefined) return;
    const shorter = { ...last, length: last.length - tailGivenUp };
    const crc = shorter.length > 0 ? await this.#checksum(shorter, new Uint8Array(tailGivenUp), ignore) : 0;
    this.#log = new PieceLog([...pieces.slice(0, -1), ...(shorter.length > 0 ? [{ ...shorter, crc }] : [])]);
    await this.cut(this.end);
  }

  /** Makes the bytes durable. @throws Node's system errors */
  sync(): Promise<void> {
    return this.#file.datasync();
  }

  /**
   * Makes a finished file durable with all its metadata, and closes it.
   * @param size bytes of the image, which may end in zeros that were left out
   * @throws Node's system errors; SizeError `io.error` if the file lacks bytes that were written
   */
  async finish(size: number, mode: number): Promise<void> {
    await this.#checkSize(size);
    await this.#file.truncate(size);
    await this.#file.sync();
    await this.#file.chmod(mode);
    await this.close();
  }

  /** May be called twice. @throws Node's system errors */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close();
  }

  /** Opens it again if it is closed. @throws Node's system errors */
  async reopen(fileSystem: HostFileSystem): Promise<void> {
    if (this.#isOpen) return;
    this.#file = await reopenOwn(this.#options.path, fileSystem);
    this.#isOpen = true;
  }

  async #writeAll(position: number, bytes: Uint8Array): Promise<void> {
    await writeAll(this.#file, position, bytes);
    this.#writtenEnd = Math.max(this.#writtenEnd, position + bytes.length);
  }

  /** A file that is too short would be filled up with zeros. If zeros are left out, it may be shorter than the image. */
  async #checkSize(size: number): Promise<void> {
    const written = this.#options.sparse ? this.#writtenEnd : size;
    const there = (await this.#file.stat()).size;
    if (there < written) throw shortFileError(written, there);
  }

  #checksum(piece: Piece, buffer: Uint8Array, onChecked: OnChecked): Promise<number> {
    return checksumPiece(piece, buffer, (count, position) => this.read(buffer, count, position), onChecked);
  }
}

const ignore: OnChecked = () => Promise.resolve();
