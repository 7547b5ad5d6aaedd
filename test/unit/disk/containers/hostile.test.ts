// Containers that need what is missing, lie about their sizes, or lead astray: each ends with a reason, none with wrong bytes.
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import { type Blocks, FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { openContainer } from '../../../../src/disk/containers/open-container.ts';
import type { DetectedFormat } from '../../../../src/disk/parsing/finding.ts';
import { crc32c } from '../../../../src/disk/parsing/crc32c.ts';
import { makeDisk, readContainer } from '../../../support/disk/container-disk.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { patch, u16le, u32be, u32le, u64be, u64le, vmdkDescriptor, writeVmdk } from '../../../support/disk/writers.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

function open(format: DetectedFormat, data: Buffer): Blocks {
  return driveReads(openContainer(format, new FlatBlocks(data.length)), data);
}

function readAll(format: DetectedFormat, data: Buffer, offset = 0, length = 9 * mebibyte): Uint8Array {
  const [bytes] = driveReads(open(format, data).read([{ offset, length }]), data);
  return bytes ?? new Uint8Array();
}

function expectRefused(act: () => unknown, why: 'damaged' | 'unsupported', message: string | RegExp): void {
  const text: unknown = typeof message === 'string' ? message : expect.stringMatching(message);
  expect(act).toThrow(expect.objectContaining({ name: 'UnreadableError', why, message: text }));
}

const qcow2 = readContainer('qcow2-v3');
const vmdk = readContainer('vmdk-sparse');
const stream = readContainer('vmdk-stream');
const vhd = readContainer('vhd-dynamic');
const vhdx = readContainer('vhdx-dynamic');
const vdi = readContainer('vdi-dynamic');

/** A VHDX with this change in the current one of its two headers. */
function withHeaders(change: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(vhdx);
  for (const start of [64 * kibibyte, 128 * kibibyte]) {
    const header = copy.subarray(start, start + 4096);
    change(header);
    header.fill(0, 4, 8);
    header.writeUInt32LE(crc32c(header), 4);
  }
  return copy;
}

describe('what needs something else is not read', () => {
  const content = { size: mebibyte, pieces: [] };
  it.each<[string, DetectedFormat, Buffer, RegExp]>([
    [
      'a qcow2 with a backing file',
      'qcow2',
      writeQcow2(content, { backingFile: '/etc/passwd' }),
      /it needs another file/,
    ],
    ['a qcow2 with a data file', 'qcow2', patch(qcow2, [72, u64be(4n)]), /its data is in another file/],
    ['an encrypted qcow2', 'qcow2', patch(qcow2, [32, u32be(2)]), /^it is encrypted$/],
    ['a qcow2 with an unknown feature', 'qcow2', patch(qcow2, [72, u64be(2n ** 40n)]), /incompatible feature 40/],
    ['a qcow2 of version 4', 'qcow2', patch(qcow2, [4, u32be(4)]), /qcow2 version 4/],
    ['a VMDK with a parent', 'vmdk', writeVmdk(vmdkDescriptor({ parent: '12345678' })), /it needs another file/],
    [
      'a VMDK of several files',
      'vmdk',
      writeVmdk(vmdkDescriptor({ extents: ['RW 1 FLAT "a" 0'] })),
      /an extent of type FLAT/,
    ],
    ['a VMDK that is a descriptor', 'vmdk', Buffer.from(vmdkDescriptor()), /its data is in another file/],
    ['a VHD that is a difference', 'vhd', patch(vhd, [60, u32be(4)]), /only the difference/],
    ['a VDI that is a difference', 'vdi', patch(vdi, [76, u32le(4)]), /only the difference/],
    ['a VDI with a snapshot below it', 'vdi', patch(vdi, [440, 'parent']), /only the difference/],
    [
      'a VHDX whose log is to be replayed',
      'vhdx',
      withHeaders((header) => header.fill(1, 48, 64)),
      /its log would have to be/,
    ],
    ['a VHDX of version 2', 'vhdx', withHeaders((header) => header.set(u16le(2), 66)), /VHDX version 2/],
  ])('%s', (_what, format, data, message) => {
    expectRefused(() => open(format, data), 'unsupported', message);
  });
});

describe('a size that no disk has', () => {
  const huge = 2n ** 63n - 512n;
  const readable = 2 ** 53 - 2 ** 21;
  it.each<[string, DetectedFormat, Buffer]>([
    ['qcow2', 'qcow2', patch(qcow2, [24, u64be(huge)])],
    ['VMDK', 'vmdk', patch(vmdk, [12, u64le(huge / 512n)])],
    ['VHD', 'vhd', patch(vhd, [48, u64be(huge)])],
    ['VDI', 'vdi', patch(vdi, [368, u64le(huge)])],
  ])('hides nothing of what is there, of a %s', (_what, format, data) => {
    expect(open(format, data).size).toBe(readable);
    expect(Buffer.compare(readAll(format, data, 0, mebibyte), makeDisk().subarray(0, mebibyte))).toBe(0);
    expect(() => readAll(format, data, readable - 9, 9)).toThrow(expect.objectContaining({ why: 'damaged' }));
  });

  it('is damaged from 2^63 on', () => {
    expectRefused(() => open('qcow2', patch(qcow2, [24, u64be(2n ** 64n - 1n)])), 'damaged', /does not say how large/);
  });

  it('near 2^53 is read as far as its tables go, and no further', () => {
    const size = readable;
    const large = patch(qcow2, [24, u64be(BigInt(size))]);
    expect(open('qcow2', large).size).toBe(size);
    expect(Buffer.compare(readAll('qcow2', large), makeDisk().subarray(0, 9 * mebibyte))).toBe(0);
    expectRefused(() => readAll('qcow2', large, size - 100, 100), 'damaged', 'the L1 table is too short for the disk');
    expectRefused(() => readAll('vdi', patch(vdi, [368, u64le(BigInt(size))]), size - 9, 9), 'damaged', /too short/);
    expectRefused(() => readAll('vhd', patch(vhd, [48, u64be(BigInt(size))]), size - 9, 9), 'damaged', /too short/);
    const far = patch(vmdk, [12, u64le(2n ** 43n)]);
    expectRefused(() => readAll('vmdk', far, 2 ** 51, 9), 'damaged', 'the disk ends too soon');
  });
});

/** Where the L1 table of the fixture is, and its first L2 table. */
const l1 = Number(qcow2.readBigUInt64BE(40));
const l2 = Number(qcow2.readBigUInt64BE(l1) % 2n ** 56n);

describe('tables of a qcow2', () => {
  it('are damaged if they lead into the middle of a cluster, or out of the file', () => {
    expectRefused(() => readAll('qcow2', patch(qcow2, [l1, u64be(512n)])), 'damaged', /not aligned to a cluster/);
    expectRefused(() => readAll('qcow2', patch(qcow2, [l1, u64be(2n ** 55n)])), 'damaged', /too soon/);
    expectRefused(() => readAll('qcow2', patch(qcow2, [l2, u64be(512n)])), 'damaged', /not aligned to a cluster/);
    expectRefused(() => readAll('qcow2', patch(qcow2, [l2, u64be(2n ** 55n)])), 'damaged', /past the end of the image/);
    expectRefused(() => open('qcow2', patch(qcow2, [40, u64be(2n ** 62n)])), 'damaged', /L1 table/);
  });

  it('may lead to themselves or share a cluster: reading ends, and other places are unaffected', () => {
    const loop = patch(qcow2, [l1, u64be(BigInt(l1))]);
    expect(readAll('qcow2', loop)).toHaveLength(9 * mebibyte);
    const twice = patch(qcow2, [l2 + 8, qcow2.subarray(l2, l2 + 8)]);
    const bytes = Buffer.from(readAll('qcow2', twice));
    expect(bytes.subarray(0, 65_536).equals(bytes.subarray(65_536, 131_072))).toBe(true);
    expect(bytes.subarray(131_072).equals(makeDisk().subarray(131_072, 9 * mebibyte))).toBe(true);
  });

  it('are as many as the header says', () => {
    const gibibyte = 1024 * mebibyte;
    const entries = (count: number): Buffer => patch(qcow2, [24, u64be(BigInt(gibibyte))], [36, u32be(count)]);
    // One table leads to 512 MiB; there is no second one.
    expect(readAll('qcow2', entries(1), gibibyte / 2 - 1, 1)).toEqual(Uint8Array.of(0));
    expectRefused(() => readAll('qcow2', entries(1), gibibyte / 2, 1), 'damaged', /L1 table is too short/);
    expect(readAll('qcow2', patch(entries(2), [l1 + 8, u64be(0n)]), gibibyte / 2, 1)).toEqual(Uint8Array.of(0));
    expectRefused(() => readAll('qcow2', entries(0)), 'damaged', /L1 table is too short/);
  });

  it('have no clusters of zeros in version 2, and no subclusters that are both allocated and zero', () => {
    const second = readContainer('qcow2-v2');
    const table = Number(second.readBigUInt64BE(Number(second.readBigUInt64BE(40))) % 2n ** 56n);
    expectRefused(() => readAll('qcow2', patch(second, [table, u64be(1n)])), 'damaged', /the zero flag/);
    const extended = readContainer('qcow2-extended');
    const entry = Number(extended.readBigUInt64BE(Number(extended.readBigUInt64BE(40))) % 2n ** 56n);
    const both = patch(extended, [entry + 8, u64be(2n ** 64n - 1n)]);
    expectRefused(() => readAll('qcow2', both), 'damaged', 'the allocation status of a subcluster is invalid');
  });

  it('may have clusters of an impossible size', () => {
    for (const bits of [0, 8, 22, 31, 0xffff_ffff]) {
      expectRefused(
        () => open('qcow2', patch(qcow2, [20, u32be(bits)])),
        'damaged',
        /the cluster size is out of range: 2\^/,
      );
    }
  });
});

it('a VMDK has its grains in all tables of its directory', () => {
  const directory = Number(vmdk.readBigUInt64LE(56)) * 512;
  const table = vmdk.readUInt32LE(directory);
  // Tables of 128 entries, one sector each: 9 MiB are in two of them.
  const split = patch(vmdk, [44, u32le(128)], [directory, Buffer.concat([u32le(table), u32le(table + 1)])]);
  expect(Buffer.compare(readAll('vmdk', split), makeDisk().subarray(0, 9 * mebibyte))).toBe(0);
});

describe('compressed data', () => {
  it('of a qcow2 that expands too far gives nothing', () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * mebibyte));
    const place = Math.ceil(qcow2.length / 512) * 512;
    const data = Buffer.concat([qcow2, Buffer.alloc(place - qcow2.length), bomb]);
    const entry = 2n ** 62n + BigInt(Math.ceil(bomb.length / 512)) * 2n ** 54n + BigInt(place);
    expectRefused(() => readAll('qcow2', patch(data, [l2, u64be(entry)])), 'damaged', /cannot be decompressed/);
  });

  it('is damaged if it gives too little', () => {
    const little = deflateRawSync(Buffer.alloc(1000, 1));
    const data = Buffer.concat([qcow2, little, Buffer.alloc(512)]);
    const entry = patch(data, [l2, u64be(2n ** 62n + BigInt(qcow2.length))]);
    expect(readAll('qcow2', entry, 0, 1000)).toEqual(new Uint8Array(1000).fill(1));
    expectRefused(() => readAll('qcow2', entry, 0, 1001), 'damaged', /shorter than expected/);
  });

  it('of a VMDK must be that of its own grain, and no longer than a grain', () => {
    const directory = Number(stream.readBigUInt64LE(56)) * 512;
    const grain = stream.readUInt32LE(stream.readUInt32LE(directory) * 512) * 512;
    expectRefused(
      () => readAll('vmdk', patch(stream, [grain, u64le(1n)])),
      'damaged',
      /the marker of a compressed grain/,
    );
    expectRefused(
      () => readAll('vmdk', patch(stream, [grain + 8, u32le(mebibyte)])),
      'damaged',
      /the marker of a compressed grain/,
    );
    expectRefused(
      () => readAll('vmdk', patch(stream, [grain + 12, Buffer.alloc(30)])),
      'damaged',
      /cannot be decompressed/,
    );
  });
});

