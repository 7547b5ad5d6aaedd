import { describe, expect, it } from 'vitest';
import { makePattern } from '../../../../../examples/demo/images/content.ts';
import { writeIso9660 } from '../../../../../examples/demo/images/iso9660.ts';

const block = 2048;
const bytes = makePattern(5000);
const disc = writeIso9660({ volume: 'RESCUE', directory: 'BOOT', file: { name: 'KERNEL.BIN', bytes } });
const volume = disc.subarray(16 * block, 17 * block);

/** A number that is stored in both byte orders, which must agree. */
function readBoth32(from: Buffer, offset: number): number {
  expect(from.readUInt32BE(offset + 4)).toBe(from.readUInt32LE(offset));
  return from.readUInt32LE(offset);
}

function readBoth16(from: Buffer, offset: number): number {
  expect(from.readUInt16BE(offset + 2)).toBe(from.readUInt16LE(offset));
  return from.readUInt16LE(offset);
}

interface DirectoryRecord {
  readonly name: string;
  readonly block: number;
  readonly length: number;
  readonly flags: number;
}

function readRecord(at: Buffer): DirectoryRecord {
  return {
    name: at.toString('latin1', 33, 33 + at.readUInt8(32)),
    block: readBoth32(at, 2),
    length: readBoth32(at, 10),
    flags: at.readUInt8(25),
  };
}

function readDirectory({ block: number, length }: DirectoryRecord): DirectoryRecord[] {
  const directory = disc.subarray(number * block, number * block + length);
  const records: DirectoryRecord[] = [];
  for (let offset = 0; directory.readUInt8(offset) !== 0; offset += directory.readUInt8(offset)) {
    records.push(readRecord(directory.subarray(offset)));
  }
  return records;
}

/** Path table records: a length, a block, the number of the parent, and a name. */
function readPaths(start: number, isBigEndian: boolean): unknown[] {
  const table = disc.subarray(start * block, start * block + readBoth32(volume, 132));
  const paths: unknown[] = [];
  for (let offset = 0; offset < table.length;) {
    const length = table.readUInt8(offset);
    paths.push({
      name: table.toString('latin1', offset + 8, offset + 8 + length),
      block: isBigEndian ? table.readUInt32BE(offset + 2) : table.readUInt32LE(offset + 2),
      parent: isBigEndian ? table.readUInt16BE(offset + 6) : table.readUInt16LE(offset + 6),
    });
    offset += 8 + length + (length % 2);
  }
  return paths;
}

describe('writeIso9660', () => {
  const root = readRecord(volume.subarray(156));

  it('describes a volume that is as long as the image', () => {
    expect(volume.toString('latin1', 0, 7)).toBe('\u0001CD001\u0001');
    expect(volume.toString('latin1', 40, 72)).toBe('RESCUE'.padEnd(32));
    expect(readBoth32(volume, 80) * readBoth16(volume, 128)).toBe(disc.length);
    expect(readBoth16(volume, 120)).toBe(1);
    expect(readBoth16(volume, 124)).toBe(1);
    expect(volume.toString('latin1', 813, 830)).toBe('2010020309340100\0');
    expect(volume.readUInt8(881)).toBe(1);
  });

  it('ends the descriptors after the first and leaves the system area empty', () => {
    expect(disc.toString('latin1', 17 * block, 17 * block + 7)).toBe('\u00ffCD001\u0001');
    expect(disc.subarray(0, 16 * block).equals(Buffer.alloc(16 * block))).toBe(true);
  });

  it('leads from the root through the directory to the file', () => {
    const rootRecords = readDirectory(root);
    expect(rootRecords.map(({ name, flags }) => [name, flags])).toEqual([
      ['\0', 2],
      ['\u0001', 2],
      ['BOOT', 2],
    ]);
    const [self, parent, file] = readDirectory(rootRecords[2] ?? root);
    expect(self?.block).toBe(rootRecords[2]?.block);
    expect(parent?.block).toBe(root.block);
    expect(file).toMatchObject({ name: 'KERNEL.BIN;1', length: 5000, flags: 0 });
    const start = (file?.block ?? 0) * block;
    expect(disc.subarray(start, start + 5000).equals(bytes)).toBe(true);
  });

  it('names the same directories in both path tables', () => {
    const paths = readPaths(volume.readUInt32LE(140), false);
    expect(paths).toEqual([
      { name: '\0', block: root.block, parent: 1 },
      { name: 'BOOT', block: readDirectory(root)[2]?.block, parent: 1 },
    ]);
    expect(readPaths(volume.readUInt32BE(148), true)).toEqual(paths);
  });
});
