// One disk in every container, made by qemu-img: its bytes come out of each as they went in.
import { describe, expect, it } from 'vitest';
import { type Blocks, FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { openContainer } from '../../../../src/disk/containers/open-container.ts';
import type { DetectedFormat } from '../../../../src/disk/parsing/finding.ts';
import { containers, makeDisk, readContainer } from '../../../support/disk/container-disk.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';

const disk = makeDisk();
const mebibyte = 1024 * 1024;

function open(name: string, data: Buffer): Blocks {
  const [family = ''] = name.split('-');
  return driveReads(openContainer(family as DetectedFormat, new FlatBlocks(data.length)), data);
}

describe.each(containers.map(([name]) => name))('a disk in a container of the kind %s', (name) => {
  const data = readContainer(name);
  const blocks = open(name, data);

  it('is the original disk', () => {
    expect(blocks.size).toBe(disk.length);
    const [bytes] = driveReads(blocks.read([{ offset: 0, length: disk.length }]), data);
    expect(Buffer.compare(bytes ?? new Uint8Array(), disk)).toBe(0);
  });

  it('is the same if read in pieces, with unpacked data cached', () => {
    const spans = Array.from({ length: 200 }, (_, index) => ({
      offset: (index * 77_773) % disk.length,
      length: (index * 131) % 3000,
    }));
    const pieces = driveReads(blocks.read(spans), data);
    for (const [index, { offset, length }] of spans.entries()) {
      expect(Buffer.compare(pieces[index] ?? new Uint8Array(), disk.subarray(offset, offset + length))).toBe(0);
    }
    for (const start of [0, 2 * mebibyte, 0, 6 * mebibyte, 3 * mebibyte]) {
      const [bytes] = driveReads(blocks.read([{ offset: start, length: 600 }]), data);
      expect(Buffer.compare(bytes ?? new Uint8Array(), disk.subarray(start, start + 600))).toBe(0);
    }
  });

  it('ends where the disk ends', () => {
    const pieces = driveReads(
      blocks.read([
        { offset: disk.length - 10, length: 100 },
        { offset: disk.length + 5, length: 100 },
      ]),
      data,
    );
    expect(pieces.map(({ length }) => length)).toEqual([10, 0]);
    expect(Buffer.compare(pieces[0] ?? new Uint8Array(), disk.subarray(-10))).toBe(0);
  });

  it('needs few turns to answer, and few bytes for what is not stored', () => {
    const fresh = open(name, data);
    let turns = 0;
    let asked = 0;
    driveReads(fresh.read([{ offset: 7 * mebibyte, length: 64 * 1024 }]), data, (spans) => {
      turns += 1;
      asked += spans.reduce((sum, { length }) => sum + length, 0);
    });
    expect(turns).toBeLessThanOrEqual(4);
    expect(asked).toBeLessThanOrEqual(4 * 64 * 1024);
  });
});

describe('an image without a container', () => {
  it.each(['raw', 'iso'] as const)('is its own disk if it is %s', (format) => {
    const file = new FlatBlocks(disk.length);
    expect(driveReads(openContainer(format, file), disk)).toBe(file);
  });

  it.each([
    ['ova', 'it is an archive (ova): unpack it first'],
    ['tar', 'it is an archive (tar): unpack it first'],
    ['gzip', 'it is compressed (gzip): unpack it first'],
    ['zip', 'it is compressed (zip): unpack it first'],
    ['luks', 'it is encrypted'],
    ['qcow', 'disks of format qcow cannot be read'],
    ['qed', 'disks of format qed cannot be read'],
    ['ploop', 'disks of format ploop cannot be read'],
  ] as const)('is not read if it is %s', (format, message) => {
    expect(() => driveReads(openContainer(format, new FlatBlocks(disk.length)), disk)).toThrow(
      expect.objectContaining({ why: 'unsupported', message }),
    );
  });
});
