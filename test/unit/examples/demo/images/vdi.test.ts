import { describe, expect, it } from 'vitest';
import { type DiskContent, writeRaw } from '../../../../../examples/demo/images/content.ts';
import { writeVdi } from '../../../../../examples/demo/images/vdi.ts';
import { large, partitioned } from './contents.ts';
import { checkWithQemu, describeWithQemu, needQemuImg, readWithQemu } from './qemu-img.ts';

const blockSize = 2 ** 20;

function readBlocks(image: Buffer): Map<number, Buffer> {
  const [map, data] = [image.readUInt32LE(340), image.readUInt32LE(344)];
  const blocks = new Map<number, Buffer>();
  for (let number = 0; number < image.readUInt32LE(384); number++) {
    const index = image.readUInt32LE(map + number * 4);
    if (index === 0xffff_ffff) continue;
    blocks.set(number, image.subarray(data + index * blockSize, data + (index + 1) * blockSize));
  }
  return blocks;
}

describe('writeVdi', () => {
  it('writes the header of a dynamic image without a parent', () => {
    const image = writeVdi(large);
    expect(image.readUInt32LE(64)).toBe(0xbeda107f);
    expect(image.readUInt32LE(68)).toBe(0x00010001);
    expect(image.readUInt32LE(76)).toBe(1);
    expect(image.readUInt32LE(360)).toBe(512);
    expect(image.readBigUInt64LE(368)).toBe(BigInt(large.size));
    expect(image.readUInt32LE(376)).toBe(blockSize);
    expect(image.readUInt32LE(384)).toBe(5120);
    expect(image.readUInt32LE(388)).toBe(4);
    expect(image.subarray(392, 408).equals(Buffer.alloc(16))).toBe(false);
    expect(image.subarray(424, 456).equals(Buffer.alloc(32))).toBe(true);
  });

  it('stores only the written blocks, and no byte after the last of them', () => {
    const image = writeVdi(large);
    const blocks = readBlocks(image);
    expect([...blocks.keys()]).toEqual([0, 3071, 3072, 5119]);
    expect(image.length).toBe(image.readUInt32LE(344) + 4 * blockSize);
  });

  it('reads back as the original disk, with the last block cut where the disk ends', () => {
    const bytes = Buffer.from('the end');
    const content: DiskContent = {
      size: 2 * blockSize + 1024,
      pieces: [...partitioned.pieces.slice(0, 2), { offset: 2 * blockSize + 1024 - bytes.length, bytes }],
    };
    const disk = Buffer.alloc(content.size);
    for (const [number, block] of readBlocks(writeVdi(content))) {
      disk.set(block.subarray(0, content.size - number * blockSize), number * blockSize);
    }
    expect(disk.equals(writeRaw(content))).toBe(true);
  });

  it('passes the check of qemu-img and is read back by it', (context) => {
    needQemuImg(context);
    checkWithQemu(writeVdi(large), 'vdi');
    expect(describeWithQemu(writeVdi(large), 'vdi')['virtual-size']).toBe(large.size);
    checkWithQemu(writeVdi(partitioned), 'vdi');
    expect(readWithQemu(writeVdi(partitioned), 'vdi').raw.equals(writeRaw(partitioned))).toBe(true);
  });
});
