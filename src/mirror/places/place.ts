// A place to keep a mirror in, as whoever plans and carries out a mirror sees it. Images go into it verified or not at all.
import type { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { DataTarget } from '../../transfer/data-target.ts';
import type { DownloadResult } from '../../transfer/download-options.ts';
import type { FileSystem } from '../../transfer/files/file-system.ts';
import type { MirrorEntry } from '../entry-store.ts';
import type { MirrorTask, RetryChoice } from '../plan.ts';
import type { Verdict } from '../verify.ts';

/** What is in a place, looked at without changing anything: what a plan is made from. */
export interface PlaceContents {
  /** Images that are whole. */
  readonly size: number;
  /** Of those. */
  ids(): Iterable<string>;
  /**
   * What is to be done about an image. Looks at what is there: presence and sizes, no bytes of data.
   * @param image as it is printed and kept: without secrets
   * @throws what looking fails with; the signal's reason
   */
  plan(image: Image, retries: RetryChoice, signal: AbortSignal): Promise<MirrorTask>;
}

/** A file that image data goes into. */
export interface FilePlace {
  /** Absolute, in `fileSystem`. */
  readonly path: string;
  /** No path leads out of the place. */
  readonly fileSystem: FileSystem;
  /** Whether others may be at the same file: then nothing is left to be resumed, and nobody waits for anybody. */
  readonly isShared: boolean;
}

/** Data of an image that is whole in a place, and files to be kept beside it. */
export interface WholeData {
  /** Bytes from there, fewer where it ends sooner. */
  read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Writes a small file beside it. @param name without a directory */
  keep(name: string, text: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What became of image data that is whole. */
export type KeptData = Pick<DownloadResult, 'bytes' | 'digests' | 'verifiedBy'>;

/**
 * A place that this process holds and may change. Where nothing else is said, methods throw GlanceErrors of the place (`io.*`,
 * `place.*`) and the signal's reason.
 */
export interface OpenPlace extends PlaceContents {
  /** Takes images out of the index before their data is replaced: what is listed is always whole. */
  forget(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Where an image's data goes. */
  target(image: Image, signal: AbortSignal): Promise<FilePlace | (DataTarget & WholeData)>;
  /** Writes what is kept beside data that is whole, its record last, and notes it for the index. */
  complete(image: Image, data: KeptData, signal: AbortSignal): Promise<void>;
  /**
   * Writes the new records of images whose data stays.
   * @returns why it failed, by id; the others are done
   */
  updateRecords(images: readonly Image[], signal: AbortSignal): Promise<ReadonlyMap<string, GlanceError>>;
  /** Remembers that an image cannot be had as it is. What cannot be written of it now is no error: the image failed already. */
  fail(image: Image, code: string, message: string, signal: AbortSignal): Promise<void>;
  /**
   * Forgets failures of images that are not listed any more.
   * @param prunes whether such images are nobody's, and what was begun of them is thrown away
   */
  keepFailures(isListed: (id: string) => boolean, prunes: boolean, signal: AbortSignal): Promise<void>;
  /** Takes images away: out of the index first, then their files. */
  remove(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Looks again at what others have put there, as {@link OneImage}: what is whole by what is beside it is listed. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Writes the lists of checksums, and then the index, if something has changed. */
  save(signal: AbortSignal): Promise<void>;
  /** Lets go of it. Does not save. */
  close(): Promise<void>;
}

/**
 * One image of a place, as a worker sees it that carries out what another process has planned: the index is that one's alone.
 * Several may have the same image at once: all that they commit is the same, byte for byte.
 */
export type OneImage = Pick<OpenPlace, 'plan' | 'forget' | 'target' | 'complete' | 'fail' | 'close'>;

/** How a place is compared with its index. */
export interface ComparisonOptions {
  /** Files at once, ≥ 1. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Told how many bytes more were read. */
  readonly onBytes: (count: number) => void;
  /** Whether image data is compared by its size, and in a bucket by its ETag, and is not read. */
  readonly isQuick: boolean;
  /** Who compares an image of which there is something. Absent: the place itself. */
  readonly compareImage?: ((entry: MirrorEntry) => Promise<Verdict>) | undefined;
}

/** How one image is compared. */
export type OneComparisonOptions = Pick<ComparisonOptions, 'signal' | 'onBytes' | 'isQuick'>;

/** A place that is about to be compared with its index. */
export interface Comparison {
  /** Images that its index lists. */
  readonly images: number;
  /** Bytes of image data that will be read. */
  readonly bytes: number;
  /**
   * A verdict for each image, in the order of the index, then one for each other finding.
   * @throws the signal's reason; GlanceError `io.*` or `place.*` if the place cannot be read
   */
  verdicts(options: ComparisonOptions): AsyncGenerator<Verdict>;
}

/** A place, which need not be there yet. */
export interface Place {
  /** For messages: an absolute path, or a URL. */
  readonly name: string;
  /** @throws GlanceError `metadata.invalid` for an index that is none, and of the place; the signal's reason */
  look(signal: AbortSignal): Promise<PlaceContents>;
  /**
   * Takes hold of it, and makes it if it is not there and can be made.
   * @throws GlanceError `io.busy` if another process holds it; as {@link look}
   */
  open(signal: AbortSignal): Promise<OpenPlace>;
  /**
   * Looks at one image, without taking hold of the place.
   * @throws GlanceError `io.missing` for a directory in which no mirror was begun; as {@link look}
   */
  openOne(id: string, signal: AbortSignal): Promise<OneImage>;
  /**
   * Reads its index, so that what it lists can be compared.
   * @throws GlanceError `io.missing` where there is no mirror; as {@link look}
   */
  compare(signal: AbortSignal): Promise<Comparison>;
  /**
   * Compares one image with what whoever read the index says of it.
   * @throws as {@link openOne}; of what then cannot be read there is a verdict
   */
  compareOne(entry: MirrorEntry, options: OneComparisonOptions): Promise<Verdict>;
  /** Makes room for reports, so that who writes one can tell that it is the right place. @throws as {@link open} */
  openAudits(signal: AbortSignal): Promise<void>;
  /**
   * Keeps the report on an image as `audit/<id>.json`.
   * @throws GlanceError `io.name` for an id that is none of a file; `io.missing` for a directory without room for reports; as
   * {@link look}
   */
  keepAudit(id: string, text: string, signal: AbortSignal): Promise<void>;
}
