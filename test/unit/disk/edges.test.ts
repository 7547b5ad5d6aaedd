// What lies exactly on a boundary, or shows only once everything is read.
import { expect, it } from 'vitest';
import { ForwardSource, inspectSource } from '../../../src/disk/source.ts';
import { mebibyte } from '../../support/disk/corpus/sample.ts';
import { codesOf, drive } from '../../support/disk/drive.ts';
import { patch, u32le, writeLuks } from '../../support/disk/writers.ts';

async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

it('a partition table that proves wrong at the end of a stream leaves no trace in the description', async () => {
  const entry = Buffer.concat([Buffer.from([0x80, 0, 2, 0, 0x83, 0, 0, 0]), u32le(1_000_000), u32le(1000)]);
  const bytes = patch(Buffer.alloc(mebibyte), [446, entry], [510, Buffer.from([0x55, 0xaa])]);
  const known = drive(bytes).finding;
  expect(known).toMatchObject({ format: 'raw', partitions: null, details: { content: 'boot sector' } });
  const source = new ForwardSource(inChunks(bytes), { size: null, readsToEnd: true });
  expect(await inspectSource(source, true)).toEqual(known);
});

it('a LUKS payload that begins at the end of the data is empty, and one byte earlier it is missing', () => {
  const header = writeLuks().subarray(0, 2 * mebibyte);
  const whole = drive(header).finding;
  expect([whole.virtualSize, codesOf(whole)]).toEqual([0n, codesOf(drive(writeLuks()).finding)]);
  expect(codesOf(drive(header.subarray(0, -1)).finding)).toContain('truncated');
});