describe('a VMDK that was written as a stream', () => {
  const marker = patch(Buffer.alloc(512), [8, u32le(0)], [12, u32le(3)]);
  const head = patch(stream, [56, u64le(2n ** 64n - 1n)]);
  const whole = Buffer.concat([head, marker, stream.subarray(0, 512), Buffer.alloc(512)]);

  it('names its tables at its end', () => {
    expect(Buffer.compare(readAll('vmdk', whole), makeDisk().subarray(0, 9 * mebibyte))).toBe(0);
  });

  it('is damaged without its end', () => {
    expectRefused(() => open('vmdk', whole.subarray(0, -1024)), 'damaged', /its footer/);
    const again = Buffer.concat([head, marker, head.subarray(0, 512), Buffer.alloc(512)]);
    expectRefused(() => open('vmdk', again), 'damaged', /the grain directory lies outside/);
  });
});

describe('an image that is cut off', () => {
  it.each([
    ['qcow2', qcow2],
    ['vmdk', vmdk],
    ['vhdx', vhdx],
    ['vdi', vdi],
  ] as const)('gives no bytes that are not there: %s', (format, data) => {
    const half = data.subarray(0, data.length - 300 * kibibyte);
    expectRefused(() => readAll(format, half), 'damaged', /./);
    expectRefused(() => open(format, data.subarray(0, 60)), 'damaged', /./);
  });
});

