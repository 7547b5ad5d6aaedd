import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeRaw } from '../../../../../examples/demo/images/content.ts';
import { writeVmdk } from '../../../../../examples/demo/images/vmdk.ts';
import { anyContent, large, partitioned } from './contents.ts';
import { checkWithQemu, describeWithQemu, needQemuImg, readWithQemu } from './qemu-img.ts';

const grainBytes = 65_536;

/** Grains by number, found through the directory that the header names at `field`. */
function readGrains(image: Buffer, field: 48 | 56): Map<number, Buffer> {
  const capacity = Number(image.readBigUInt64LE(12));
  const tables = Math.ceil(capacity / (128 * 512));
  const directory = Number(image.readBigUInt64LE(field)) * 512;
  const grains = new Map<number, Buffer>();
  for (let number = 0; number < tables * 512; number++) {
    const table = image.readUInt32LE(directory + Math.floor(number / 512) * 4) * 512;
    const sector = image.readUInt32LE(table + (number % 512) * 4);
    if (sector !== 0) grains.set(number, image.subarray(sector * 512, sector * 512 + grainBytes));
  }
  return grains;
}

function expand(image: Buffer, field: 48 | 56): Buffer {
  const size = Number(image.readBigUInt64LE(12)) * 512;
  const pieces = [...readGrains(image, field)].map(([number, bytes]) => ({
    offset: number * grainBytes,
    bytes: bytes.subarray(0, size - number * grainBytes),
  }));
  return writeRaw({ size, pieces });
}

function readDescriptor(image: Buffer): string {
  const start = Number(image.readBigUInt64LE(28)) * 512;
  return image.toString('utf8', start, image.indexOf(0, start));
}

describe('writeVmdk', () => {
  it('writes the header of a sparse extent with its descriptor at sector 1', () => {
    const image = writeVmdk(partitioned);
    expect(image.toString('latin1', 0, 4)).toBe('KDMV');
    expect(image.readUInt32LE(4)).toBe(1);
    expect(image.readUInt32LE(8)).toBe(3);
    expect(image.readBigUInt64LE(12)).toBe(BigInt(partitioned.size / 512));
    expect(image.readBigUInt64LE(20)).toBe(128n);
    expect(image.readBigUInt64LE(28)).toBe(1n);
    expect(image.readUInt32LE(44)).toBe(512);
    expect(image.toString('latin1', 73, 77)).toBe('\n \r\n');
    expect(image.readUInt16LE(77)).toBe(0);
    // The overhead ends where the first grain begins.
    const first = [...readGrains(image, 56).values()][0];
    expect(first?.byteOffset).toBe(image.byteOffset + Number(image.readBigUInt64LE(64)) * 512);
  });

  it('describes one sparse extent of the whole disk and no parent', () => {
    const lines = readDescriptor(writeVmdk(large)).split('\n');
    expect(lines).toContain('createType="monolithicSparse"');
    expect(lines).toContain('parentCID=ffffffff');
    expect(lines.filter((line) => line.startsWith('RW '))).toEqual([
      `RW ${String(large.size / 512)} SPARSE "disk.vmdk"`,
    ]);
  });

  it('reads back as the original disk, through either of its two directories', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        const image = writeVmdk(content);
        expect(expand(image, 56).equals(writeRaw(content))).toBe(true);
        expect(expand(image, 48).equals(writeRaw(content))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('stores only the written grains of a disk of 5 GiB', () => {
    expect([...readGrains(writeVmdk(large), 56).keys()]).toEqual([0, 49_151, 49_152, 81_919]);
  });

  it('accepts another descriptor, and refuses one that does not fit', () => {
    expect(readDescriptor(writeVmdk(partitioned, { descriptor: '# mine\n' }))).toBe('# mine\n');
    expect(() => writeVmdk(partitioned, { descriptor: 'x'.repeat(10_241) })).toThrow(RangeError);
  });

  it('passes the check of qemu-img and is read back by it', (context) => {
    needQemuImg(context);
    checkWithQemu(writeVmdk(large), 'vmdk');
    expect(describeWithQemu(writeVmdk(large), 'vmdk')['virtual-size']).toBe(large.size);
    checkWithQemu(writeVmdk(partitioned), 'vmdk');
    expect(readWithQemu(writeVmdk(partitioned), 'vmdk').raw.equals(writeRaw(partitioned))).toBe(true);
  });
});
