// Content of a disk that contains its own offsets, so that data from a wrong place is noticed.

/** Bytes in which every 16 are their offset as text. @param length and start are multiples of 16 */
export function tellingBytes(length: number, start = 0): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 16)
    bytes.write(`@${(start + at).toString(16).padStart(14, '0')}\n`, at, 'latin1');
  return bytes;
}
