// What is reported of an image's header besides its hazards: fields with their values, and texts of descriptors.
import { describe, expect, it } from 'vitest';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import type { DiskFinding } from '../../../../src/disk/parsing/finding.ts';
import { isDescriptorText } from '../../../../src/disk/formats/vmdk-descriptor.ts';
import { content, mebibyte } from '../../../support/disk/corpus/sample.ts';
import { drive } from '../../../support/disk/drive.ts';
import {
  type Change,
  patch,
  u16be,
  u16le,
  u32be,
  u32le,
  u64be,
  vmdkDescriptor,
  writeLuks,
  writeQcow,
  writeVhdx,
  writeVmdk,
} from '../../../support/disk/writers.ts';

const found = (bytes: Uint8Array, ...changes: readonly Change[]): DiskFinding =>
  drive(patch(bytes, ...changes)).finding;
const messagesIn = ({ hazards }: DiskFinding): readonly string[] => hazards.map(({ message }) => message);

describe('a LUKS', () => {
  const image = writeLuks();

  it('is encrypted by a cipher in a mode, from its payload on', () => {
    expect(found(image)).toMatchObject({
      format: 'luks',
      encrypted: true,
      virtualSize: BigInt(mebibyte),
      details: { version: 1, encryption: 'aes-xts-plain64', payload_offset: 2 * mebibyte },
      hazards: [],
    });
    const names: Change[] = [
      [8, 'c'.repeat(32)],
      [40, 'm'.repeat(32)],
      [72, 'not the mode'],
    ];
    expect(found(image, ...names).details['encryption']).toBe(`${'c'.repeat(32)}-${'m'.repeat(32)}`);
  });

  it('may end with its payload, but no sooner', () => {
    expect(found(image.subarray(0, 2 * mebibyte))).toMatchObject({ virtualSize: 0n, hazards: [] });
    const short = found(image.subarray(0, 2 * mebibyte - 1));
    expect([short.virtualSize, short.hazards.map(({ code }) => code)]).toEqual([null, ['truncated']]);
  });

  it('has a header of 592 bytes, the first eight of which include its version', () => {
    expect(found(image.subarray(0, 591))).toMatchObject({
      details: { version: 1 },
      hazards: [{ code: 'header_truncated' }],
    });
    expect(found(image.subarray(0, 8)).details).toEqual({ version: 1 });
    expect(found(image.subarray(0, 7))).toMatchObject({ details: {}, hazards: [{ code: 'header_truncated' }] });
    expect(found(image, [6, u16be(2)])).toMatchObject({
      encrypted: true,
      details: { version: 2 },
      hazards: [{ code: 'unsupported_version' }],
    });
  });
});

describe('a qcow2', () => {
  const image = writeQcow2(content);
  const extension = (type: number, text: string, length = text.length): Buffer =>
    Buffer.concat([u32be(type), u32be(length), Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8, '\0'))]);

  it('may be encrypted in two ways', () => {
    const encryption = (method: number): unknown => {
      const { encrypted, details } = found(image, [32, u32be(method)]);
      return [encrypted, details['encryption']];
    };
    expect([0, 1, 2, 3].map(encryption)).toEqual([
      [false, undefined],
      [true, 'aes'],
      [true, 'luks'],
      [false, undefined],
    ]);
  });

  it('has names in extensions of its header', () => {
    const data = extension(0x44415441, 'data.raw');
    const both: Change = [104, Buffer.concat([extension(0xe2792aca, 'vmdk'), data])];
    expect(found(image, [72, u64be(4n)], both)).toMatchObject({
      dataFile: 'data.raw',
      details: { backing_format: 'vmdk', extensions: ['backing_format', 'data_file_name'] },
    });
    expect(found(image, both)).toMatchObject({ dataFile: null });
    expect(found(image, [72, u64be(4n)])).toMatchObject({ dataFile: '' });
    expect(found(image).details['extensions']).toBeUndefined();
  });

  it('ends within an extension, and says so', () => {
    expect(messagesIn(found(image.subarray(0, 107)))).toContain('the data ends within the header extensions');
    expect(messagesIn(found(image.subarray(0, 112)))).not.toContain('the data ends within the header extensions');
  });

  it('is compressed in the way that a feature announces', () => {
    const kind = (bit: bigint, type: number, length = 112): unknown => {
      const finding = found(image, [72, u64be(bit)], [100, u32be(length)], [104, Buffer.of(type)]);
      return [finding.details['compression'], finding.hazards.length];
    };
    expect([kind(0n, 0), kind(8n, 1), kind(8n, 1, 104)]).toEqual([
      ['deflate', 0],
      ['zstd', 0],
      [undefined, expect.any(Number)],
    ]);
    expect([kind(8n, 0), kind(0n, 1), kind(8n, 2)]).toEqual([
      ['deflate', 1],
      ['zstd', 1],
      [undefined, 1],
    ]);
  });

  it('says its version, and how many snapshots it has', () => {
    expect(found(image)).toMatchObject({ snapshots: 0, details: { version: 3, cluster_size: 65_536 } });
    expect(found(image, [4, u32be(2)]).details['version']).toBe(2);
    expect(found(image.subarray(0, 7))).toMatchObject({
      format: 'qcow2',
      details: {},
      hazards: [{ code: 'header_truncated' }],
    });
  });
});

