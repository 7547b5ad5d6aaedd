// Describes the parts of a disk for people.
import type { Part, Picture } from '../../disk/picture/draw-disk.ts';
import type { Field } from '../record.ts';
import { formatBytes } from '../size.ts';
import { describeFileSystem } from './contents-text.ts';

/** A field for the disk, one for each of its parts, and one for each of its logical volumes. */
export function describeParts({ parts, volumes, omitted, size, scheme, declared }: Picture): readonly Field[] {
  const known = [formatBytes(Number(size)), scheme?.toUpperCase() ?? null].filter((part) => part !== null);
  const said = declared === null ? '' : `; ${formatBytes(Number(declared))} are declared`;
  return [
    { key: 'size', text: known.join(', ') + said },
    ...parts.map((part) => ({ key: namePart(part), text: describePart(part) })),
    ...volumes.map((volume) => ({ key: volume.partition ?? '', text: describeFileSystem(volume) })),
    ...(omitted === 0 ? [] : [{ key: '…', text: `${String(omitted)} more partitions` }]),
  ];
}

/** The name of a part among those of its disk. */
export function namePart({ kind, number, purpose, filesystem }: Part): string {
  if (kind === 'free') return 'free';
  return number === null ? (filesystem?.type ?? 'disk') : `${String(number)} ${purpose ?? ''}`;
}

const faults = { overlaps: 'overlaps the one before it', beyond: 'ends past the end of the disk' } as const;

/** A part's size, and what is in it. */
function describePart({ kind, name, size, filesystem, fault }: Part): string {
  const own = [
    formatBytes(Number(size)),
    filesystem === null || kind === 'free' ? null : describeFileSystem({ ...filesystem, size: null }),
    name === null || name === filesystem?.label ? null : `named "${name}"`,
    fault === null ? null : faults[fault],
  ];
  return own.filter((part) => part !== null && part !== '').join(', ');
}
