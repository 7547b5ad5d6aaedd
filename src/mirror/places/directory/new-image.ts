// A small image that is new to a mirror in a directory: held in memory until it is verified, then stored in few steps.
import { basename, dirname } from 'node:path';
import type { DataTarget } from '../../../transfer/data-target.ts';
import type { DownloadOptions, DownloadResult } from '../../../transfer/download-options.ts';
import type { HostFileSystem } from '../../../transfer/files/file-system.ts';
import { checkSpace } from '../../../transfer/files/target.ts';
import { storeFiles } from '../../../transfer/files/store-files.ts';
import { type DownloadSource, replacedError } from '../../../transfer/flow/source.ts';
import { partPath, privateKey } from '../../../transfer/part/part-record.ts';
import { MemorySink } from '../../../transfer/upload/memory-sink.ts';
import { passImage } from '../../../transfer/upload/pass-image.ts';
import type { FilePlace } from '../place.ts';

/** Maximum size of an image to hold in memory, in bytes: fetching that much again costs less than what it takes to resume. */
const smallBytes = 256 * 1024;

/** Whether an image is known to be small enough to be held. */
export function isSmall({ size }: { readonly size: number | null }): boolean {
  return size !== null && size <= smallBytes;
}

/** Less the umask. */
const dataMode = 0o666;

/** Where the data of such an image goes. */
export class NewImage implements DataTarget, FilePlace {
  readonly path: string;
  readonly fileSystem: HostFileSystem;
  readonly isShared = false;

  /** @param path absolute, in a directory of the mirror that nothing else has been written to */
  constructor(path: string, fileSystem: HostFileSystem) {
    this.path = path;
    this.fileSystem = fileSystem;
  }

  /** The path. */
  get name(): string {
    return this.path;
  }

  async take(source: DownloadSource, options: DownloadOptions): Promise<DownloadResult> {
    await checkSpace(this.fileSystem, dirname(dirname(this.path)), source.image.size ?? 0);
    const openSink = (now: DownloadSource): MemorySink => {
      // The image may have been replaced since it was listed; the next run will notice.
      if (!isSmall(now.image)) throw replacedError(now, 'run the same command again');
      return new MemorySink((bytes) => this.#store(bytes));
    };
    return await passImage(source, this.path, openSink, options);
  }

  async #store(content: Uint8Array): Promise<void> {
    const temporary = basename(partPath(this.path, privateKey()));
    const file = { name: basename(this.path), temporary, content, mode: dataMode };
    await storeFiles(this.fileSystem, dirname(this.path), [file]);
  }
}
