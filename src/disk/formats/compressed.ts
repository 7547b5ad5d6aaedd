// Compressed data and archives, recognised by what their tools write first. They are named, not unpacked.
import { hasText, isPowerOfTwo, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import { type DetectedFormat, type DiskFinding, plainFinding } from '../parsing/finding.ts';
import type { FormatParser, ParseContext, Reading } from '../parsing/parser.ts';

type Recogniser = (front: Uint8Array) => boolean;

/** Magic numbers at the start; several if a tool has used several. */
const magics: readonly (readonly [DetectedFormat, readonly string[]])[] = [
  ['gzip', ['\u001f\u008b\b']],
  ['bzip2', ['BZh']],
  ['xz', ['\u00fd7zXZ\0']],
  // The current one, and those of versions 0.1 to 0.7.
  ['zstd', ['(', '\u001e', '"', '#', '$', '%', '&', "'"].map((first) => `${first}\u00b5/\u00fd`)],
  // Current frames, and those of `lz4 -l`, which Linux uses for kernels.
  ['lz4', ['\u0004"M\u0018', '\u0002!L\u0018']],
  ['lzip', ['LZIP']],
  ['lzop', ['\u0089LZO']],
  ['7z', ["7z\u00bc\u00af'\u001c"]],
  // With members, empty, and multi-volume.
  ['zip', ['PK\u0003\u0004', 'PK\u0005\u0006', 'PK\u0007\b', 'PK00PK\u0003\u0004']],
];

function named(format: DetectedFormat, recognise: Recogniser): FormatParser {
  return {
    format,
    recognise,
    // oxlint-disable-next-line require-yield -- the contents are not read
    *read() {
      return plainFinding(format);
    },
  };
}

const byMagic = magics.map(([format, starts]) =>
  named(format, (front) => starts.some((start) => hasText(front, 0, start))),
);

/**
 * LZMA streams have no magic number. They are recognised by the properties that all tools use, a dictionary of 2^n or 2^n +
 * 2^(n−1) bytes, a size that is unknown or less than a TiB, and a first coded byte of 0.
 * @see https://github.com/tukaani-project/xz/blob/master/doc/lzma-file-format.txt
 */
function isLzma(front: Uint8Array): boolean {
  if (front.length < 14 || !hasText(front, 0, ']\0\0') || front[13] !== 0) return false;
  const view = viewOf(front);
  const dictionary = view.getUint32(1, true);
  const size = view.getBigUint64(5, true);
  const isUsual = [dictionary, (dictionary / 3) * 2].some(isPowerOfTwo);
  return isUsual && (size === 2n ** 64n - 1n || size < 2n ** 40n);
}

/** Two magic bytes, then one with the code size: 9 to 16 bits, and two unused bits. */
function isCompress(front: Uint8Array): boolean {
  const bits = (front[2] ?? 0) % 128;
  return hasText(front, 0, '\u001f\u009d') && bits >= 9 && bits <= 16;
}

/** A frame that decoders of zstd and lz4 skip; pzstd, for one, writes it first. */
function isSkippable(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  return first >= 0x50 && first <= 0x5f && hasText(bytes, 1, '*M\u0018');
}

/** Skippable frames are followed this far at most. */
const mostSkipped = 1024 * 1024;
const mostFrames = 64;

/** Taken as zstd unless a frame of lz4 follows. */
function* readSkippable(context: ParseContext): Reading<DiskFinding> {
  const draft = new Draft('zstd');
  let offset = 0;
  for (let count = 0; count < mostFrames && offset <= mostSkipped; count++) {
    const head = yield { from: 'start', offset, length: 8, optional: true };
    const { size } = context;
    if (size !== null && offset > size)
      return draft.warn('truncated', 'the data ends within a skippable frame').finish();
    // Data that consists of skippable frames alone is valid.
    if (head === null || head.length === 0) break;
    const follows = byMagic.find(({ format, recognise }) => (format === 'zstd' || format === 'lz4') && recognise(head));
    if (follows !== undefined) return plainFinding(follows.format);
    if (head.length < 8) return draft.truncated('a frame').finish();
    if (!isSkippable(head)) return draft.require(false, 'no frame follows its skippable ones').finish();
    offset += 8 + viewOf(head).getUint32(4, true);
  }
  return draft.finish();
}

/** One parser for each kind. */
export const compressed: readonly FormatParser[] = [
  ...byMagic,
  named('lzma', isLzma),
  named('compress', isCompress),
  { format: 'zstd', recognise: isSkippable, read: readSkippable },
];
