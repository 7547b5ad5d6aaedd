// Checksums of superblocks and nodes.
import { unsupported } from '../../blocks/reading.ts';
import { crc32c } from '../../parsing/crc32c.ts';
import { viewOf } from '../../parsing/bytes.ts';

const checksumBytes = 32;
/** CRC-32C, xxHash, SHA-256, BLAKE2. */
const typeCount = 4;

/**
 * Whether the checksum at the start of a superblock or node is right. Only CRC-32C, the default of mkfs.btrfs, is verified;
 * other checksums are assumed to be right, so damage there shows only where data contradicts itself.
 * @param type csum_type
 * @throws UnreadableError if there is no such type
 */
export function hasGoodChecksum(block: Uint8Array, type: number): boolean {
  if (type >= typeCount) unsupported(`checksum type ${String(type)} of btrfs is not supported`);
  return type !== 0 || viewOf(block).getUint32(0, true) === crc32c(block.subarray(checksumBytes));
}
