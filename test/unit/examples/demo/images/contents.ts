// Disks to write in every format.
import * as fc from 'fast-check';
import type { DiskContent } from '../../../../../examples/demo/images/content.ts';
import { makePattern } from '../../../../../examples/demo/images/content.ts';
import { makePartitionedDisk } from '../../../../../examples/demo/images/partitioned.ts';

/** 4 MiB with a GPT and a FAT volume: pieces at both ends, and some of them side by side. */
export const partitioned = makePartitionedDisk({
  size: 4 * 2 ** 20,
  table: 'gpt',
  file: { name: 'DATA.BIN', bytes: makePattern(300_000) },
});

/** 5 GiB, hardly any of it written: past 32 bits, with a piece that crosses a block's border and one at the very end. */
export const large: DiskContent = {
  size: 5 * 2 ** 30,
  pieces: [
    { offset: 0, bytes: makePattern(100) },
    { offset: 3 * 2 ** 30 - 7, bytes: makePattern(20) },
    { offset: 5 * 2 ** 30 - 512, bytes: makePattern(512) },
  ],
};

/** Any small disk: pieces may touch, overlap, be empty, or be missing altogether. */
export const anyContent: fc.Arbitrary<DiskContent> = fc.integer({ min: 1, max: 600 }).chain((sectors) => {
  const size = sectors * 512;
  const piece = fc
    .record({ offset: fc.integer({ min: 0, max: size }), bytes: fc.uint8Array({ maxLength: 3000 }) })
    .map(({ offset, bytes }) => ({ offset, bytes: bytes.subarray(0, size - offset) }));
  return fc.array(piece, { maxLength: 6 }).map((pieces) => ({ size, pieces }));
});
