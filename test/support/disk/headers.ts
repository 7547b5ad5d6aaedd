// One healthy image of each format, and where its structures lie.
import { corpus } from './corpus.ts';
import { mebibyte, type Sample } from './corpus/sample.ts';

/** The number of bytes needed to recognise a format, and where the structures are that are read. */
export interface Header {
  readonly parts: readonly (readonly [from: number, to: number])[];
  readonly known: number;
}

const kibibyte = 1024;
const headers: Readonly<Record<string, Header>> = {
  qcow: { parts: [[0, 100]], known: 8 },
  vdi: { parts: [[0, 700]], known: 68 },
  iso: { parts: [[32 * kibibyte, 36 * kibibyte]], known: 32 * kibibyte + 6 },
  tar: { parts: [[0, 520]], known: 512 },
  ova: { parts: [[0, 1200]], known: 512 },
  vhdx: {
    parts: [
      [0, 100],
      [64 * kibibyte, 64 * kibibyte + 100],
      [192 * kibibyte - 50, 192 * kibibyte + 200],
      [256 * kibibyte, 256 * kibibyte + 100],
      [mebibyte - 10, mebibyte + 200],
      [mebibyte + 64 * kibibyte - 10, mebibyte + 64 * kibibyte + 100],
    ],
    known: 8,
  },
};

/** For formats with a magic number at 0, of at most 16 bytes. */
const plainHeader: Header = { parts: [[0, 1700]], known: 16 };

/** One of each format, short enough to be changed often. */
const healthy = corpus.filter(({ codes, bytes }) => codes.length === 0 && bytes.length > 512);
export const byFormat: readonly Sample[] = [
  ...new Map(healthy.toReversed().map((sample) => [sample.format, sample])).values(),
];

/** @returns the offset of every byte of a sample's structures, and the least length at which it is recognised */
export function headerOf({ format, bytes }: Sample): { offsets: readonly number[]; known: number } {
  const { parts, known } = headers[format] ?? plainHeader;
  const offsets = parts.flatMap(([from, to]) =>
    Array.from({ length: Math.max(0, Math.min(to, bytes.length) - from) }, (_, index) => from + index),
  );
  return { offsets, known };
}
