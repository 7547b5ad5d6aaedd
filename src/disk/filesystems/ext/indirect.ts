// Maps the blocks of a file by number: twelve in the inode, the rest in blocks of numbers, up to three levels deep.
// @see https://www.kernel.org/doc/html/latest/filesystems/ext4/ifork.html#direct-indirect-block-addressing
import { readAll } from '../../blocks/blocks.ts';
import { damaged, type Reads, together } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import type { Range, Run } from './runs.ts';
import { spanOf, type Volume } from './volume.ts';

const directCount = 12;
const numberBytes = 4;

/**
 * Where the blocks of a range lie, in order; gaps are zeros.
 * @param numbers i_block
 * @throws UnreadableError
 */
export function* mapIndirect(volume: Volume, numbers: Uint8Array, wanted: Range): Reads<readonly Run[]> {
  const perBlock = volume.superblock.blockSize / numberBytes;
  const direct = slotsOf(numbers.subarray(0, directCount * numberBytes), { first: 0, unit: 1 }, wanted);
  const nested: Slot[] = [];
  let first = directCount;
  for (const [depth, block] of [12, 13, 14]
    .map((slot) => viewOf(numbers).getUint32(slot * numberBytes, true))
    .entries()) {
    const unit = perBlock ** (depth + 1);
    if (block !== 0 && first < wanted.end && first + unit > wanted.first) nested.push({ block, first, unit });
    first += unit;
  }
  if (wanted.end > first) damaged('the size of a file is larger than its block map allows');
  return yield* mapSlots(volume, [...direct, ...nested], wanted);
}

/** A block number, and the blocks of the file it leads to: one, or as many as a block of numbers covers. */
interface Slot {
  readonly block: number;
  readonly first: number;
  readonly unit: number;
}

/** Units shrink with each step, so this terminates. */
function* mapSlots(volume: Volume, slots: readonly Slot[], wanted: Range): Reads<readonly Run[]> {
  const runs = slots.filter(({ unit }) => unit === 1).map(({ block, first }) => ({ block, first, count: 1 }));
  for (const { block } of runs) spanOf(volume, block);
  const nested = slots.filter(({ unit }) => unit > 1);
  if (nested.length === 0) return runs;
  const blocks = yield* readAll(
    volume.blocks,
    nested.map(({ block }) => spanOf(volume, block)),
  );
  const below = nested.map(({ first, unit }, index) => {
    const numbers = blocks[index] ?? new Uint8Array();
    const place = { first, unit: unit / (volume.superblock.blockSize / numberBytes) };
    return mapSlots(volume, slotsOf(numbers, place, wanted), wanted);
  });
  return [...runs, ...(yield* together(below)).flat()];
}

/** The numbers in a block that are set and that the range needs. */
function slotsOf(numbers: Uint8Array, { first, unit }: { first: number; unit: number }, wanted: Range): Slot[] {
  const view = viewOf(numbers);
  const slots = [];
  const start = Math.max(0, Math.floor((wanted.first - first) / unit));
  const end = Math.min(numbers.length / numberBytes, Math.ceil((wanted.end - first) / unit));
  for (let index = start; index < end; index++) {
    const block = view.getUint32(index * numberBytes, true);
    if (block !== 0) slots.push({ block, first: first + index * unit, unit });
  }
  return slots;
}
