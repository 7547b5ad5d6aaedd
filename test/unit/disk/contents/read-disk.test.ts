import { expect, it } from 'vitest';
import { emptyDraft } from '../../../../src/disk/contents/collect.ts';
import { readDisk } from '../../../../src/disk/contents/read-disk.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { testDay } from '../../../support/disk/guests/guests.ts';
import { writeGpt } from '../../../support/disk/volumes/partition-tables.ts';

it('lists every partition of a disk, and reads no more than 64', () => {
  const disk = Buffer.alloc(1024 * 1024);
  const partitions = Array.from(
    { length: 70 },
    (_, index) => [64n + 8n * BigInt(index), 71n + 8n * BigInt(index)] as const,
  );
  writeGpt(disk, { partitions });
  const draft = emptyDraft();
  driveReads(readDisk('raw', disk.length, draft, { claims: {}, now: testDay }), disk);
  expect(draft.partitions?.entries?.map(({ number }) => number)).toEqual(partitions.map((_, index) => index + 1));
  expect(draft.filesystems).toHaveLength(64);
});
