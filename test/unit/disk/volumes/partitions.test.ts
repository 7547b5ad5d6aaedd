import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Blocks, FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import type { Span } from '../../../../src/disk/blocks/reading.ts';
import { findVolumes } from '../../../../src/disk/volumes/find-volumes.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { linuxGuid, mbrSector, type MbrRow, writeGpt } from '../../../support/disk/volumes/partition-tables.ts';
import { tellingBytes } from '../../../support/disk/patterns.ts';
import { patch, u32le, u64le } from '../../../support/disk/writers.ts';

const sectors = 4096;

function diskWith(...places: readonly (readonly [sector: number, rows: readonly MbrRow[]])[]): Buffer {
  const disk = tellingBytes(sectors * 512);
  for (const [sector, rows] of places) disk.set(mbrSector(rows), sector * 512);
  return disk;
}

interface Found {
  readonly name: string | null;
  readonly type: string | null;
  readonly size: number;
  /** Where it begins, according to its own bytes; null if it is empty. */
  readonly start: number | null;
}

function startOf(blocks: Blocks, disk: Buffer): number | null {
  const [bytes] = driveReads(blocks.read([{ offset: 0, length: 16 }]), disk);
  const text = Buffer.from(bytes ?? []).toString('latin1');
  return text.startsWith('@') ? Number.parseInt(text.slice(1), 16) : null;
}

function find(disk: Buffer, onTurn?: (spans: readonly Span[]) => void): readonly Found[] {
  const volumes = driveReads(findVolumes(new FlatBlocks(disk.length)), disk, onTurn);
  return volumes.map(({ name, partition, blocks }) => ({
    name,
    type: partition?.entry.type ?? null,
    size: blocks.size,
    start: startOf(blocks, disk),
  }));
}

describe('a disk without partitions', () => {
  it('is one volume without a name', () => {
    const disk = tellingBytes(1024 * 1024);
    expect(find(disk)).toEqual([{ name: null, type: null, size: disk.length, start: 0 }]);
    expect(find(Buffer.alloc(0))).toEqual([{ name: null, type: null, size: 0, start: null }]);
  });
});

describe('an MBR', () => {
  it('has its partitions by number, counting gaps', () => {
    const disk = diskWith([
      0,
      [
        [0x83, 64, 100],
        [0, 0, 0],
        [0x0c, 1000, 200],
      ],
    ]);
    expect(find(disk)).toEqual([
      { name: '1', type: '83', size: 51_200, start: 32_768 },
      { name: '3', type: '0C', size: 102_400, start: 512_000 },
    ]);
  });

  it.each([0x05, 0x0f, 0x85])('has logical ones from 5 on in an extended partition of type %i', (type) => {
    const disk = diskWith(
      [
        0,
        [
          [0x83, 64, 100],
          [type, 1000, 3000],
        ],
      ],
      [
        1000,
        [
          [0x83, 8, 100],
          [type, 500, 500],
        ],
      ],
      [
        1500,
        [
          [0x82, 16, 50],
          [type, 2000, 500],
        ],
      ],
      [3000, [[0x8e, 8, 10]]],
    );
    expect(find(disk)).toEqual([
      { name: '1', type: '83', size: 51_200, start: 64 * 512 },
      { name: '5', type: '83', size: 51_200, start: 1008 * 512 },
      { name: '6', type: '82', size: 25_600, start: 1516 * 512 },
      { name: '7', type: '8E', size: 5120, start: 3008 * 512 },
    ]);
  });

  it('ends a chain of logical ones that leads back to itself, or nowhere', () => {
    const table = [
      0,
      [
        [0x83, 64, 100],
        [0x05, 1000, 3000],
      ],
    ] as const;
    const loop = diskWith(
      table,
      [
        1000,
        [
          [0x83, 8, 10],
          [0x05, 500, 500],
        ],
      ],
      [
        1500,
        [
          [0x83, 8, 10],
          [0x05, 0, 500],
        ],
      ],
    );
    expect(find(loop).map(({ name }) => name)).toEqual(['1', '5', '6']);
    const self = diskWith(table, [
      1000,
      [
        [0x83, 8, 10],
        [0x05, 0, 500],
      ],
    ]);
    expect(find(self).map(({ name }) => name)).toEqual(['1', '5']);
    const far = diskWith(table, [
      1000,
      [
        [0x83, 8, 10],
        [0x05, 0xffff_f000, 500],
      ],
    ]);
    expect(find(far).map(({ name }) => name)).toEqual(['1', '5']);
    expect(find(diskWith(table)).map(({ name }) => name)).toEqual(['1']);
  });

  it('is followed for at most a hundred logical ones', () => {
    const links = Array.from({ length: 150 }, (_, index): [number, MbrRow[]] => [
      1000 + index * 10,
      [
        [0x83, 1, 5],
        [0x05, (index + 1) * 10, 10],
      ],
    ]);
    let turns = 0;
    const found = find(diskWith([0, [[0x05, 1000, 3000]]], ...links), () => (turns += 1));
    expect(found).toHaveLength(100);
    expect(turns).toBeLessThan(110);
  });

  it('is cut off where the disk ends', () => {
    expect(
      find(
        diskWith([
          0,
          [
            [0x83, 4000, 1000],
            [0x83, 6000, 100],
          ],
        ]),
      ),
    ).toEqual([
      { name: '1', type: '83', size: 96 * 512, start: 4000 * 512 },
      { name: '2', type: '83', size: 0, start: null },
    ]);
  });
});

