// ext2, ext3 and ext4.
import { readAt } from '../../blocks/blocks.ts';
import type { VolumeReader } from '../guest-files.ts';
import { ExtFiles } from './ext-files.ts';
import { isExt, parseSuperblock, superblockSpan } from './superblock.ts';

/**
 * Reads what Linux writes, except encrypted files. Checksums are not verified and the journal is not replayed. A copy of the
 * superblock never replaces a broken one: Linux uses a copy only when told to, so such a guest would not boot.
 */
export const ext: VolumeReader = {
  recognise: isExt,
  *open(blocks) {
    const superblock = parseSuperblock(yield* readAt(blocks, superblockSpan.offset, superblockSpan.length));
    return new ExtFiles({ blocks, superblock });
  },
};