describe('the bitmap of a block of a VHD', () => {
  it('tells which sectors were never written: they are zeros, whatever is stored there', () => {
    const table = Number(vhd.readBigUInt64BE(512 + 16));
    const bitmap = vhd.readUInt32BE(table) * 512;
    // Of the first eight sectors the second and the last.
    const bytes = readAll('vhd', patch(vhd, [bitmap, Buffer.of(0b1011_1110)]), 0, 8 * 512);
    const expected = makeDisk().subarray(0, 8 * 512);
    expected.fill(0, 512, 1024);
    expected.fill(0, 7 * 512);
    expect(Buffer.compare(bytes, expected)).toBe(0);
  });
});

describe('headers of a VHDX', () => {
  it('count by their number if they are intact', () => {
    const older = withHeaders((header) => header.set(u64le(1n), 8));
    const stale = older.subarray(64 * kibibyte, 64 * kibibyte + 4096);
    stale.fill(1, 48, 64);
    stale.set(u64le(2n ** 60n), 8);
    // What was written of it is incomplete.
    expect(readAll('vhdx', older)).toHaveLength(9 * mebibyte);
    stale.fill(0, 4, 8);
    stale.writeUInt32LE(crc32c(stale), 4);
    expectRefused(() => open('vhdx', older), 'unsupported', /its log/);
    for (const start of [64 * kibibyte, 128 * kibibyte]) older.fill(1, start + 8, start + 16);
    expectRefused(() => open('vhdx', older), 'damaged', /neither of its two headers/);
  });
});
