// A file within a disk, as it is listed. Public interface.
import type { FileFacts } from '../../disk/filesystems/guest-files.ts';

export interface GuestFile {
  /** The name on the disk; bytes that are not UTF-8 become U+FFFD, which may also stand for them in a path. */
  readonly name: string;
  /** Null if its inode cannot be read and the directory does not say. `other`: a device, a socket, a FIFO. */
  readonly type: 'file' | 'directory' | 'link' | 'other' | null;
  /** Bytes; null if unreadable. */
  readonly size: number | null;
  /** Permission bits with set-uid, set-gid and sticky in octal, such as `0755`; null if the file system has none. */
  readonly mode: string | null;
  /** The owner's id; null if the file system has none. */
  readonly uid: number | null;
  /** The group's id; null if the file system has none. */
  readonly gid: number | null;
  /** When it was last changed, ISO 8601 in UTC; null if unknown. */
  readonly modified_at: string | null;
  /** Where a symbolic link points, as written; null for anything else. */
  readonly target: string | null;
}

/** The keys of {@link GuestFile}, in their order. */
export const guestFileKeys = [
  'name',
  'type',
  'size',
  'mode',
  'uid',
  'gid',
  'modified_at',
  'target',
] as const satisfies readonly (keyof GuestFile)[];

/**
 * Describes a file.
 * @param facts null if they cannot be read; the type is then the one in the directory
 */
export function toGuestFile(
  name: string,
  kind: GuestFile['type'],
  facts: FileFacts | null,
  target: string | null,
): GuestFile {
  if (facts === null)
    return { name, type: kind, size: null, mode: null, uid: null, gid: null, modified_at: null, target };
  const { size, mode, uid, gid, mtime } = facts;
  return {
    name,
    type: facts.kind,
    size,
    mode: mode === null ? null : mode.toString(8).padStart(4, '0'),
    uid,
    gid,
    modified_at: mtime === null ? null : toIsoTime(mtime),
    target,
  };
}

/** Null for a time that no calendar has. @param seconds since 1970 UTC */
function toIsoTime(seconds: number): string | null {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString().replace('.000Z', 'Z');
}
