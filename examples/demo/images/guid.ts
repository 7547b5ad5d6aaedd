// GUIDs as disk formats store them.

/**
 * The 16 bytes of a GUID with its first three fields little-endian, as GPT and VDI store it.
 * @param text the usual 8-4-4-4-12 hex digits
 * @see UEFI specification 2.10, appendix A
 */
export function encodeGuid(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
