// Writes LVM2 physical volumes, and the metadata text in them.
import { crc32 } from 'node:zlib';

/** LVM's own checksum. */
export function lvmChecksum(bytes: Uint8Array): number {
  return 0xffff_ffff - crc32(bytes, 0xffff_ffff - 0xf597_a6cf);
}

export interface PhysicalOptions {
  readonly uuid?: string;
  /** Null for none; there is then no metadata area either. */
  readonly text: string | null;
  /** Where the text begins in its area; if it reaches the end, it wraps around. Default: 512. */
  readonly textAt?: number;
  /** Bytes of the volume. Default: 1 MiB. */
  readonly size?: number;
  /** What fills the rest of it. */
  readonly fill?: (length: number) => Buffer;
}

export const firstUuid = 'aaaaaabbbbccccddddeeeeffffgggggg';
const areaOffset = 4096;
/** Bytes of the metadata area. */
export const areaBytes = 60 * 1024;

export function writePhysical(options: PhysicalOptions): Buffer {
  const { uuid = firstUuid, text, textAt = 512, size = 1024 * 1024, fill = (length) => Buffer.alloc(length) } = options;
  const volume = fill(size);
  volume.fill(0, 0, areaOffset + areaBytes);
  const label = volume.subarray(512, 1024);
  label.write('LABELONE', 0, 'latin1');
  label.writeBigUInt64LE(1n, 8);
  label.writeUInt32LE(32, 20);
  label.write('LVM2 001', 24, 'latin1');
  label.write(uuid, 32, 'latin1');
  label.writeBigUInt64LE(BigInt(size), 64);
  label.writeBigUInt64LE(65_536n, 72);
  if (text !== null) {
    label.writeBigUInt64LE(BigInt(areaOffset), 104);
    label.writeBigUInt64LE(BigInt(areaBytes), 112);
    writeArea(volume.subarray(areaOffset, areaOffset + areaBytes), text, textAt);
  }
  label.writeUInt32LE(lvmChecksum(label.subarray(20)), 16);
  return volume;
}

function writeArea(area: Buffer, text: string, textAt: number): void {
  const bytes = Buffer.from(`${text}\0`, 'latin1');
  const room = area.length - textAt;
  area.set(bytes.subarray(0, room), textAt);
  area.set(bytes.subarray(room), 512);
  area.write(' LVM2 x[5A%r0N*>', 4, 'latin1');
  area.writeUInt32LE(1, 20);
  area.writeBigUInt64LE(BigInt(areaOffset), 24);
  area.writeBigUInt64LE(BigInt(area.length), 32);
  area.writeBigUInt64LE(BigInt(textAt), 40);
  area.writeBigUInt64LE(BigInt(bytes.length), 48);
  area.writeUInt32LE(lvmChecksum(bytes), 56);
  area.writeUInt32LE(lvmChecksum(area.subarray(4, 512)), 0);
}

export interface SegmentText {
  readonly from: number;
  readonly count: number;
  readonly type?: string;
  readonly stripes?: string;
}

/** A group with one physical volume, whose extents of 4 KiB begin at byte 65,536, and these logical volumes. */
export function groupText(logical: Readonly<Record<string, readonly SegmentText[]>>, more = ''): string {
  const volumes = Object.entries(logical).map(([name, segments]) => {
    const parts = segments.map(
      ({ from, count, type = 'striped', stripes = '["pv0", 0]' }, index) =>
        `segment${String(index + 1)} {\nstart_extent = ${String(from)}\nextent_count = ${String(count)}\n\n` +
        `type = "${type}"\nstripe_count = 1\t# linear\n\nstripes = ${stripes}\n}\n`,
    );
    const head = `id = "x"\nstatus = ["READ", "WRITE", "VISIBLE"]\nsegment_count = ${String(segments.length)}\n`;
    return `${name} {\n${head}${parts.join('')}}\n`;
  });
  const physical = 'physical_volumes {\npv0 {\nid = "aaaaaa-bbbb-cccc-dddd-eeee-ffff-gggggg"\npe_start = 128\n}\n}\n';
  const settings = `id = "group"\nseqno = 2\nformat = "lvm2"\nstatus = ["RESIZEABLE", "READ"]\nextent_size = 8\n`;
  return `vg {\n${settings}${more}${physical}logical_volumes {\n${volumes.join('')}}\n}\n# Generated\ncontents = "Text Format Volume Group"\nversion = 1\n`;
}
