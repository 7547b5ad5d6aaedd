// Logical volumes of LVM2 whose data is stored plainly, in one or more segments; others are listed as unreadable.
import { type Blocks, PartOfBlocks } from '../../blocks/blocks.ts';
import { JoinedBlocks, RefusedBlocks } from '../../blocks/joined.ts';
import { damaged, type Reads, together, unsupported, UnreadableError } from '../../blocks/reading.ts';
import type { Volume } from '../volume.ts';
import { listIn, numberIn, type Section, sectionIn, textIn, type Value } from './metadata-text.ts';
import { findLabel, labelSectors, type PhysicalVolume, readPhysicalVolume } from './physical-volume.ts';

const sectorBytes = 512;
/** Maximum number of logical volumes to list, in all groups together. */
const mostVolumes = 1024;
const mostSegments = 4096;
const longestName = 128;

/** Appends the logical volumes of all physical ones. Reading a damaged physical volume throws the reason. */
export function* addLogicalVolumes(volumes: readonly Volume[]): Reads<readonly Volume[]> {
  const fronts = yield* together(
    volumes.map(({ blocks }) => blocks.read([{ offset: 0, length: labelSectors * sectorBytes }])),
  );
  const labels = fronts.map(([front = new Uint8Array()]) => findLabel(front));
  const opened = yield* together(volumes.map(({ blocks }, index) => tryToOpen(blocks, labels[index] ?? null)));
  const physical = opened.flatMap((each) => (each === null || each instanceof UnreadableError ? [] : [each]));
  const own = volumes.map((volume, index): Volume => {
    const error = opened[index];
    return error instanceof UnreadableError
      ? { ...volume, blocks: new RefusedBlocks(volume.blocks.size, error) }
      : volume;
  });
  return [...own, ...findLogical(physical)];
}

function* tryToOpen(blocks: Blocks, label: Uint8Array | null): Reads<PhysicalVolume | UnreadableError | null> {
  if (label === null) return null;
  try {
    return yield* readPhysicalVolume(blocks, label);
  } catch (error) {
    if (error instanceof UnreadableError) return error;
    throw error;
  }
}

interface Group {
  readonly name: string;
  readonly section: Section;
}

function findLogical(physical: readonly PhysicalVolume[]): readonly Volume[] {
  const byUuid = new Map(physical.map(({ uuid, blocks }) => [uuid, blocks]));
  const volumes: Volume[] = [];
  for (const group of newestGroups(physical)) {
    for (const [name, section] of sectionIn(group.section, 'logical_volumes').sections) {
      if (!listIn(section, 'status').includes('VISIBLE') || volumes.length >= mostVolumes) continue;
      const full = `lv ${group.name.slice(0, longestName)}/${name.slice(0, longestName)}`;
      volumes.push({ name: full, partition: null, blocks: openVolume(section, group, byUuid) });
    }
  }
  return volumes;
}

/** Each physical volume describes its group; the latest description counts. */
function newestGroups(physical: readonly PhysicalVolume[]): readonly Group[] {
  const groups = new Map<string, Group & { readonly number: number }>();
  for (const { metadata } of physical) {
    for (const [name, section] of metadata?.sections ?? []) {
      const { id, seqno } = Object.fromEntries(section.settings);
      if (typeof id !== 'string' || typeof seqno !== 'number') continue;
      if ((groups.get(id)?.number ?? -1) < seqno) groups.set(id, { name, section, number: seqno });
    }
  }
  return [...groups.values()];
}

function openVolume(section: Section, group: Group, physical: ReadonlyMap<string, Blocks>): Blocks {
  let size = 0;
  try {
    const extentBytes = numberIn(group.section, 'extent_size') * sectorBytes;
    const segments = segmentsOf(section);
    size = checkedSize(segments.reduce((sum, segment) => sum + numberIn(segment, 'extent_count'), 0) * extentBytes);
    return new JoinedBlocks(openSegments(segments, { group, extentBytes, physical }));
  } catch (error) {
    if (error instanceof UnreadableError) return new RefusedBlocks(size, error);
    throw error;
  }
}

function checkedSize(bytes: number): number {
  return Number.isSafeInteger(bytes) ? bytes : damaged('the size of a logical volume is out of range');
}

function segmentsOf(section: Section): readonly Section[] {
  const count = numberIn(section, 'segment_count');
  if (count === 0 || count > mostSegments)
    damaged(`the segment count of a logical volume is out of range: ${String(count)}`);
  return Array.from({ length: count }, (_, index) => sectionIn(section, `segment${String(index + 1)}`));
}

interface Surroundings {
  readonly group: Group;
  readonly extentBytes: number;
  readonly physical: ReadonlyMap<string, Blocks>;
}

function openSegments(segments: readonly Section[], around: Surroundings): readonly Blocks[] {
  let next = 0;
  return segments.map((segment) => {
    if (numberIn(segment, 'start_extent') !== next) damaged('the segments of a logical volume are not contiguous');
    next += numberIn(segment, 'extent_count');
    return openSegment(segment, around);
  });
}

/** @throws UnreadableError if it is not a plain one, or its physical volume is missing */
function openSegment(segment: Section, { group, extentBytes, physical }: Surroundings): Blocks {
  const type = textIn(segment, 'type');
  if (type !== 'striped') unsupported(`logical volumes of the type ${type.slice(0, 32)} are not supported`);
  const stripes = listIn(segment, 'stripes');
  if (numberIn(segment, 'stripe_count') !== 1 || stripes.length !== 2)
    unsupported('striped logical volumes are not supported');
  const [name, extent] = stripes as readonly [Value, Value];
  if (typeof name !== 'string' || typeof extent !== 'number' || extent < 0)
    return damaged('a stripe of a logical volume has no valid location');
  const volume = sectionIn(sectionIn(group.section, 'physical_volumes'), name);
  const blocks = physical.get(textIn(volume, 'id').replaceAll('-', ''));
  if (blocks === undefined) return unsupported('a part of the logical volume is on another disk');
  const start = checkedSize(numberIn(volume, 'pe_start') * sectorBytes + extent * extentBytes);
  const size = checkedSize(numberIn(segment, 'extent_count') * extentBytes);
  const part = new PartOfBlocks(blocks, start, size);
  return part.size === size ? part : damaged('a logical volume extends past the end of its physical volume');
}
