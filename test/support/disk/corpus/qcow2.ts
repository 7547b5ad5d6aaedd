// Disk images of qcow2, healthy and hostile.
import type { HazardCode } from '../../../../src/disk/parsing/hazards.ts';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import { patch, u32be, u64be } from '../writers.ts';
import { content, type Sample, tenMebibytes } from './sample.ts';

const qcow2 = writeQcow2(content);

type Change = readonly [offset: number, value: Uint8Array | string];

/** qcow2 with changes to its header. */
function qcow2With(
  name: string,
  changes: readonly Change[],
  codes: readonly HazardCode[],
  more: Partial<Sample> = {},
): Sample {
  return {
    name: `qcow2 ${name}`,
    bytes: patch(qcow2, ...changes),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes,
    ...more,
  };
}

export const qcow2Samples: readonly Sample[] = [
  { name: 'qcow2 as it should be', bytes: qcow2, format: 'qcow2', virtualSize: tenMebibytes, codes: [] },
  {
    name: 'qcow2 of small clusters',
    bytes: writeQcow2(content, { clusterBits: 9 }),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: [],
  },
  {
    name: 'qcow2 of large clusters',
    bytes: writeQcow2(content, { clusterBits: 21 }),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: [],
  },
  {
    name: 'qcow2 with a backing file',
    bytes: writeQcow2(content, { backingFile: '/etc/passwd', backingFormat: 'raw' }),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    backingFile: '/etc/passwd',
  },
  {
    name: 'qcow2 with a backing file named as JSON',
    bytes: writeQcow2(content, { backingFile: 'json:{"driver":"file","filename":"/etc/shadow"}' }),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    backingFile: 'json:{"driver":"file","filename":"/etc/shadow"}',
  },
  ...[4, 5, 0, 0xffffffff].map((version) =>
    qcow2With(`version ${String(version)}`, [[4, u32be(version)]], ['unsupported_version'], { virtualSize: null }),
  ),
  ...[0, 8, 22, 63].map((bits) =>
    qcow2With(`with 2^${String(bits)} bytes a cluster`, [[20, u32be(bits)]], ['header_invalid']),
  ),
  qcow2With('without a size', [[24, u64be(0n)]], [], {
    virtualSize: 0n,
  }),
  qcow2With('of 2^63 bytes', [[24, u64be(2n ** 63n)]], ['header_invalid'], { virtualSize: null }),
  qcow2With('of 2^64 - 1 bytes', [[24, u64be(2n ** 64n - 1n)]], ['header_invalid'], { virtualSize: null }),
  qcow2With('with AES', [[32, u32be(1)]], []),
  qcow2With('with LUKS', [[32, u32be(2)]], []),
  qcow2With('with an unknown cipher', [[32, u32be(3)]], ['header_invalid']),
  qcow2With('with a huge L1 table', [[36, u32be(0xffffffff)]], ['header_invalid', 'truncated']),
  qcow2With('with no L1 table', [[36, u32be(0)]], ['header_invalid']),
  qcow2With('with an L1 table off its bounds', [[40, u64be(1n)]], ['header_invalid']),
  qcow2With('with an L1 table past the end', [[40, u64be(2n ** 40n)]], ['truncated']),
  qcow2With('with an L1 table at 2^63', [[40, u64be(2n ** 63n)]], ['header_invalid', 'truncated']),
  qcow2With('with a refcount table off its bounds', [[48, u64be(5n)]], ['header_invalid']),
  qcow2With(
    'with three snapshots',
    [
      [60, u32be(3)],
      [64, u64be(65_536n)],
    ],
    ['snapshots'],
  ),
  qcow2With(
    'with too many snapshots',
    [
      [60, u32be(65_537)],
      [64, u64be(65_536n)],
    ],
    ['header_invalid', 'snapshots'],
  ),
  qcow2With('marked dirty', [[72, u64be(1n)]], ['dirty']),
  qcow2With('marked corrupt', [[72, u64be(2n)]], ['corrupt']),
  qcow2With('with a data file that has no name', [[72, u64be(4n)]], ['data_file']),
  qcow2With('with extended L2 entries', [[72, u64be(16n)]], ['extended_l2']),
  ...[5, 31, 63].map((bit) =>
    qcow2With(`with incompatible feature ${String(bit)}`, [[72, u64be(2n ** BigInt(bit))]], ['unknown_feature']),
  ),
  qcow2With('with a refcount table past the end', [[48, u64be(2n ** 40n)]], ['truncated']),
  qcow2With('of version 2', [[4, u32be(2)]], []),
  qcow2With(
    'with zstd',
    [
      [72, u64be(8n)],
      [100, u32be(112)],
      [104, '\u0001'],
    ],
    [],
  ),
  qcow2With(
    'with a compression type that is not announced',
    [
      [100, u32be(112)],
      [104, '\u0001'],
    ],
    ['header_invalid'],
  ),
  qcow2With(
    'with compression type 2',
    [
      [72, u64be(8n)],
      [100, u32be(112)],
      [104, '\u0002'],
    ],
    ['header_invalid'],
  ),
  qcow2With('with a compression type that is announced and not there', [[72, u64be(8n)]], ['header_invalid']),
  qcow2With(
    'with a snapshot table off its bounds',
    [
      [60, u32be(1)],
      [64, u64be(7n)],
    ],
    ['header_invalid', 'snapshots'],
  ),
  qcow2With(
    'with the name of a data file',
    [
      [72, u64be(4n)],
      [104, Buffer.concat([u32be(0x44415441), u32be(9)])],
      [112, '/dev/sda1'],
    ],
    ['data_file'],
  ),
  qcow2With(
    'with a backing file whose name is no text',
    [
      [8, u64be(4096n)],
      [16, u32be(4)],
      [4096, '/\u00ff\u001bx'],
    ],
    ['backing_file'],
    { backingFile: '/\ufffd\u001bx' },
  ),
  {
    name: 'qcow2 cut off before the name of its backing file',
    bytes: patch(qcow2, [8, u64be(4096n)], [16, u32be(4)]).subarray(0, 4097),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['header_truncated', 'backing_file', 'truncated'],
  },
  qcow2With('with refcounts of 2^7 bits', [[96, u32be(7)]], ['header_invalid']),
  ...[0, 103, 105, 65_544].map((length) =>
    qcow2With(`with a header of ${String(length)} bytes`, [[100, u32be(length)]], ['header_invalid']),
  ),
  qcow2With(
    'with a backing file without a name',
    [
      [8, u64be(4096n)],
      [16, u32be(0)],
    ],
    ['header_invalid', 'backing_file'],
  ),
  qcow2With(
    'with a backing file of 1,024 letters',
    [
      [8, u64be(4096n)],
      [16, u32be(1024)],
    ],
    ['header_invalid', 'backing_file'],
  ),
  qcow2With(
    'with a backing file name inside the header',
    [
      [8, u64be(16n)],
      [16, u32be(4)],
    ],
    ['header_invalid', 'backing_file'],
  ),
  qcow2With(
    'with a backing file name far away',
    [
      [8, u64be(2n ** 62n)],
      [16, u32be(4)],
    ],
    ['header_invalid', 'backing_file'],
  ),
  qcow2With(
    'with an extension that overruns',
    [
      [writtenHeader(), u32be(0x12345678)],
      [writtenHeader() + 4, u32be(0xffffff)],
    ],
    ['header_invalid'],
  ),
  ...[4, 8, 40, 71, 100].map((length) => ({
    name: `qcow2 of ${String(length)} bytes`,
    bytes: Buffer.from(qcow2.subarray(0, length)),
    format: 'qcow2' as const,
    virtualSize: null,
    codes: ['header_truncated'] as const,
  })),
];

/** Where the header extensions of the demo's qcow2 begin: its header length. */
function writtenHeader(): number {
  return qcow2.readUInt32BE(4) === 2 ? 72 : qcow2.readUInt32BE(100);
}