const two = [
  [100n, 199n],
  [1000n, 1099n],
] as const;

describe.each([512, 4096])('a GPT with sectors of %i bytes', (sectorBytes) => {
  const healthy = tellingBytes(2048 * sectorBytes);
  writeGpt(healthy, { sectorBytes, partitions: two });
  const expected = [
    { name: '1', type: linuxGuid, size: 100 * sectorBytes, start: 100 * sectorBytes },
    { name: '2', type: linuxGuid, size: 100 * sectorBytes, start: 1000 * sectorBytes },
  ];
  const damage = (...offsets: readonly number[]): Buffer => {
    const disk = Buffer.from(healthy);
    for (const offset of offsets) disk[offset] = 255 - (disk[offset] ?? 0);
    return disk;
  };
  const copy = healthy.length - sectorBytes;

  it('has its partitions by number', () => {
    expect(find(healthy)).toEqual(expected);
  });

  it('is read from its copy if its header or its entries are damaged', () => {
    expect(find(damage(sectorBytes))).toEqual(expected);
    expect(find(damage(sectorBytes + 60))).toEqual(expected);
    expect(find(damage(sectorBytes * 2 + 33))).toEqual(expected);
    expect(find(damage(copy))).toEqual(expected);
  });

  it('is damaged if its copy is too', () => {
    expect(() => find(damage(sectorBytes, copy))).toThrow(expect.objectContaining({ why: 'damaged' }));
  });
});

describe('a GPT', () => {
  it('may have partitions that make no sense: they are empty or cut off', () => {
    const disk = tellingBytes(sectors * 512);
    writeGpt(disk, {
      partitions: [
        [2n ** 62n, 2n ** 63n],
        [200n, 100n],
        [300n, 2n ** 64n - 1n],
        [0n, 2n ** 60n],
      ],
    });
    expect(find(disk).map(({ name, size }) => [name, size])).toEqual([
      ['1', 0],
      ['2', 0],
      ['3', (sectors - 300) * 512],
      ['4', sectors * 512],
    ]);
  });

  it('yields to an MBR beside it if neither copy is intact', () => {
    const disk = diskWith([
      0,
      [
        [0xee, 1, 63],
        [0x83, 64, 100],
      ],
    ]);
    expect(find(disk).map(({ name, type }) => [name, type])).toEqual([
      ['1', 'EE'],
      ['2', '83'],
    ]);
  });
});

