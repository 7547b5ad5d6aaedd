import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makePattern, writeRaw } from '../../../../../examples/demo/images/content.ts';
import { makePartitionedDisk } from '../../../../../examples/demo/images/partitioned.ts';

const mebibyte = 2 ** 20;
const file = { name: 'README.TXT', bytes: makePattern(100_001) };

/** Reads the one file of a FAT12 volume by following its chain, once through each copy of the table. */
function readFile(volume: Buffer): { name: string; copies: Buffer[] } {
  const clusterBytes = volume.readUInt8(13) * 512;
  const tableBytes = volume.readUInt16LE(22) * 512;
  const root = 512 + 2 * tableBytes;
  const data = root + volume.readUInt16LE(17) * 32;
  const entry = volume.subarray(root + 32, root + 64);
  const copies = [0, 1].map((copy) => {
    const parts: Buffer[] = [];
    for (
      let cluster = entry.readUInt16LE(26);
      cluster < 0xff0;
      cluster = readTable(volume, 512 + copy * tableBytes, cluster)
    ) {
      parts.push(volume.subarray(data + (cluster - 2) * clusterBytes, data + (cluster - 1) * clusterBytes));
    }
    return Buffer.concat(parts).subarray(0, entry.readUInt32LE(28));
  });
  return { name: entry.toString('latin1', 0, 11), copies };
}

/** An entry is 12 bits: a byte and the half of one that it shares with its neighbour. */
function readTable(volume: Buffer, table: number, cluster: number): number {
  const pair = volume.readUInt16LE(table + Math.floor((cluster * 3) / 2));
  return cluster % 2 === 0 ? pair % 4096 : Math.floor(pair / 16);
}

describe('makePartitionedDisk with an MBR', () => {
  const disk = writeRaw(makePartitionedDisk({ size: 8 * mebibyte, table: 'mbr', file }));

  it('has one active FAT12 partition from 1 MiB to the end', () => {
    expect(disk.subarray(510, 512).toString('hex')).toBe('55aa');
    const entry = disk.subarray(446, 462);
    expect(entry.readUInt8(0)).toBe(0x80);
    expect([...entry.subarray(1, 4)]).toEqual([32, 33, 0]); // sector 2048: head 32, sector 33
    expect(entry.readUInt8(4)).toBe(0x01);
    expect([...entry.subarray(5, 8)]).toEqual([5, 4, 1]); // sector 16383: cylinder 1, head 5, sector 4
    expect(entry.readUInt32LE(8)).toBe(2048);
    expect(entry.readUInt32LE(12)).toBe(7 * 2048);
    expect(disk.subarray(462, 510).equals(Buffer.alloc(48))).toBe(true);
  });

  it('holds the file on its volume, through either copy of the table', () => {
    const { name, copies } = readFile(disk.subarray(mebibyte));
    expect(name).toBe('README  TXT');
    expect(copies.map((bytes) => bytes.equals(file.bytes))).toEqual([true, true]);
  });

  it('tells the volume how many sectors precede it', () => {
    const volume = disk.subarray(mebibyte);
    expect(volume.readUInt32LE(28)).toBe(2048);
    expect(volume.readUInt16LE(19)).toBe(7 * 2048);
    expect(volume.toString('latin1', 54, 62)).toBe('FAT12   ');
    expect(volume.subarray(510, 512).toString('hex')).toBe('55aa');
  });

  it('works with 64 KiB', () => {
    const small = makePartitionedDisk({
      size: 65_536,
      table: 'mbr',
      firstSector: 1,
      file: { name: 'A', bytes: Buffer.from('hello') },
    });
    expect(readFile(writeRaw(small).subarray(512)).copies.map(String)).toEqual(['hello', 'hello']);
  });

  it('leaves the first cluster unused for an empty file', () => {
    const empty = makePartitionedDisk({
      size: 65_536,
      table: 'mbr',
      firstSector: 1,
      file: { name: 'A', bytes: Buffer.alloc(0) },
    });
    const volume = writeRaw(empty).subarray(512);
    const root = 512 + 2 * volume.readUInt16LE(22) * 512;
    expect(volume.readUInt16LE(root + 32 + 26)).toBe(0);
    expect(readTable(volume, 512, 2)).toBe(0);
  });

  it('uses larger clusters and 32-bit sector counts on a large volume, and stays FAT12', () => {
    const { pieces } = makePartitionedDisk({ size: 100 * mebibyte, table: 'mbr', file });
    const boot = Buffer.from(pieces[1]?.bytes ?? []);
    expect(boot.readUInt16LE(19)).toBe(0);
    expect(boot.readUInt32LE(32)).toBe(99 * 2048);
    expect((99 * 2048) / boot.readUInt8(13)).toBeLessThan(4085);
  });

  it.each([
    ['a file larger than its volume', { size: 2 * mebibyte, file: { name: 'A', bytes: Buffer.alloc(mebibyte) } }],
    ['a volume too large for FAT12', { size: 200 * mebibyte, file }],
    ['a partition past the end', { size: 2 * mebibyte, sectors: 2049, file }],
    ['a disk too small for a partition', { size: mebibyte, file }],
    ['a partition on top of the table', { size: 2 * mebibyte, firstSector: 0, file }],
  ])('refuses %s', (_what, options) => {
    expect(() => makePartitionedDisk({ table: 'mbr', ...options })).toThrow(RangeError);
  });
});

