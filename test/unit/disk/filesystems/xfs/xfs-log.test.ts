// The end of an XFS log, built sector by sector: whether the last thing written is an unmount.
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import { readLogState } from '../../../../../src/disk/filesystems/xfs/log-state.ts';
import type { Superblock } from '../../../../../src/disk/filesystems/xfs/superblock.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { patch, u32be } from '../../../../support/disk/writers.ts';

const sector = 512;

interface Log {
  readonly sectors: number;
  /** The sector that is written next. */
  readonly head: number;
  /** With this many bytes for each header: version 2; absent: version 1. */
  readonly headerSize?: number;
  /** Sectors of the last record, after its headers. */
  readonly dataSectors?: number;
  readonly flags?: number;
  readonly operations?: number;
  /** How many bytes its header says less than there are. */
  readonly missing?: number;
  readonly changes?: readonly (readonly [sectorFromRecord: number, offset: number, value: Uint8Array])[];
}

/** Sectors before the head belong to round 7, those from there on to round 6; the last record ends at the head. */
function writeLog({
  sectors,
  head,
  headerSize,
  dataSectors = 1,
  flags = 0x20,
  operations = 1,
  missing = 0,
  changes = [],
}: Log): Buffer {
  const log = Buffer.alloc(sectors * sector);
  for (let index = 0; index < sectors; index++) log.writeUInt32BE(index < head ? 7 : 6, index * sector);
  const headers = headerSize === undefined ? 1 : Math.max(1, Math.ceil(headerSize / 32_768));
  const at = (head - headers - dataSectors) * sector;
  // What lies before the start of the ring is at its end, and belongs to the previous round.
  const place = (offset: number): number => (at + offset + log.length) % log.length;
  const round = at < 0 ? 6 : 7;
  log.set(
    patch(
      Buffer.alloc(sector),
      [0, u32be(0xfeed_babe)],
      [4, u32be(round)],
      [8, u32be(headerSize === undefined ? 1 : 2)],
      [12, u32be(dataSectors * sector - missing)],
      [40, u32be(operations)],
      [320, u32be(headerSize ?? 0)],
    ),
    place(0),
  );
  log[place(headers * sector) + 9] = flags;
  for (const [index, offset, value] of changes) log.set(value, place(index * sector) + offset);
  return log;
}

const logStart = 40;

function stateOf(log: Buffer, stripeUnit = 0, blocks = log.length / sector): string | null {
  const superblock = {
    blockSize: sector,
    blocks: 100_000,
    groupBlocks: 100_000,
    groupBits: 17,
    log: { start: logStart, size: blocks * sector, stripeUnit },
  } as Superblock;
  const disk = Buffer.concat([Buffer.alloc(logStart * sector, 0xee), log, Buffer.alloc(sector, 0xee)]);
  return driveReads(readLogState({ superblock, blocks: new FlatBlocks(disk.length) }), disk);
}

describe('the log of an XFS', () => {
  it.each([2, 3, 63, 64, 65, 66, 129, 1000, 1024, 2047, 2048, 3071, 4094, 4095, 4096])(
    'whose last record ends at sector %i of 4096 says that it was unmounted',
    (head) => {
      const log = { sectors: 4096, head };
      expect([stateOf(writeLog(log)), stateOf(writeLog({ ...log, flags: 0 }))]).toEqual(['clean', 'dirty']);
    },
  );

  it.each<[string, Partial<Log>, 'clean' | 'dirty']>([
    ['of version 2', { headerSize: 32_768 }, 'clean'],
    ['of version 2 that does not say how large its headers are', { headerSize: 0 }, 'clean'],
    ['with two headers', { headerSize: 32_769 }, 'clean'],
    ['with eight headers', { headerSize: 262_144 }, 'clean'],
    ['that was filled up', { headerSize: 32_768, dataSectors: 8 }, 'clean'],
    ['with other flags besides that of the unmount', { flags: 0x21 }, 'clean'],
    ['with other flags only', { flags: 0x1f }, 'dirty'],
    ['with two operations', { operations: 2 }, 'dirty'],
    ['without an operation', { operations: 0 }, 'dirty'],
    ['that does not end at the head', { missing: 512 }, 'dirty'],
    ['that ends just before the head', { missing: 1 }, 'dirty'],
    ['that is longer than what there is', { missing: -512 }, 'dirty'],
    ['without its magic number', { changes: [[0, 0, u32be(7)]] }, 'dirty'],
    // A header of two sectors that claims to be of version 1 has no room for its record.
    ['of the wrong version', { headerSize: 65_536, changes: [[0, 8, u32be(1)]] }, 'dirty'],
  ])('with a last record %s is %s', (_what, more, expected) => {
    expect(stateOf(writeLog({ sectors: 300, head: 150, ...more }))).toBe(expected);
  });

  it('is a ring: the last record may begin before its start', () => {
    for (const head of [1, 2, 7])
      expect([head, stateOf(writeLog({ sectors: 300, head, headerSize: 32_768, dataSectors: 8 }), 4096)]).toEqual([
        head,
        'clean',
      ]);
  });

  it('is searched as far back as records may reach', () => {
    const filled = writeLog({ sectors: 2048, head: 2048, headerSize: 262_144, dataSectors: 500 });
    expect([stateOf(filled, 256 * 1024), stateOf(filled)]).toEqual(['clean', 'dirty']);
    expect(stateOf(filled, 2 ** 31)).toBe('clean');
  });

  it('says nothing if it was never written, is elsewhere or has no room for a record', () => {
    const log = writeLog({ sectors: 100, head: 50 });
    expect(stateOf(patch(log, [0, Buffer.alloc(4)]))).toBeNull();
    expect(stateOf(log, 0, 1)).toBeNull();
    expect(stateOf(writeLog({ sectors: 2, head: 2 }))).toBe('clean');
  });
});
