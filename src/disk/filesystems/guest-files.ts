// A file system within a disk, as whoever looks for files in it sees it. Every reader is bounded in all that it takes from the
// disk: what contradicts itself is an UnreadableError, never a loop, a large allocation or an exception of another kind.
import type { Blocks } from '../blocks/blocks.ts';
import type { Reads } from '../blocks/reading.ts';

export type FileKind = 'file' | 'directory' | 'link' | 'other';

/** What is known of a file system without looking into it. Unset is null. */
export interface VolumeFacts {
  /** As blkid calls it: `ext4`, `xfs`, `vfat`, `iso9660`, `btrfs`. */
  readonly type: string;
  readonly label: string | null;
  /** As blkid writes it. */
  readonly uuid: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** Bytes that are free. */
  readonly free: number | null;
  /** `dirty`: not unmounted, or errors were found in it, so that what was written last may be missing; null if it does not say. */
  readonly state?: 'clean' | 'dirty' | null;
}

/** What names a file within one file system: an inode number, or where its record lies. Only its own reader looks into it. */
export type FileRef = number | string;

/** One name in a directory; `.` and `..` are left out. */
export interface DirectoryEntry {
  /** As it is on the disk; bytes that are no UTF-8 are replaced. Never has `/` or NUL in it. */
  readonly name: string;
  readonly ref: FileRef;
  /** Null where the directory does not say. */
  readonly kind: FileKind | null;
}

/** A piece of a directory. */
export interface DirectoryPage {
  readonly entries: readonly DirectoryEntry[];
  /** Where the next piece begins; null after the last. Only its own reader looks into it. */
  readonly next: number | string | null;
}

/** What is known of a file. Unset is null. */
export interface FileFacts {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Permission bits with set-uid, set-gid and sticky: 0 to 0o7777; null where the file system has none. */
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
  /** Of the last change, Unix seconds. */
  readonly mtime: number | null;
}

export interface GuestFiles {
  readonly facts: VolumeFacts;
  readonly root: FileRef;
  /** Above the root, the directory that paths of subvolumes begin at. Absent: the root itself. */
  readonly top?: FileRef;
  /** @throws UnreadableError */
  stat(file: FileRef): Reads<FileFacts>;
  /**
   * A piece of a directory, of some hundred entries or a few blocks.
   * @param from null for the first
   * @throws UnreadableError, also for what is no directory
   */
  list(directory: FileRef, from: number | string | null): Reads<DirectoryPage>;
  /**
   * One name of a directory, where that is cheaper than listing all of it or has rules of its own (case); null if it is not there.
   * @throws UnreadableError
   */
  find(directory: FileRef, name: string): Reads<DirectoryEntry | null>;
  /** Bytes of a file, fewer where it ends first; holes are zeros. @throws UnreadableError, also for what is no file */
  read(file: FileRef, offset: number, length: number): Reads<Uint8Array>;
  /** Where a symbolic link points to, as it is written. @throws UnreadableError, also for what is no link */
  readLink(file: FileRef): Reads<string>;
}

/** A reader of one kind of file system. */
export interface VolumeReader {
  /** Whether the blocks begin like this kind. @param front their first 128 KiB, or all there is */
  readonly recognise: (front: Uint8Array) => boolean;
  /** Opens it. @throws UnreadableError */
  readonly open: (blocks: Blocks) => Reads<GuestFiles>;
}
