// Images made to be expensive: each repeats, as often as there is room, what a parser would have to look at again and again, or
// keep. A verdict on each costs a bounded number of bytes, decoded characters and kept ones. Anything that takes more than
// linear time does not end within the time limit of a test.
import { describe, expect, it, vi } from 'vitest';
import type { DiskFinding } from '../../../../src/disk/parsing/finding.ts';
import { drive } from '../../../support/disk/drive.ts';
import { paxRecords, tarOf } from '../../../support/disk/tars.ts';
import { patch, u16le, u32be, u32le, u64be, vmdkDescriptor, writeVhdx } from '../../../support/disk/writers.ts';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const room = 128 * kibibyte;

/** As many as fit. */
function fill(piece: string, length = room): string {
  return piece.repeat(Math.floor(length / piece.length));
}

const descriptors: readonly (readonly [name: string, text: string])[] = [
  ['a key, spaces and a lone carriage return', `a=${fill(' ')}x\ry`],
  ['a line of spaces', `${fill(' ')}x`],
  ['a line of tabs behind an extent', `RW 1 SPARSE "x"${fill('\t')}x`],
  ['an extent whose number never ends', `RW ${fill('1')}`],
  ['an extent whose type never ends', `RW 1 ${fill('A')}`],
  ['an extent whose name never ends', `RW 1 SPARSE "${fill('x')}`],
  ['spaces between the parts of an extent', `RW${fill(' ')}1`],
  ['extents by the ten thousand', fill('RW 1 SPARSE "x"\n')],
  ['extents with long names', fill(`RW 1 SPARSE "${'/x'.repeat(5000)}"\n`)],
  ['lines that mean nothing', fill('x\n')],
  ['lone carriage returns', fill('\r')],
  ['types', fill('createType')],
  ['types with signs', fill('createType=')],
  ['types with spaces', `createType${fill(' ')}`],
  ['types with spaces each', fill(`createType${' '.repeat(500)}`)],
  ['types without a quote', `createType="${fill('x')}`],
  ['hints', fill('parentFileNameHint')],
  ['hints with spaces', `parentFileNameHint${fill(' ')}=${fill(' ', 1000)}`],
  ['a hint without an end', `parentFileNameHint="${fill('/x')}`],
  ['parents', fill('parentCID=')],
  ['parents with words', `parentCID=${fill('f')}`],
  ['parents with spaces', fill(`parentCID${' '.repeat(700)}`)],
  ['a word without a sign', fill('a.')],
  ['signs', fill('=')],
];

const documents: readonly (readonly [name: string, text: string])[] = [
  ['signs', fill('<')],
  ['elements that do not end', fill('<File')],
  ['elements with a quote each', fill('<File"')],
  ['elements with quotes of both kinds', fill(`<File'"`)],
  ['comments that do not end', fill('<!--')],
  ['data that does not end', fill('<![CDATA[')],
  ['instructions that do not end', fill('<?')],
  ['a name that does not end', `<${fill('a')}`],
  ['a prefix that does not end', `<${fill('a:')}File`],
  ['attributes without values', `<File${fill(' href')}`],
  ['attributes without quotes', `<File${fill(' href=')}`],
  ['spaces before a sign', `<File href${fill(' ')}`],
  ['spaces behind a sign', `<File href=${fill(' ')}`],
  ['a value without an end', `<File href="${fill('/')}`],
  ['references', fill('<File href="../x"/>')],
  ['a long reference', `<File href="${fill('../')}"/>`],
  ['a scheme without an end', `<File href="${fill('a')}"/>`],
  ['ampersands', `<File href="${fill('&')}"/>`],
  ['entities without an end', `<File href="${fill('&#x')}"/>`],
  ['entities', `<File href="${fill('&#x2f;')}"/>`],
  ['digits without an end', `<File href="&#${fill('1')}"/>`],
];

/** 5,461 entries of a parent locator, each as long as all of it; `key` is the key of them all. */
function locator(key: string): Buffer {
  const bytes = Buffer.alloc(64 * kibibyte, 0x41);
  const encoded = Buffer.from(key, 'utf16le');
  bytes.set(encoded, 65_536 - encoded.length);
  bytes.set(u16le(5461), 18);
  for (let at = 20; at + 12 <= bytes.length - encoded.length; at += 12) {
    const place = Buffer.concat([u32le(65_536 - encoded.length), u32le(0), u16le(encoded.length), u16le(65_534)]);
    bytes.set(place, at);
  }
  return bytes;
}

