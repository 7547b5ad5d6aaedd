// btrfs on one device.
import type { Blocks } from '../../blocks/blocks.ts';
import type { Reads } from '../../blocks/reading.ts';
import type { VolumeReader } from '../guest-files.ts';
import { BtrfsFiles } from './btrfs-files.ts';
import { chunkKeys, ChunkMap, mostChunks, parseChunk, parseSysChunkArray } from './chunks.ts';
import { Subvolumes } from './subvolumes.ts';
import { isBtrfs, readSuperblock, type Superblock } from './superblock.ts';
import { Trees } from './trees.ts';

/**
 * Reads a btrfs that Linux wrote to one device, with the default subvolume as the root. The CRC-32C of metadata is verified, and
 * the next copy used if one is wrong; checksums of data are not verified, and the log tree is not replayed.
 */
export const btrfs: VolumeReader = {
  recognise: isBtrfs,
  *open(blocks) {
    const superblock = yield* readSuperblock(blocks);
    const chunks = yield* readChunks(blocks, superblock);
    const trees = new Trees(blocks, chunks, superblock);
    const subvolumes = new Subvolumes(trees, superblock);
    const defaultId = yield* subvolumes.defaultId();
    return new BtrfsFiles({ blocks, superblock, chunks, trees }, subvolumes, defaultId);
  },
};

/** The chunks in the superblock lead to the chunk tree, which lists all chunks. */
function* readChunks(blocks: Blocks, superblock: Superblock): Reads<ChunkMap> {
  const { deviceId, sysChunkArray, chunkRoot } = superblock;
  const first = new ChunkMap(parseSysChunkArray(sysChunkArray, deviceId));
  const [from, to] = chunkKeys;
  const items = yield* new Trees(blocks, first, superblock).range(chunkRoot, from, to, mostChunks + 1);
  return new ChunkMap(items.map(({ key, data }) => parseChunk(key.offset, data, deviceId)));
}