describe('a qcow of version 1', () => {
  it('has a size, and is recognised by its version', () => {
    const image = writeQcow();
    expect(found(image)).toMatchObject({
      format: 'qcow',
      virtualSize: 10n * BigInt(mebibyte),
      details: { version: 1 },
    });
    expect(found(image, [31, Buffer.of(1)]).virtualSize).toBe(10n * BigInt(mebibyte) + 1n);
    expect([found(image.subarray(0, 8)).format, found(image, [7, Buffer.of(2)]).format]).toEqual(['qcow', 'qcow2']);
  });
});

describe('a VHDX', () => {
  const image = writeVhdx();
  const items = mebibyte + 64 * 1024;

  it('has blocks and sectors of certain sizes', () => {
    expect(found(image).details).toMatchObject({ version: 1, block_size: mebibyte, sector_size: 512 });
    expect(found(image, [items, u32le(0x0203_0405)]).details['block_size']).toBe(0x0203_0405);
    expect(found(image, [items + 16, u32le(4096)])).toMatchObject({ details: { sector_size: 4096 }, hazards: [] });
    expect(messagesIn(found(image, [items + 16, u32le(1024)]))).toHaveLength(1);
  });

  it('says the version that is not known, of either header', () => {
    const versions = (first: number, second: number): unknown =>
      found(image, [65_536 + 66, u16le(first)], [131_072, 'head'], [131_072 + 66, u16le(second)]).details['version'];
    expect([versions(1, 1), versions(1, 3), versions(4, 1)]).toEqual([1, 3, 4]);
  });
});

describe('the descriptor of a VMDK', () => {
  it.each([
    ['# Disk DescriptorFile\n', true],
    ['# Disk DescriptorFil\n', false],
    ['version=1\n', true],
    ['\n\n# a comment\n  Version = 3\r\n', true],
    ['version=4\n', false],
    ['other=1\nversion=1\n', false],
    ['words\nversion=1\n', false],
    [`${'#'.repeat(4086)}\nversion=1\n`, true],
    [`${'#'.repeat(4087)}\nversion=1\n`, false],
    ['# only comments\n', false],
    ['', false],
  ])('is recognised by its beginning: %j', (text, expected) => {
    expect(isDescriptorText(Buffer.from(text))).toBe(expected);
  });

  const told = (more: string, options: Parameters<typeof vmdkDescriptor>[0] = {}): DiskFinding =>
    found(writeVmdk(vmdkDescriptor({ ...options, more })));

  it('may say that it is encrypted', () => {
    const lines = [
      'encryption.keySafe = "x"',
      'ddb.encryption = "x"',
      'keyID = "x"',
      'ddb.KeyId=x',
      'encryptions = 1',
      'my.keyid = 1',
    ];
    expect(lines.map((line) => told(line).encrypted)).toEqual([true, true, true, true, false, false]);
  });

  it.each<readonly [string, readonly string[]]>([
    ['key = value', []],
    ['key.of.parts = two words', []],
    ['ddb.anything goes here', []],
    ['= value', ['a line that is not understood: "= value"']],
    ['two words = value', ['a line that is not understood: "two words = value"']],
    ['key = a\rb', ['a line that is not understood: "key = a\rb"']],
    ['x'.repeat(100), [`a line that is not understood: "${'x'.repeat(80)}"`]],
    ['version=4', ['descriptor version 4']],
    [`version=${'9'.repeat(100)}`, [`descriptor version ${'9'.repeat(80)}`]],
    ['a\u007f', ['a line that is not understood: "a\u007f"']],
    ['#\u0080', ['the descriptor is not ASCII']],
  ])('is read line by line: %j', (line, messages) => {
    expect(messagesIn(told(line))).toEqual(messages);
  });

  it('adds up its extents', () => {
    const extents = ['RW 10 SPARSE "a"', 'rdonly 20 sparse "b"', 'NOACCESS 30 FLAT "c" 7'];
    const { details, hazards } = told('', { extents });
    expect(details['extents']).toEqual(['SPARSE a', 'SPARSE b', 'FLAT c']);
    expect(hazards.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['it is made of 3 extents', 'an extent of type FLAT named "c"']),
    );
  });
});
