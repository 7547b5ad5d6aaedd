// Names file systems that are not read, and members of larger structures, by their first or last bytes.
import type { Blocks } from '../../blocks/blocks.ts';
import type { Reads } from '../../blocks/reading.ts';
import { nameFront } from '../../formats/content.ts';
import type { VolumeFacts } from '../guest-files.ts';
import { nameLuks, nameLvm, nameRaid, nameRaidByEnd } from './members.ts';
import { nameBcachefs, nameErofs, nameF2fs, nameSquashfs, nameSwap } from './superblocks.ts';
import { nameExfat, nameNtfs } from './windows.ts';
import { nameZfs } from './zfs.ts';

/** Names a volume by its first bytes; null if they are invalid. */
type Naming = (front: Uint8Array) => VolumeFacts | null;

const byMagic: Readonly<Record<string, Naming>> = {
  f2fs: nameF2fs,
  erofs: nameErofs,
  squashfs: nameSquashfs,
  bcachefs: nameBcachefs,
  swap: nameSwap,
  lvm: nameLvm,
  md: (front) => nameRaid(front, 4096),
};

/** Kinds for which only blkid's name of the type is given. */
const typeOnly: Readonly<Record<string, string>> = {
  'hfs+': 'hfsplus',
  apfs: 'apfs',
  jfs: 'jfs',
  cramfs: 'cramfs',
  romfs: 'romfs',
  reiserfs: 'reiserfs',
  bitlocker: 'BitLocker',
  refs: 'ReFS',
};

/**
 * Names a volume that no reader handles: its type, and label and UUID if they are cheap to find; null if it is not recognised.
 * @param front its first 128 KiB, or all there is
 * @throws UnreadableError if more of it is needed but cannot be read
 */
export function* nameFileSystem(blocks: Blocks, front: Uint8Array): Reads<VolumeFacts | null> {
  const name = nameFront(front);
  if (name === 'ntfs') return yield* nameNtfs(blocks, front);
  if (name === 'exfat') return yield* nameExfat(blocks, front);
  const found =
    nameLuks(front) ?? (name === null ? null : nameKnown(name, front)) ?? nameRaid(front, 0) ?? nameZfs(front);
  // The end is only checked if the start is inconclusive: members of a mirror begin like the file system on it.
  return found ?? (name === null || name === 'boot sector' ? yield* nameRaidByEnd(blocks) : null);
}

function nameKnown(name: string, front: Uint8Array): VolumeFacts | null {
  const type = typeOnly[name];
  return type === undefined
    ? (byMagic[name]?.(front) ?? null)
    : { type, label: null, uuid: null, size: null, free: null };
}
