// Content of a disk that tells of each place where it is, so that what comes from a wrong one is noticed.

/** Bytes, each 16 of them the offset as text. @param length and start are multiples of 16 */
export function tellingBytes(length: number, start = 0): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 16)
    bytes.write(`@${(start + at).toString(16).padStart(14, '0')}\n`, at, 'latin1');
  return bytes;
}
