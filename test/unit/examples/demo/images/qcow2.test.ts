import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiskContent, writeRaw } from '../../../../../examples/demo/images/content.ts';
import { writeQcow2 } from '../../../../../examples/demo/images/qcow2.ts';
import { worlds } from '../../../../support/thoroughness.ts';
import { anyContent, large, partitioned } from './contents.ts';
import { checkWithQemu, describeWithQemu, needQemuImg, readWithQemu } from './qemu-img.ts';

const copied = 2n ** 63n;

/** Reads an image by its tables alone, and counts how often each cluster of the file is used. */
function readQcow2(image: Buffer) {
  const cluster = 2 ** image.readUInt32BE(20);
  const size = Number(image.readBigUInt64BE(24));
  const l1Entries = image.readUInt32BE(36);
  const uses = Array.from({ length: image.length / cluster }, () => 0);
  const use = (offset: number): number => {
    uses[offset / cluster] = (uses[offset / cluster] ?? 0) + 1;
    return offset;
  };
  const useTable = (offset: number, bytes: number): void => {
    for (let place = offset; place < offset + bytes; place += cluster) use(place);
  };
  const entry = (offset: number): number => {
    const value = image.readBigUInt64BE(offset);
    expect(value === 0n || value > copied).toBe(true);
    return Number(value === 0n ? 0n : value - copied);
  };
  use(0);
  const l1 = Number(image.readBigUInt64BE(40));
  useTable(l1, l1Entries * 8);
  const clusters = new Map<number, Buffer>();
  for (let first = 0; first < l1Entries; first++) {
    const l2 = entry(l1 + first * 8);
    if (l2 === 0) continue;
    use(l2);
    for (let second = 0; second < cluster / 8; second++) {
      const data = entry(l2 + second * 8);
      if (data === 0) continue;
      clusters.set(first * (cluster / 8) + second, image.subarray(use(data), data + cluster));
    }
  }
  const counts = readRefcounts(image, cluster, useTable);
  return { size, cluster, clusters, uses, counts };
}

function readRefcounts(image: Buffer, cluster: number, useTable: (offset: number, bytes: number) => void): number[] {
  const table = Number(image.readBigUInt64BE(48));
  const tableBytes = image.readUInt32BE(56) * cluster;
  useTable(table, tableBytes);
  const counts: number[] = [];
  for (let place = table; place < table + tableBytes; place += 8) {
    const block = Number(image.readBigUInt64BE(place));
    if (block === 0) continue;
    useTable(block, cluster);
    for (let at = block; at < block + cluster; at += 2) counts.push(image.readUInt16BE(at));
  }
  return counts;
}

function expand({ size, cluster, clusters }: ReturnType<typeof readQcow2>): Buffer {
  const pieces = [...clusters].map(([number, bytes]) => ({
    offset: number * cluster,
    bytes: bytes.subarray(0, size - number * cluster),
  }));
  return writeRaw({ size, pieces });
}

describe('writeQcow2', () => {
  it('writes the header of a version 3 image with clusters of 64 KiB, and nothing unwanted', () => {
    const image = writeQcow2(partitioned);
    expect(image.toString('latin1', 0, 4)).toBe('QFI\u00fb');
    expect(image.readUInt32BE(4)).toBe(3);
    expect(image.readBigUInt64BE(8)).toBe(0n); // backing file
    expect(image.readUInt32BE(20)).toBe(16);
    expect(image.readBigUInt64BE(24)).toBe(BigInt(partitioned.size));
    expect(image.readUInt32BE(32)).toBe(0); // encryption
    expect(image.readUInt32BE(60)).toBe(0); // snapshots
    expect(image.subarray(72, 96).equals(Buffer.alloc(24))).toBe(true); // feature bits
    expect(image.readUInt32BE(96)).toBe(4);
    expect(image.readUInt32BE(100)).toBe(104);
  });

  it('reads back as the original disk, whatever the clusters, and counts every use of a cluster', () => {
    fc.assert(
      fc.property(anyContent, fc.integer({ min: 9, max: 17 }), (content, clusterBits) => {
        const found = readQcow2(writeQcow2(content, { clusterBits }));
        expect(found.cluster).toBe(2 ** clusterBits);
        expect(expand(found).equals(writeRaw(content))).toBe(true);
        expect(found.counts.slice(0, found.uses.length)).toEqual(found.uses);
        expect(found.uses.every((count) => count === 1)).toBe(true);
        expect(found.counts.slice(found.uses.length).every((count) => count === 0)).toBe(true);
      }),
      { numRuns: worlds(10, 200) },
    );
  });

  it('stores only the written clusters of a disk of 5 GiB', () => {
    const image = writeQcow2(large);
    const { size, clusters } = readQcow2(image);
    expect(size).toBe(large.size);
    // The piece at 3 GiB − 7 lies in two clusters.
    expect([...clusters.keys()]).toEqual([0, 49_151, 49_152, 81_919]);
    expect(image.length).toBeLessThan(2 ** 20);
  });

  it('names a backing file and its format, after the header and within the first cluster', () => {
    const image = writeQcow2(partitioned, { backingFile: '/base/größe.raw', backingFormat: 'raw' });
    const offset = Number(image.readBigUInt64BE(8));
    expect(image.toString('utf8', offset, offset + image.readUInt32BE(16))).toBe('/base/größe.raw');
    expect(image.readUInt32BE(104)).toBe(0xe2792aca);
    expect(image.readUInt32BE(108)).toBe(3);
    expect(image.toString('latin1', 112, 115)).toBe('raw');
    expect(image.readBigUInt64BE(120)).toBe(0n); // the end of the extensions
    expect(offset).toBe(128);
  });

  it('refuses a backing file name that does not fit in the first cluster', () => {
    expect(() => writeQcow2(partitioned, { clusterBits: 9, backingFile: 'x'.repeat(401) })).toThrow(RangeError);
  });

  it.for<[string, DiskContent]>([
    ['a partitioned disk', partitioned],
    ['a disk of 5 GiB', large],
  ])('passes the check of qemu-img: %s', ([, content], context) => {
    needQemuImg(context);
    checkWithQemu(writeQcow2(content), 'qcow2');
    expect(describeWithQemu(writeQcow2(content), 'qcow2')['virtual-size']).toBe(content.size);
  });

  it.for([9, 12, 16, 21])('is read back by qemu-img with clusters of 2^%i bytes', (clusterBits, context) => {
    needQemuImg(context);
    const { info, raw } = readWithQemu(writeQcow2(partitioned, { clusterBits }), 'qcow2');
    expect(info['cluster-size']).toBe(2 ** clusterBits);
    expect(raw.equals(writeRaw(partitioned))).toBe(true);
  });

  it('shows its backing file to qemu-img', (context) => {
    needQemuImg(context);
    const info = describeWithQemu(writeQcow2(partitioned, { backingFile: 'base.raw', backingFormat: 'raw' }), 'qcow2');
    expect(info['backing-filename']).toBe('base.raw');
    expect(info['backing-filename-format']).toBe('raw');
  });
});
