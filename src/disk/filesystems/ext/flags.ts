// The flags of superblocks and inodes that are used here.
// @see https://www.kernel.org/doc/html/latest/filesystems/ext4/globals.html
import { hasFlag } from '../../parsing/bytes.ts';

/** s_feature_compat */
export const compat = { hasJournal: 0x4, dirIndex: 0x20, sparseSuper2: 0x200 } as const;

/** s_feature_incompat */
export const incompat = {
  compression: 0x1,
  filetype: 0x2,
  recover: 0x4,
  journalDev: 0x8,
  metaBg: 0x10,
  extents: 0x40,
  is64bit: 0x80,
  mmp: 0x100,
  flexBg: 0x200,
  eaInode: 0x400,
  dirdata: 0x1000,
  csumSeed: 0x2000,
  largedir: 0x4000,
  inlineData: 0x8000,
  encrypt: 0x1_0000,
  casefold: 0x2_0000,
} as const;

/** s_feature_ro_compat */
export const roCompat = { sparseSuper: 0x1, largeFile: 0x2, btreeDir: 0x4 } as const;

/** s_flags */
export const superFlags = { signedHash: 0x1, unsignedHash: 0x2 } as const;

/** i_flags */
export const inodeFlags = {
  encrypt: 0x800,
  index: 0x1000,
  extents: 0x8_0000,
  inlineData: 0x1000_0000,
  casefold: 0x4000_0000,
} as const;

/** Set flags that are not among the known ones, in hexadecimal; null if there are none. */
export function unknownFlags(flags: number, known: readonly number[]): string | null {
  const rest = known.reduce((left, flag) => (hasFlag(left, flag) ? left - flag : left), flags);
  return rest === 0 ? null : `0x${rest.toString(16)}`;
}
