// Compressed data and archives that are named and not unpacked.
import { hasText } from '../bytes.ts';
import { type DetectedFormat, plainFinding } from '../finding.ts';
import type { FormatParser } from '../parser.ts';

const magics: readonly (readonly [DetectedFormat, string])[] = [
  ['gzip', '\u001f\u008b\b'],
  ['bzip2', 'BZh'],
  ['xz', '\u00fd7zXZ\0'],
  ['zstd', '(\u00b5/\u00fd'],
  ['lz4', '\u0004"M\u0018'],
  ['zip', 'PK\u0003\u0004'],
];

/** One for each kind. */
export const compressed: readonly FormatParser[] = magics.map(([format, magic]) => ({
  format,
  recognise: (front) => hasText(front, 0, magic),
  // oxlint-disable-next-line require-yield -- what is inside is not looked at
  *read() {
    return plainFinding(format);
  },
}));