describe('makePartitionedDisk with a GPT', () => {
  const disk = writeRaw(makePartitionedDisk({ size: 8 * mebibyte, table: 'gpt', file }));
  const last = disk.length / 512 - 1;

  it('is protected by an MBR with the one entry that the specification requires', () => {
    expect(disk.subarray(446, 462).toString('hex')).toBe('00000200eeffffff01000000ff3f0000');
    expect(disk.subarray(462, 510).equals(Buffer.alloc(48))).toBe(true);
    expect(disk.subarray(510, 512).toString('hex')).toBe('55aa');
  });

  it.each([
    ['first', 1, last, 2],
    ['last', last, 1, last - 32],
  ])('has a header in the %s sector, with right checksums', (_which, own, other, entriesAt) => {
    const header = Buffer.from(disk.subarray(own * 512, own * 512 + 92));
    const entries = disk.subarray(entriesAt * 512, (entriesAt + 32) * 512);
    expect(header.toString('latin1', 0, 8)).toBe('EFI PART');
    expect(header.readBigUInt64LE(24)).toBe(BigInt(own));
    expect(header.readBigUInt64LE(32)).toBe(BigInt(other));
    expect(header.readBigUInt64LE(40)).toBe(34n);
    expect(header.readBigUInt64LE(48)).toBe(BigInt(last - 33));
    expect(header.readBigUInt64LE(72)).toBe(BigInt(entriesAt));
    expect(header.readUInt32LE(88)).toBe(crc32(entries));
    const stored = header.readUInt32LE(16);
    header.writeUInt32LE(0, 16);
    expect(stored).toBe(crc32(header));
  });

  it('has one partition, named root, that ends before the second table', () => {
    const entry = disk.subarray(1024, 1024 + 128);
    expect(entry.subarray(0, 16).toString('hex')).toBe('a2a0d0ebe5b9334487c068b6b72699c7');
    expect(entry.readBigUInt64LE(32)).toBe(2048n);
    expect(entry.readBigUInt64LE(40)).toBe(BigInt(last - 33));
    expect(entry.toString('utf16le', 56, 64)).toBe('root');
    expect(disk.subarray(1024 + 128, 34 * 512).equals(Buffer.alloc(127 * 128))).toBe(true);
    expect(readFile(disk.subarray(mebibyte)).copies[0]?.equals(file.bytes)).toBe(true);
  });

  it('refuses a partition on top of the table', () => {
    expect(() => makePartitionedDisk({ size: 2 * mebibyte, table: 'gpt', firstSector: 33, file })).toThrow(RangeError);
  });
});
