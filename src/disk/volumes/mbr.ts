// Partitions of an MBR, including logical ones.
import { type Blocks, PartOfBlocks } from '../blocks/blocks.ts';
import type { Reads } from '../blocks/reading.ts';
import { type MbrEntry, readMbrEntries, toPartition } from '../formats/partitions.ts';
import type { Volume } from './volume.ts';

const sectorBytes = 512;
const extendedTypes = new Set([0x05, 0x0f, 0x85]);
/** The same limit as in Linux. */
const mostLogical = 100;
const firstLogical = 5;

export function* findMbrVolumes(disk: Blocks, front: Uint8Array): Reads<readonly Volume[]> {
  const used = readMbrEntries(front).filter(({ type, sectors }) => type !== 0 && sectors !== 0);
  const volumes: Volume[] = [];
  const logical: Volume[] = [];
  for (const entry of used) {
    if (!extendedTypes.has(entry.type)) volumes.push(toVolume(disk, entry.number, entry));
    // Linux only follows the first extended partition.
    else if (logical.length === 0) logical.push(...(yield* followChain(disk, entry.start)));
  }
  return [...volumes, ...logical];
}

/** Each link has a partition, relative to the link, and the place of the next link, relative to the first. */
function* followChain(disk: Blocks, first: number): Reads<readonly Volume[]> {
  const volumes: Volume[] = [];
  const seen = new Set<number>();
  for (let sector = first; !seen.has(sector) && seen.size < mostLogical;) {
    seen.add(sector);
    const [link = new Uint8Array()] = yield* disk.read([{ offset: sector * sectorBytes, length: sectorBytes }]);
    if (link.length < sectorBytes || link[510] !== 0x55 || link[511] !== 0xaa) break;
    const used = readMbrEntries(link).filter(({ type, sectors }) => type !== 0 && sectors !== 0);
    const partition = used.find(({ type }) => !extendedTypes.has(type));
    if (partition !== undefined) {
      const place = { ...partition, start: sector + partition.start };
      volumes.push(toVolume(disk, firstLogical + volumes.length, place));
    }
    const next = used.find(({ type }) => extendedTypes.has(type));
    if (next === undefined) break;
    sector = first + next.start;
  }
  return volumes;
}

function toVolume(disk: Blocks, number: number, entry: MbrEntry): Volume {
  return {
    name: String(number),
    partition: { scheme: 'mbr', entry: toPartition({ ...entry, number }) },
    blocks: new PartOfBlocks(disk, entry.start * sectorBytes, entry.sectors * sectorBytes),
  };
}
