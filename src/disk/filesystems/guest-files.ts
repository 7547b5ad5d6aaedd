// The interface of a file system within a disk. Every reader bounds whatever it takes from the disk: contradictions cause an
// UnreadableError, never a loop, a large allocation or any other exception.
import type { Blocks } from '../blocks/blocks.ts';
import type { Reads } from '../blocks/reading.ts';

export type FileKind = 'file' | 'directory' | 'link' | 'other';

/** What is known of a file system without reading its files. Unset is null. */
export interface VolumeFacts {
  /** blkid's name for it: `ext4`, `xfs`, `vfat`, `iso9660`, `btrfs`. */
  readonly type: string;
  readonly label: string | null;
  /** As blkid formats it. */
  readonly uuid: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** Bytes that are free. */
  readonly free: number | null;
  /** `dirty`: not unmounted, or it has errors, so recent changes may be missing; null if not recorded. */
  readonly state?: 'clean' | 'dirty' | null;
}

/** Identifies a file within a file system: an inode number, or where its record lies. Opaque to all but its reader. */
export type FileRef = number | string;

/** One name in a directory; `.` and `..` are left out. */
export interface DirectoryEntry {
  /** As stored, with invalid UTF-8 replaced. Never contains `/` or NUL. */
  readonly name: string;
  readonly ref: FileRef;
  /** Null if the directory does not state it. */
  readonly kind: FileKind | null;
}

/** A piece of a directory. */
export interface DirectoryPage {
  readonly entries: readonly DirectoryEntry[];
  /** Where the next piece begins; null after the last. Opaque to all but its reader. */
  readonly next: number | string | null;
}

/** What is known of a file. Unset is null. */
export interface FileFacts {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Permission bits with set-uid, set-gid and sticky, 0 to 0o7777; null if the file system has none. */
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
  /** Last modification, Unix seconds. */
  readonly mtime: number | null;
}

export interface GuestFiles {
  readonly facts: VolumeFacts;
  readonly root: FileRef;
  /** Where paths of subvolumes begin, if that is above the root. Absent: at the root. */
  readonly top?: FileRef;
  /** @throws UnreadableError */
  stat(file: FileRef): Reads<FileFacts>;
  /**
   * A piece of a directory: some hundred entries, or a few blocks.
   * @param from null for the first
   * @throws UnreadableError, also if it is not a directory
   */
  list(directory: FileRef, from: number | string | null): Reads<DirectoryPage>;
  /**
   * Looks up a name, which may be cheaper than listing, and may follow rules of its own (case); null if it does not exist.
   * @throws UnreadableError
   */
  find(directory: FileRef, name: string): Reads<DirectoryEntry | null>;
  /** Bytes of a file, fewer where it ends first; holes are zeros. @throws UnreadableError, also if it is not a file */
  read(file: FileRef, offset: number, length: number): Reads<Uint8Array>;
  /** The target of a symbolic link, as stored. @throws UnreadableError, also if it is not a link */
  readLink(file: FileRef): Reads<string>;
}

/** A reader of one kind of file system. */
export interface VolumeReader {
  /** Whether the blocks look like this kind. @param front their first 128 KiB, or all there is */
  readonly recognise: (front: Uint8Array) => boolean;
  /** Opens it. @throws UnreadableError */
  readonly open: (blocks: Blocks) => Reads<GuestFiles>;
}
