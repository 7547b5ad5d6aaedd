// What every part of the reader needs: the bytes and the superblock.
import type { Blocks } from '../../blocks/blocks.ts';
import { damaged, type Span } from '../../blocks/reading.ts';
import type { Superblock } from './superblock.ts';

export interface Volume {
  readonly blocks: Blocks;
  readonly superblock: Superblock;
}

/** Where blocks lie. @throws UnreadableError if they are outside the file system */
export function spanOf({ superblock }: Volume, block: number, count = 1): Span {
  if (block === 0 || block + count > superblock.blockCount) damaged('a block number is out of range');
  return { offset: block * superblock.blockSize, length: count * superblock.blockSize };
}