function vhdxWith(parent: Buffer): Buffer {
  const image = writeVhdx({ parentPath: 'x' });
  const item = mebibyte + 32 + 3 * 32;
  return patch(
    image,
    [item + 16, u32le(128 * kibibyte)],
    [item + 20, u32le(parent.length)],
    [mebibyte + 128 * kibibyte, parent],
  );
}

/** A cluster of 2 MiB full of extensions. */
function extensions(): Buffer {
  const image = Buffer.concat([
    writeQcow2({ size: mebibyte, pieces: [] }).subarray(0, 104),
    Buffer.alloc(2 * mebibyte),
  ]);
  const one = Buffer.concat([u32be(0x44415441), u32be(8184), Buffer.alloc(8184, 0x41)]);
  const all = Buffer.concat(Array.from({ length: 250 }, () => one));
  return patch(image, [20, u32be(21)], [72, u64be(4n)], [104, all]);
}

const others: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['a parent locator whose keys are unknown', vhdxWith(locator('xxxxxxxxxxxxx'))],
  ['a parent locator whose keys are as long as known ones', vhdxWith(locator('relative_patx'))],
  ['a parent locator whose keys are all the same', vhdxWith(locator('volume_path'))],
  [
    'items of metadata',
    patch(writeVhdx(), [mebibyte + 10, u16le(2047)], [mebibyte + 32, Buffer.alloc(2047 * 32, 0xff)]),
  ],
  [
    'regions',
    patch(writeVhdx(), [192 * kibibyte + 8, u32le(2047)], [192 * kibibyte + 16, Buffer.alloc(2047 * 32, 0xff)]),
  ],
  ['extensions of qcow2', extensions()],
  ['headers of a tar', tarOf(...Array.from({ length: 900 }, () => ({ name: 'x', type: 'x', content: '' })))],
  ['members of a tar', tarOf(...Array.from({ length: 900 }, () => ({ name: 'x' })))],
  ['records of pax', tarOf({ name: 'x', type: 'x', content: fill(paxRecords({ path: 'x.ovf' })) }, { name: 'x' })],
  ['digits of pax', tarOf({ name: 'x', type: 'x', content: fill('1') }, { name: 'x' })],
  ['a long name', tarOf({ name: 'x', type: 'L', content: fill('x') }, { name: 'x' })],
  ['frames to be skipped', Buffer.from(fill('P*M\u0018\0\0\0\0'), 'latin1')],
];

/** Characters and bytes that it holds in total. */
function sizeOf(finding: DiskFinding): number {
  return JSON.stringify(finding, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)).length;
}

function expectCheap(bytes: Buffer): void {
  const decode = vi.spyOn(TextDecoder.prototype, 'decode');
  const { finding, asked } = drive(bytes);
  const decoded = decode.mock.calls.reduce((sum, [input]) => sum + (input?.byteLength ?? 0), 0);
  decode.mockRestore();
  expect(asked).toBeLessThanOrEqual((finding.format === 'vhdx' ? 4 : 2.5) * mebibyte);
  expect(decoded).toBeLessThanOrEqual(3 * mebibyte);
  expect(sizeOf(finding)).toBeLessThanOrEqual(256 * kibibyte);
}

describe('a bounded budget is enough for', () => {
  it.each(descriptors)('a descriptor of VMDK that has %s', (_name, text) => {
    expectCheap(Buffer.from(`${vmdkDescriptor()}\n${text}\n`, 'latin1'));
    expectCheap(Buffer.from(`version=1\n${text}`, 'latin1'));
  });

  it.each(documents)('a descriptor of OVF that has %s', (_name, text) => {
    expectCheap(tarOf({ name: 'box.ovf', content: text }));
  });

  it.each(others)('%s', (_name, bytes) => {
    expectCheap(bytes);
  });
});

it('the known key of a parent locator is found among others', () => {
  expect(drive(vhdxWith(locator('volume_path'))).finding.backingFile).toHaveLength(32_767);
  expect(drive(vhdxWith(locator('relative_patx'))).finding.backingFile).toBe(null);
});

it('messages and details of hostile names are cut', () => {
  const { finding } = drive(Buffer.from(`${vmdkDescriptor()}\nRW 1 FLAT "/${'x'.repeat(900_000)}"\n`));
  expect(Math.max(...finding.hazards.map(({ message }) => message.length))).toBeLessThanOrEqual(401);
  expect((finding.details['extents'] as string[]).map((extent) => extent.length)).toEqual([16, 1025]);
});
