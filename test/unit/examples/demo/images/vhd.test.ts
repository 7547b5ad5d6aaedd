import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeRaw } from '../../../../../examples/demo/images/content.ts';
import { writeDynamicVhd, writeFixedVhd } from '../../../../../examples/demo/images/vhd.ts';
import { anyContent, large, partitioned } from './contents.ts';
import { describeWithQemu, needQemuImg, readWithQemu } from './qemu-img.ts';

/** Whether a stored checksum is the ones' complement of the sum of all other bytes. */
function hasRightChecksum(structure: Buffer, at: number): boolean {
  const others = [...structure.subarray(0, at), ...structure.subarray(at + 4)];
  return structure.readUInt32BE(at) === 0xffff_ffff - others.reduce((sum, byte) => sum + byte, 0);
}

/** Blocks of a dynamic disk by number, with the bitmap of each. */
function readBlocks(image: Buffer): Map<number, { bitmap: Buffer; bytes: Buffer }> {
  const table = Number(image.readBigUInt64BE(512 + 16));
  const blockSize = image.readUInt32BE(512 + 32);
  const bitmapBytes = Math.ceil(blockSize / 512 / 8 / 512) * 512;
  const blocks = new Map<number, { bitmap: Buffer; bytes: Buffer }>();
  for (let number = 0; number < image.readUInt32BE(512 + 28); number++) {
    const sector = image.readUInt32BE(table + number * 4);
    if (sector === 0xffff_ffff) continue;
    const data = sector * 512 + bitmapBytes;
    blocks.set(number, { bitmap: image.subarray(sector * 512, data), bytes: image.subarray(data, data + blockSize) });
  }
  return blocks;
}

describe('writeFixedVhd', () => {
  it('is the raw disk followed by a footer', () => {
    const image = writeFixedVhd(partitioned);
    const footer = image.subarray(-512);
    expect(image.subarray(0, -512).equals(writeRaw(partitioned))).toBe(true);
    expect(footer.toString('latin1', 0, 8)).toBe('conectix');
    expect(footer.readBigUInt64BE(16)).toBe(0xffff_ffff_ffff_ffffn);
    expect(footer.readBigUInt64BE(40)).toBe(BigInt(partitioned.size));
    expect(footer.readBigUInt64BE(48)).toBe(BigInt(partitioned.size));
    expect(footer.readUInt32BE(60)).toBe(2);
    expect(hasRightChecksum(footer, 64)).toBe(true);
  });

  it('names its creator', () => {
    expect(writeFixedVhd(partitioned, { creator: 'qemu' }).subarray(-512).toString('latin1', 28, 32)).toBe('qemu');
  });

  // Worked out by hand from the algorithm in the specification's appendix.
  it.each([
    [8 * 2 ** 20, [240, 4, 17]],
    [100 * 2 ** 20, [1003, 12, 17]],
    [200 * 2 ** 20, [825, 16, 31]],
    [400 * 2 ** 20, [812, 16, 63]],
  ])('gives a disk of %i bytes its geometry', (size, geometry) => {
    const footer = writeDynamicVhd({ size, pieces: [] }).subarray(-512);
    expect([footer.readUInt16BE(56), footer.readUInt8(58), footer.readUInt8(59)]).toEqual(geometry);
  });

  it('is read back by qemu-img', (context) => {
    needQemuImg(context);
    const { info, raw } = readWithQemu(writeFixedVhd(partitioned), 'vpc');
    expect(info['virtual-size']).toBe(partitioned.size);
    expect(raw.equals(writeRaw(partitioned))).toBe(true);
  });
});

describe('writeDynamicVhd', () => {
  it('has the same footer at both ends and a header after the first, with right checksums', () => {
    const image = writeDynamicVhd(large);
    const footer = image.subarray(0, 512);
    const header = image.subarray(512, 1536);
    expect(footer.equals(image.subarray(-512))).toBe(true);
    expect(footer.readUInt32BE(60)).toBe(3);
    expect(footer.readBigUInt64BE(16)).toBe(512n);
    expect(footer.readBigUInt64BE(48)).toBe(5n * 2n ** 30n);
    expect(hasRightChecksum(footer, 64)).toBe(true);
    expect(header.toString('latin1', 0, 8)).toBe('cxsparse');
    expect(header.readUInt32BE(28)).toBe(2560);
    expect(header.readUInt32BE(32)).toBe(2 ** 21);
    expect(hasRightChecksum(header, 36)).toBe(true);
  });

  it('stores only the written blocks of a disk of 5 GiB', () => {
    expect([...readBlocks(writeDynamicVhd(large)).keys()]).toEqual([0, 1535, 1536, 2559]);
  });

  it('reads back as the original disk, whatever the block size, with every sector marked as present', () => {
    fc.assert(
      fc.property(anyContent, fc.constantFrom(512, 4096, 65_536), (content, blockSize) => {
        const blocks = readBlocks(writeDynamicVhd(content, { blockSize }));
        const disk = Buffer.alloc(content.size);
        for (const [number, { bitmap, bytes }] of blocks) {
          disk.set(bytes.subarray(0, content.size - number * blockSize), number * blockSize);
          expect(bitmap.every((byte) => byte === 0xff)).toBe(true);
        }
        expect(disk.equals(writeRaw(content))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('is read back by qemu-img', (context) => {
    needQemuImg(context);
    expect(describeWithQemu(writeDynamicVhd(large), 'vpc')['virtual-size']).toBe(large.size);
    for (const blockSize of [2 ** 16, 2 ** 21]) {
      const { info, raw } = readWithQemu(writeDynamicVhd(partitioned, { blockSize }), 'vpc');
      expect(info['virtual-size']).toBe(partitioned.size);
      expect(raw.equals(writeRaw(partitioned))).toBe(true);
    }
  });
});
