// Volumes that are encrypted, or members of something larger: LVM2, Linux RAID, LUKS.
import type { Blocks } from '../../blocks/blocks.ts';
import type { Reads } from '../../blocks/reading.ts';
import { hasText, textOf, uuidOf, viewOf } from '../../parsing/bytes.ts';
import type { VolumeFacts } from '../guest-files.ts';
import { factsOf, labelOf } from './superblocks.ts';

const sectorBytes = 512;
/** Sectors that may hold the label of a physical volume. */
const labelSectors = 4;
/** Lengths of the groups of characters in its UUID. */
const lvmGroups = [6, 4, 4, 4, 4, 4, 6];

/** @see https://github.com/lvmteam/lvm2/blob/main/lib/format_text/layout.h */
export function nameLvm(front: Uint8Array): VolumeFacts | null {
  for (let at = 0; at < labelSectors * sectorBytes; at += sectorBytes) {
    if (!hasText(front, at, 'LABELONE') || !hasText(front, at + 24, 'LVM2 001')) continue;
    const start = at + viewOf(front).getUint32(at + 20, true);
    const text = textOf(front.subarray(start, start + 32));
    return factsOf('LVM2_member', { uuid: /^[A-Za-z0-9]{32}$/.test(text) ? grouped(text) : null });
  }
  return null;
}

function grouped(text: string): string {
  let at = 0;
  return lvmGroups.map((length) => text.slice(at, (at += length))).join('-');
}

/** @see https://gitlab.com/cryptsetup/LUKS2-docs */
export function nameLuks(front: Uint8Array): VolumeFacts | null {
  if (!hasText(front, 0, 'LUKS\u00ba\u00be') || front.length < 208) return null;
  const version = viewOf(front).getUint16(6);
  return factsOf('crypto_LUKS', {
    uuid: labelOf(front.subarray(168, 208)),
    label: version === 2 ? labelOf(front.subarray(24, 72)) : null,
  });
}

const raidMagic = 0xa92b_4efc;
const raidType = 'linux_raid_member';

/**
 * RAID with a superblock of version 1.
 * @param at offset of the superblock: 0 in version 1.1, 4096 in 1.2
 * @see https://raid.wiki.kernel.org/index.php/RAID_superblock_formats
 */
export function nameRaid(bytes: Uint8Array, at: number): VolumeFacts | null {
  if (bytes.length < at + 256) return null;
  const view = viewOf(bytes);
  if (view.getUint32(at, true) !== raidMagic || view.getUint32(at + 4, true) !== 1) return null;
  return factsOf(raidType, {
    uuid: uuidOf(bytes.subarray(at + 16, at + 32)),
    label: labelOf(bytes.subarray(at + 32, at + 64)),
  });
}

const kibibyte = 1024;

/** RAID with its superblock at the end: versions 1.0 and 0.90. @throws UnreadableError */
export function* nameRaidByEnd(blocks: Blocks): Reads<VolumeFacts | null> {
  const newer = Math.floor((blocks.size / sectorBytes - 16) / 8) * 8 * sectorBytes;
  const older = Math.floor(blocks.size / (64 * kibibyte)) * 64 * kibibyte - 64 * kibibyte;
  if (newer < 0 || older < 0) return null;
  const [first = new Uint8Array(), second = new Uint8Array()] = yield* blocks.read([
    { offset: newer, length: 256 },
    { offset: older, length: 256 },
  ]);
  return nameRaid(first, 0) ?? nameOldRaid(second);
}

/** Numbers are in the byte order of the machine that wrote them. */
function nameOldRaid(bytes: Uint8Array): VolumeFacts | null {
  if (bytes.length < 256) return null;
  const view = viewOf(bytes);
  const isLittle = view.getUint32(0, true) === raidMagic;
  if (!isLittle && view.getUint32(0) !== raidMagic) return null;
  if (view.getUint32(4, isLittle) !== 0 || view.getUint32(8, isLittle) !== 90) return null;
  const uuid = Buffer.alloc(16);
  for (const [index, at] of [20, 52, 56, 60].entries()) uuid.writeUInt32BE(view.getUint32(at, isLittle), index * 4);
  return factsOf(raidType, { uuid: uuidOf(uuid) });
}
