// A place to keep a mirror in, for planning and carrying out a mirror. Images are stored verified or not at all.
import type { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { DataTarget } from '../../transfer/data-target.ts';
import type { DownloadResult } from '../../transfer/download-options.ts';
import type { HostFileSystem } from '../../transfer/files/file-system.ts';
import type { MirrorEntry } from '../entry-store.ts';
import type { HeldIds, MirrorTask, RetryChoice } from '../plan.ts';
import type { Verdict } from '../verify.ts';

/** What is in a place, read without changing anything: the basis for a plan. */
export interface PlaceContents {
  /** Ids of the images in the place. */
  readonly ids: HeldIds;
  /**
   * Decides what to do about an image. Checks presence and sizes, and reads no image data.
   * @param image as it is printed and stored: without secrets
   * @throws what looking at the place fails with; the signal's reason
   */
  plan(image: Image, retries: RetryChoice, signal: AbortSignal): Promise<MirrorTask>;
}

/** The file that image data becomes. */
export interface FilePlace {
  /** Absolute, in `fileSystem`. */
  readonly path: string;
  /** Contained in the place: no path leads out of it. */
  readonly fileSystem: HostFileSystem;
  /** Whether others may be writing the same file: then nothing is left behind to resume, and no process waits for another. */
  readonly isShared: boolean;
}

/** A place's complete data of an image, and the way to add files beside it. */
export interface WholeData {
  /** Reads bytes from an offset; fewer if the data ends sooner. */
  read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Writes a small file beside it. @param name without a directory */
  keep(name: string, text: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The facts about image data that is complete. */
export type KeptData = Pick<DownloadResult, 'bytes' | 'digests' | 'verifiedBy'>;

/**
 * A place that this process holds and may change. Unless stated otherwise, methods throw the GlanceErrors of the place (`io.*`,
 * `place.*`) and the signal's reason.
 */
export interface OpenPlace extends PlaceContents {
  /** Takes images out of the index before their data is replaced: whatever is listed is complete. */
  forget(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Where an image's data goes. */
  target(image: Image, signal: AbortSignal): Promise<FilePlace | (DataTarget & (FilePlace | WholeData))>;
  /** Writes the files that belong beside complete data, its record last, and notes the image for the index. */
  complete(image: Image, data: KeptData, signal: AbortSignal): Promise<void>;
  /**
   * Writes the new records of images whose data stays.
   * @returns the failures, by id; the others are done
   */
  updateRecords(images: readonly Image[], signal: AbortSignal): Promise<ReadonlyMap<string, GlanceError>>;
  /**
   * Notes that an image cannot be copied as it is. Failing to write the note is no error, since the image has failed
   * already.
   */
  fail(image: Image, code: string, message: string, signal: AbortSignal): Promise<void>;
  /**
   * Drops the notes about failed images that are no longer listed.
   * @param prunes whether nobody else owns such images, so that unfinished downloads of them are discarded too
   */
  keepFailures(isListed: (id: string) => boolean, prunes: boolean, signal: AbortSignal): Promise<void>;
  /** Removes images: from the index first, then their files. */
  remove(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Looks again at what others have stored through {@link OneImage}: images whose files show them to be complete get
   * listed.
   */
  refresh(signal: AbortSignal): Promise<void>;
  /** Writes the checksum lists and then the index, if anything has changed. */
  save(signal: AbortSignal): Promise<void>;
  /** Releases the place. Does not save. */
  close(): Promise<void>;
}

/**
 * One image of a place, for a worker that carries out another process's plan: the index belongs to that process alone.
 * Several workers may have the same image at once: whatever they commit is identical, byte for byte.
 */
export type OneImage = Pick<OpenPlace, 'plan' | 'forget' | 'target' | 'complete' | 'fail' | 'close'>;

/** How to compare a place with its index. */
export interface ComparisonOptions {
  /** Files at once, ≥ 1. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Called with the number of bytes just read. */
  readonly onBytes: (count: number) => void;
  /** Whether to compare image data only by its size, and in a bucket by its ETag, without reading it. */
  readonly isQuick: boolean;
  /** Compares an image of which at least something is there. Absent: the place does so itself. */
  readonly compareImage?: ((entry: MirrorEntry) => Promise<Verdict>) | undefined;
}

/** How to compare one image. */
export type OneComparisonOptions = Pick<ComparisonOptions, 'signal' | 'onBytes' | 'isQuick'>;

/** A place about to be compared with its index. */
export interface Comparison {
  /** Images that its index lists. */
  readonly images: number;
  /** Bytes of image data to read. */
  readonly bytes: number;
  /**
   * A verdict for each image, in the order of the index, then one for every other finding.
   * @throws the signal's reason; GlanceError `io.*` or `place.*` if the place cannot be read
   */
  verdicts(options: ComparisonOptions): AsyncGenerator<Verdict>;
}

/** A place, which need not exist yet. */
export interface Place {
  /** For messages: an absolute path, or a URL. */
  readonly name: string;
  /** @throws GlanceError `metadata.invalid` for a malformed index, and the place's errors; the signal's reason */
  look(signal: AbortSignal): Promise<PlaceContents>;
  /**
   * Acquires the place, and creates it if it is missing and can be created.
   * @throws GlanceError `io.busy` if another process holds it; as {@link look}
   */
  open(signal: AbortSignal): Promise<OpenPlace>;
  /**
   * Opens one image without acquiring the place.
   * @throws GlanceError `io.missing` for a directory in which no mirror was started; as {@link look}
   */
  openOne(id: string, signal: AbortSignal): Promise<OneImage>;
  /**
   * Reads the index, so that what it lists can be compared.
   * @throws GlanceError `io.missing` if there is no mirror; as {@link look}
   */
  compare(signal: AbortSignal): Promise<Comparison>;
  /**
   * Compares one image with an entry that the caller read from the index.
   * @throws as {@link openOne}; failures to read files after that become verdicts
   */
  compareOne(entry: MirrorEntry, options: OneComparisonOptions): Promise<Verdict>;
  /** Makes room for reports, which also lets a worker recognize the right place. @throws as {@link open} */
  openAudits(signal: AbortSignal): Promise<void>;
  /**
   * Stores the report on an image as `audit/<id>.json`.
   * @throws GlanceError `io.name` if the id cannot be a file name; `io.missing` for a directory without room for reports; as
   * {@link look}
   */
  keepAudit(id: string, text: string, signal: AbortSignal): Promise<void>;
}
