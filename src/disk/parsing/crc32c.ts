// CRC-32C (Castagnoli), which Node lacks: it protects structures of VHDX, ext4, XFS and btrfs.
// @see https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4

const reversedPolynomial = 0x82f6_3b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest % 2 === 0 ? 0 : reversedPolynomial);
  return rest;
});

/**
 * The checksum of bytes, 0 to 2^32 − 1.
 * @param before checksum of the preceding bytes, to continue from
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let rest = ~before;
  for (const byte of bytes) rest = (rest >>> 8) ^ (table[(rest ^ byte) & 0xff] ?? 0);
  return ~rest >>> 0;
}
