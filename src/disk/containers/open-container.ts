// From the format of an image to the bytes of its disk.
import type { Blocks } from '../blocks/blocks.ts';
import { PagedBlocks } from '../blocks/paged.ts';
import { damaged, type Reads, unsupported } from '../blocks/reading.ts';
import { qcow2 } from '../formats/qcow2.ts';
import { vdi } from '../formats/vdi.ts';
import { vhdFooterBytes, isVhdFooter, readFixedVhd, vhd } from '../formats/vhd.ts';
import { vhdx } from '../formats/vhdx.ts';
import { vmdk } from '../formats/vmdk.ts';
import type { DetectedFormat, DiskFinding } from '../parsing/finding.ts';
import type { HazardCode } from '../parsing/hazards.ts';
import type { FormatParser } from '../parsing/parser.ts';
import { parseOver } from './parsed.ts';
import { openQcow2 } from './qcow2.ts';
import { openVdi } from './vdi.ts';
import { openVhd } from './vhd.ts';
import { openVhdx } from './vhdx.ts';
import { openVmdk } from './vmdk.ts';

/** Images that need another file, or have features that are not understood. */
const refused: ReadonlySet<HazardCode> = new Set<HazardCode>([
  'backing_file',
  'data_file',
  'external_extent',
  'unsupported_subformat',
  'unsupported_version',
  'unknown_feature',
]);

/** Only this much of a larger disk is read: numbers below 2^53 are exact, and qcow2 allows up to 2^61. */
const mostDiskBytes = 2 ** 53 - 2 ** 21;

type Opener = (file: Blocks, size: number, finding: DiskFinding) => Reads<Blocks>;

interface Container {
  readonly parser: FormatParser;
  readonly open: Opener;
}

const containers: Readonly<Partial<Record<DetectedFormat, Container>>> = {
  qcow2: { parser: qcow2, open: openQcow2 },
  vmdk: { parser: vmdk, open: openVmdk },
  vhd: { parser: vhd, open: openVhd },
  vhdx: {
    parser: vhdx,
    open: (file, size, { details }) => {
      const { block_size: blockBytes, sector_size: sectorBytes = 512 } = details;
      return openVhdx(file, { size, blockBytes: Number(blockBytes), sectorBytes: Number(sectorBytes) });
    },
  },
  vdi: { parser: vdi, open: openVdi },
};

/**
 * The bytes of the disk in an image; of a disk of 8 PiB or more, the first 8 PiB. Never reads another file.
 * @param format as `detect` found it
 * @param file the image itself
 * @throws UnreadableError `unsupported` if it is encrypted, compressed as a whole, an archive, or needs another file
 */
export function* openContainer(format: DetectedFormat, file: Blocks): Reads<Blocks> {
  if (format === 'raw' || format === 'iso') return file;
  const container = containers[format];
  if (container === undefined) return unsupported(whyNot(format));
  const finding = yield* examine(container.parser, new PagedBlocks(file));
  if (finding.encrypted) unsupported('it is encrypted');
  const hazard = finding.hazards.find(({ code }) => refused.has(code));
  if (hazard !== undefined) unsupported(hazard.message);
  const { virtualSize } = finding;
  if (virtualSize === null) return damaged('it does not say how large its disk is');
  return yield* container.open(file, Math.min(Number(virtualSize), mostDiskBytes), finding);
}

function* examine(parser: FormatParser, file: Blocks): Reads<DiskFinding> {
  if (parser.format === 'vhd') {
    const [front, end] = yield* file.read([
      { offset: 0, length: vhdFooterBytes },
      { offset: Math.max(0, file.size - vhdFooterBytes), length: vhdFooterBytes },
    ]);
    if (front !== undefined && end !== undefined && !isVhdFooter(front)) return readFixedVhd(end, file.size);
  }
  return yield* parseOver(parser.read({ size: file.size }), file);
}

function whyNot(format: DetectedFormat): string {
  if (format === 'luks') return 'it is encrypted';
  if (format === 'ova' || format === 'tar') return `it is an archive (${format}): unpack it first`;
  if (format === 'qcow' || format === 'qed' || format === 'ploop') return `disks of format ${format} cannot be read`;
  return `it is compressed (${format}): unpack it first`;
}
