// ext2, ext3 and ext4.
import { readAt } from '../../blocks/blocks.ts';
import type { VolumeReader } from '../guest-files.ts';
import { ExtFiles } from './ext-files.ts';
import { isExt, parseSuperblock, superblockSpan } from './superblock.ts';

/**
 * Reads what Linux writes, but for what is encrypted. Checksums are not verified, the journal is not replayed, and no copy of
 * the superblock stands in for a broken one: Linux mounts by a copy only if told to, so that such a guest would not start.
 */
export const ext: VolumeReader = {
  recognise: isExt,
  *open(blocks) {
    const superblock = parseSuperblock(yield* readAt(blocks, superblockSpan.offset, superblockSpan.length));
    return new ExtFiles({ blocks, superblock });
  },
};
