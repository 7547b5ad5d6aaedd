// A VHDX built field by field, of eight blocks of a mebibyte: where its table leads.
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { openVhdx } from '../../../../src/disk/containers/vhdx.ts';
import { crc32c } from '../../../../src/disk/parsing/crc32c.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { type Change, patch, u32le, u64le } from '../../../support/disk/writers.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const facts = { size: 8 * mebibyte, blockBytes: mebibyte, sectorBytes: 512 };
/** 2DC27766-F623-4200-9D64-115E9BFD4A08, as it is stored. */
const tableRegion = Buffer.from('6677c22d23f600429d64115e9bfd4a08', 'hex');

/** With its checksum, for which its own field is zero. */
function summed(bytes: Buffer): Buffer {
  return patch(bytes, [4, u32le(crc32c(patch(bytes, [4, Buffer.alloc(4)])))]);
}

const header = (sequence: bigint, ...changes: readonly Change[]): Buffer =>
  summed(patch(Buffer.alloc(4096), [0, 'head'], [8, u64le(sequence)], ...changes));

const regions = (...changes: readonly Change[]): Buffer =>
  summed(
    patch(
      Buffer.alloc(64 * kibibyte),
      [0, 'regi'],
      [8, u32le(2)],
      [48, tableRegion],
      [64, u64le(BigInt(mebibyte))],
      [72, u32le(8 * 8)],
      ...changes,
    ),
  );

/** The state of a block, and its place in mebibytes. */
const entry = (state: number, place: bigint): Buffer => u64le(place * 2n ** 20n + BigInt(state));

const file = patch(
  Buffer.alloc(4 * mebibyte),
  [64 * kibibyte, header(1n)],
  [128 * kibibyte, header(2n)],
  [192 * kibibyte, regions()],
  [256 * kibibyte, regions()],
  [mebibyte, Buffer.concat([entry(6, 3n), ...[0, 1, 2, 3].map((state) => entry(state, 2n)), entry(6, 2n)])],
  [2 * mebibyte, 'second'],
  [3 * mebibyte, 'third'],
);

function read(unit: number, changes: readonly Change[] = [], more: Partial<typeof facts> = {}): string {
  const changed = patch(file, ...changes);
  const blocks = driveReads(openVhdx(new FlatBlocks(changed.length), { ...facts, ...more }), changed);
  const [bytes = new Uint8Array()] = driveReads(blocks.read([{ offset: unit * mebibyte, length: 6 }]), changed);
  return Buffer.from(bytes).toString('latin1').replace(/\0+$/, '');
}

function refusal(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof UnreadableError) return `${error.why}: ${error.message}`;
    throw error;
  }
}