describe('the header of a GPT', () => {
  const disk = tellingBytes(sectors * 512);
  writeGpt(disk, { partitions: two });
  // There is no copy, so that the first table decides.
  disk.fill(0, disk.length - 512);
  /** With a field of the header changed, and its checksum corrected. */
  const names = (offset: number, value: Buffer, length = 92, checksum?: (header: Buffer) => number): unknown => {
    const changed = patch(disk, [512 + 12, u32le(length)], [512 + offset, value], [512 + 16, u32le(0)]);
    const header = changed.subarray(512, 512 + length);
    changed.writeUInt32LE(checksum?.(header) ?? crc32(header), 512 + 16);
    try {
      return find(changed).map(({ name }) => name);
    } catch (error) {
      return (error as Error).message;
    }
  };
  const refused = 'neither the primary nor the backup GPT is valid';
  /** A table of zeros, in the empty part of the disk, with this many entries of this many bytes. */
  const zeros = (count: number, bytes: number): Buffer =>
    Buffer.concat([u64le(1000n), u32le(count), u32le(bytes), u32le(crc32(Buffer.alloc(count * bytes)))]);
  disk.fill(0, 1000 * 512, 3900 * 512);

  it.each<readonly [string, length: number, offset: number, value: Buffer, expected: unknown]>([
    ['as it was', 92, 0, Buffer.from('EFI PART'), ['1', '2']],
    ['of 512 bytes', 512, 0, Buffer.from('EFI PART'), ['1', '2']],
    ['of 513 bytes', 513, 0, Buffer.from('EFI PART'), refused],
    ['of 91 bytes', 91, 0, Buffer.from('EFI PART'), refused],
    ['of another name', 92, 7, Buffer.from('t'), refused],
    ['in another sector', 92, 24, u64le(2n), refused],
    ['with 1024 entries', 92, 72, zeros(1024, 128), []],
    ['with 1025 entries', 92, 72, zeros(1025, 128), refused],
    ['with no entries', 92, 72, zeros(0, 128), []],
    ['with entries of 4 KiB', 92, 72, zeros(4, 4096), []],
    ['with entries of 8 KiB', 92, 72, zeros(4, 8192), refused],
    ['with entries of 64 bytes', 92, 72, zeros(4, 64), refused],
    ['with a table past the end', 92, 72, u64le(5000n), refused],
    ['with a table beyond what can be counted', 92, 72, u64le(2n ** 63n), refused],
    ['with a table of another checksum', 92, 88, u32le(0), refused],
  ])('counts %s', (_what, length, offset, value, expected) => {
    expect(names(offset, value, length)).toEqual(expected);
  });

  it('has a checksum of all its bytes except those of the checksum', () => {
    for (const [from, to] of [
      [15, 20],
      [16, 21],
    ] as const) {
      const other = (header: Buffer): number => crc32(Buffer.from(header).fill(1, from, to).fill(0, 16, 20));
      expect(names(0, Buffer.from('EFI PART'), 92, other)).toBe(refused);
    }
  });
});

describe('an entry of an MBR', () => {
  const unused: readonly MbrRow[] = [
    [0, 64, 100],
    [0x83, 200, 0],
  ];

  it('is none without a type, or without sectors', () => {
    const table: readonly MbrRow[] = [...unused, [0x0c, 300, 1], [0x05, 1000, 500]];
    const link: readonly MbrRow[] = [...unused, [0x82, 8, 16], [0x05, 0, 0]];
    expect(find(diskWith([0, table], [1000, link]))).toEqual([
      { name: '3', type: '0C', size: 512, start: 300 * 512 },
      { name: '5', type: '82', size: 16 * 512, start: 1008 * 512 },
    ]);
  });

  it.each([510, 511])('of a link without byte %i of its signature no longer counts', (at) => {
    const disk = diskWith(
      [0, [[0x05, 1000, 3000]]],
      [
        1000,
        [
          [0x83, 8, 16],
          [0x05, 500, 500],
        ],
      ],
      [1500, [[0x83, 8, 16]]],
    );
    expect(find(disk).map(({ name }) => name)).toEqual(['5', '6']);
    disk[1500 * 512 + at] = 0;
    expect(find(disk).map(({ name }) => name)).toEqual(['5']);
  });
});

describe('an ISO 9660 that a disk can boot from', () => {
  it('is a volume beside its partitions', () => {
    const disk = diskWith([
      0,
      [
        [0x17, 0, 4000],
        [0xef, 100, 200],
      ],
    ]);
    disk.write('\u0001CD001\u0001', 32_768, 'latin1');
    expect(find(disk).map(({ name, size }) => [name, size])).toEqual([
      [null, disk.length],
      ['1', 4000 * 512],
      ['2', 200 * 512],
    ]);
  });
});
