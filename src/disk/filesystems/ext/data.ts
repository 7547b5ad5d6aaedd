// Reads the data of a file, however its inode stores it.
import { readAll, readPieces } from '../../blocks/blocks.ts';
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { mapExtents } from './extents.ts';
import { mapIndirect } from './indirect.ts';
import { inlinePieces } from './inline-data.ts';
import type { Inode } from './inode.ts';
import { joinRuns, type Range, type Run } from './runs.ts';
import type { Volume } from './volume.ts';

/** Bytes per read, since all of it, holes included, is allocated at once. */
const mostAtOnce = 256 * 1024 * 1024;

/** Bytes of a file, fewer where it ends first. @throws UnreadableError */
export function* readData(volume: Volume, inode: Inode, offset: number, length: number): Reads<Uint8Array> {
  if (inode.isEncrypted) unsupported('encrypted files are not supported');
  const end = Math.min(offset + length, inode.size);
  if (offset >= end) return new Uint8Array();
  if (end - offset > mostAtOnce) unsupported('too much of a file is requested at once');
  if (inode.isInline) return readInline(inode, offset, end);
  const { blockSize } = volume.superblock;
  const runs = yield* mapBlocks(volume, inode, {
    first: Math.floor(offset / blockSize),
    end: Math.ceil(end / blockSize),
  });
  const pieces = runs.map(({ first, count, block }) => ({
    start: first * blockSize,
    length: count * blockSize,
    offset: block * blockSize,
  }));
  return yield* readPieces(volume.blocks, pieces, { offset, length: end - offset });
}

/** mke2fs stores files that are one large hole inline, whatever their size. */
function readInline(inode: Inode, offset: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - offset);
  bytes.set(Buffer.concat(inlinePieces(inode)).subarray(offset, end));
  return bytes;
}

/** Whole blocks of a directory. @throws UnreadableError, also if one is a hole */
export function* readBlocks(volume: Volume, inode: Inode, range: Range): Reads<readonly Uint8Array[]> {
  const { blockSize } = volume.superblock;
  const runs = yield* mapBlocks(volume, inode, range);
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  if (count < range.end - range.first) damaged('a directory has a hole');
  const contents = yield* readAll(
    volume.blocks,
    runs.map((run) => ({ offset: run.block * blockSize, length: run.count * blockSize })),
  );
  return contents.flatMap((bytes) =>
    Array.from({ length: bytes.length / blockSize }, (_, index) =>
      bytes.subarray(index * blockSize, (index + 1) * blockSize),
    ),
  );
}

function* mapBlocks(volume: Volume, inode: Inode, range: Range): Reads<readonly Run[]> {
  return joinRuns(yield* (inode.hasExtents ? mapExtents : mapIndirect)(volume, inode.block, range));
}