describe('a VHDX', () => {
  it('has its blocks where the table says, and zeros for every state of a block that is not stored', () => {
    expect([0, 1, 2, 3, 4, 5].map((unit) => read(unit))).toEqual(['third', '', '', '', '', 'second']);
  });

  it('is described by the header that was written last, if that is intact', () => {
    const log = Buffer.alloc(16, 1);
    const first = 64 * kibibyte;
    const second = 128 * kibibyte;
    const replay = 'unsupported: it was not closed properly: its log would have to be replayed';
    const tried = (...changes: readonly Change[]): string | null => refusal(() => read(0, changes));
    expect(tried([second, header(2n, [48, log])])).toBe(replay);
    expect(tried([second, header(2n, [63, '\u0001'])])).toBe(replay);
    expect(tried([second, header(2n, [47, '\u0001'], [64, '\u0001'])])).toBeNull();
    expect(tried([first, header(1n, [48, log])])).toBeNull();
    expect(tried([first, header(3n, [48, log])])).toBe(replay);
    // A header that is not intact does not count.
    expect(tried([first, header(3n, [48, log])], [first + 4095, 'x'])).toBeNull();
    expect(tried([second, header(2n)], [second + 8, 'x'])).toBeNull();
    expect(tried([first, 'Head'], [second, 'Head'])).toBe('damaged: neither of its two headers is valid');
  });

  it('is found by either region table', () => {
    const first = 192 * kibibyte;
    const second = 256 * kibibyte;
    const nowhere = 'damaged: no region table locates the block allocation table';
    const tried = (...changes: readonly Change[]): string | null => refusal(() => read(0, changes));
    expect(tried([first, 'x'])).toBeNull();
    expect(tried([first, 'x'], [second, 'x'])).toBe(nowhere);
    const both = (...changes: readonly Change[]): Change[] => [
      [first, regions(...changes)],
      [second, regions(...changes)],
    ];
    expect(tried(...both())).toBeNull();
    expect(tried(...both([8, u32le(1)]))).toBe(nowhere);
    expect(tried(...both([63, 'x']))).toBe(nowhere);
    expect(tried(...both([64, u64le(BigInt(mebibyte) + 1n)]))).toBe(nowhere);
    expect(tried(...both([64, u64le(2n ** 52n)]))).toBe(nowhere);
    expect(tried(...both([64, u64le(2n ** 52n - BigInt(mebibyte))]))).toBe('damaged: the disk ends too soon');
  });

  it('has entries for its blocks, and another one after as many as a bitmap covers', () => {
    const short = 'damaged: the block allocation table is too short for the disk';
    const entries = (count: number): Change => [192 * kibibyte, regions([72, u32le(count * 8)])];
    expect(refusal(() => read(5, [entries(6)]))).toBeNull();
    expect(refusal(() => read(5, [entries(5)]))).toBe(short);
    expect(refusal(() => read(5, [[192 * kibibyte, regions([72, u32le(47)])]]))).toBe(short);
    // With sectors of 512 bytes, a bitmap covers 4 GiB: 4096 blocks of 1 MiB, or 16 of 256.
    const large = { size: 2 ** 40, blockBytes: 256 * mebibyte };
    const placed: Change[] = [
      entries(100),
      [mebibyte + 15 * 8, entry(6, 2n)],
      [mebibyte + 16 * 8, entry(7, 0n)],
      [mebibyte + 17 * 8, entry(6, 3n)],
    ];
    expect([15, 16].map((unit) => read(unit * 256, placed, large))).toEqual(['second', 'third']);
    // With sectors of 4096 bytes, it covers eight times as many.
    expect(refusal(() => read(16 * 256, placed, { ...large, sectorBytes: 4096 }))).toBe(
      'unsupported: a part of it is in another image',
    );
  });

  it.each<[string, Change, string]>([
    ['in part', [mebibyte, entry(7, 3n)], 'unsupported: a part of it is in another image'],
    ['in a state that does not exist', [mebibyte, entry(5, 3n)], 'damaged: the state or offset of a block is invalid'],
    ['beyond any file', [mebibyte, entry(6, 2n ** 33n)], 'damaged: the state or offset of a block is invalid'],
    ['beyond this file', [mebibyte, entry(6, 4n)], 'damaged: an offset lies past the end of the image'],
  ])('with a block %s is not read', (_what, change, message) => {
    expect(refusal(() => read(0, [change]))).toBe(message);
  });

  it('has blocks of 1 to 256 MiB and two sizes of sectors', () => {
    const tried = (more: Partial<typeof facts>): string | null => refusal(() => read(0, [], more));
    expect([mebibyte, 256 * mebibyte].map((blockBytes) => tried({ blockBytes }))).toEqual([null, null]);
    expect([mebibyte / 2, 3 * mebibyte, 512 * mebibyte].map((blockBytes) => tried({ blockBytes }))).toEqual(
      ['524288', '3145728', '536870912'].map((size) => `damaged: the block size is invalid: ${size} B`),
    );
    expect([512, 4096].map((sectorBytes) => tried({ sectorBytes }))).toEqual([null, null]);
    expect(tried({ sectorBytes: 1024 })).toBe('damaged: the sector size is invalid: 1024 B');
  });
});
