// Where a guest mounts which file system.
// @see https://man7.org/linux/man-pages/man5/fstab.5.html
import type { FileSystem } from './contents.ts';
import { linesOf, wordsOf } from './lines.ts';

interface FstabEntry {
  /** Such as `UUID=…`, `LABEL=…`, `/dev/vda1`. */
  readonly source: string;
  /** Path components from the root down. */
  readonly at: readonly string[];
  /** For btrfs: the subvolume; null for the default one. */
  readonly subvolume: string | null;
}

const mostEntries = 64;
const mostNames = 8;

/** The entries that mount at a directory, in order. */
export function parseFstab(text: string): readonly FstabEntry[] {
  return linesOf(text)
    .slice(0, mostEntries)
    .map(wordsOf)
    .flatMap(([source = '', target = '', , options = '']) => {
      const at = unescape(target)
        .split('/')
        .filter((name) => name !== '');
      if (!target.startsWith('/') || at.length > mostNames || at.includes('..')) return [];
      const subvolume = options.split(',').find((option) => option.startsWith('subvol='));
      return [{ source: unescape(source), at, subvolume: subvolume?.slice('subvol='.length) ?? null }];
    });
}

/** Spaces and tabs are escaped as octal numbers. */
function unescape(text: string): string {
  return text.slice(0, 4096).replaceAll('\\040', ' ').replaceAll('\\011', '\t').replaceAll('\\134', '\\');
}

type Named = Pick<FileSystem, 'partition' | 'label' | 'uuid'>;

/** Whether a source refers to that file system. */
export function isSource(source: string, { partition, label, uuid }: Named): boolean {
  const equals = source.indexOf('=');
  const tag = source.slice(0, Math.max(0, equals));
  const value = source.slice(equals + 1).replaceAll('"', '');
  if (tag === 'UUID') return uuid !== null && uuid.toLowerCase() === value.toLowerCase();
  if (tag === 'LABEL') return label !== null && label === value;
  if (source.startsWith('/dev/disk/by-uuid/')) return uuid === source.slice('/dev/disk/by-uuid/'.length);
  if (source.startsWith('/dev/disk/by-label/')) return label === source.slice('/dev/disk/by-label/'.length);
  if (partition === null || !source.startsWith('/dev/')) return false;
  return partition.startsWith('lv ') ? isLogicalVolume(source, partition.slice(3)) : isPartition(source, partition);
}

/** `/dev/vda1`, `/dev/nvme0n1p1`: any disk name matches, as there is only one disk. */
function isPartition(source: string, number: string): boolean {
  const name = source.slice('/dev/'.length);
  return /^(?:[shv]d[a-z]|xvd[a-z]|nvme\dn\dp|mmcblk\dp)\d{1,3}$/.test(name) && /\d{1,3}$/.exec(name)?.[0] === number;
}

/** `/dev/GROUP/NAME`, and `/dev/mapper/GROUP-NAME`, in which dashes within a name are doubled. */
function isLogicalVolume(source: string, name: string): boolean {
  const mapped = name.split('/').map((part) => part.replaceAll('-', '--'));
  return source === `/dev/${name}` || source === `/dev/mapper/${mapped.join('-')}`;
}
