// What every part of the reader needs: the bytes and the superblock.
import type { Blocks } from '../../blocks/blocks.ts';
import type { Superblock } from './superblock.ts';

export interface Volume {
  readonly blocks: Blocks;
  readonly superblock: Superblock;
}
