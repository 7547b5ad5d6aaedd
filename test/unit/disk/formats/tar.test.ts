// Tars of every writer: what their headers say about the member that follows is looked at, and hides nothing.
import { describe, expect, it } from 'vitest';
import { createReport, undeclared } from '../../../../src/disk/report.ts';
import { codesOf, drive } from '../../../support/disk/drive.ts';
import { gnuMagic, paxRecords, tarOf, type TarPart } from '../../../support/disk/tars.ts';
import { ovf } from '../../../support/disk/writers.ts';

const long = `${'d'.repeat(120)}/box.ovf`;
const disk = { name: 'disk.vmdk', content: 'x'.repeat(2000) };
const pax = (records: Readonly<Record<string, string>>, type = 'x'): TarPart => ({
  name: 'PaxHeaders/box',
  type,
  content: paxRecords(records),
});

/** Headers and the first member, with a descriptor of this content. */
type Writer = (content: string) => readonly TarPart[];

const box = (content: string, more: Partial<TarPart> = {}): TarPart => ({ name: 'box.ovf', content, ...more });

const writers: readonly (readonly [name: string, write: Writer])[] = [
  ['v7', (content) => [box(content, { magic: '', type: '\0' })]],
  ['ustar', (content) => [box(content)]],
  ['GNU', (content) => [box(content, { magic: gnuMagic })]],
  [
    'GNU with a long name',
    (content) => [
      { name: '././@LongLink', type: 'L', magic: gnuMagic, content: `${long}\0` },
      { name: long, content, magic: gnuMagic },
    ],
  ],
  [
    'GNU with a label, as it writes one without a magic',
    (content) => [{ name: 'label', type: 'V', magic: '', size: '' }, box(content, { magic: gnuMagic })],
  ],
  [
    'GNU with a size in base 256',
    (content) => {
      const size = Buffer.alloc(12);
      size[0] = 0x80;
      size.writeUInt32BE(content.length, 8);
      return [box(content, { magic: gnuMagic, size })];
    },
  ],
  ['pax with times', (content) => [pax({ mtime: '1700000000.123456789', atime: '1.5' }), box(content)]],
  ['pax with the name', (content) => [pax({ path: long }), { name: 'GNUSparseFile.0/box', content }]],
  ['pax with the size', (content) => [pax({ size: String(content.length) }), box(content, { size: '00000000000\0' })]],
  [
    'pax for all that follow, as git archive writes it',
    (content) => [pax({ comment: 'c'.repeat(40) }, 'g'), box(content)],
  ],
  ['pax of both kinds', (content) => [pax({ comment: 'x'.repeat(3000) }, 'g'), pax({ path: 'ü.ovf' }), box(content)]],
  ['Solaris', (content) => [pax({ path: 'box.ovf' }, 'X'), { name: 'x', content }]],
  ['a contiguous file', (content) => [box(content, { type: '7' })]],
  ['a size between spaces', (content) => [box(content, { size: `  ${content.length.toString(8)} ` })]],
];

describe.each(writers)('an OVA of %s', (_name, write) => {
  it('is an OVA, and safe if its descriptor is', () => {
    const { finding } = drive(tarOf(...write(ovf('disk.vmdk')), disk));
    expect([finding.format, codesOf(finding)]).toEqual(['ova', []]);
    expect(finding.details['files']).toEqual(['disk.vmdk']);
  });

  it('reports every file outside that its descriptor refers to', () => {
    const { finding } = drive(tarOf(...write(ovf('disk.vmdk', 'file:///srv/secret')), disk));
    expect([finding.format, codesOf(finding)]).toEqual(['ova', ['external_extent']]);
  });
});

function declaredOva(bytes: Buffer): readonly { code: string; message: string }[] {
  const declared = { ...undeclared, disk_format: 'vmdk', container_format: 'ova' };
  const inspected = { id: '1', name: null, path: null, size: bytes.length, declared };
  return createReport(inspected, drive(bytes).finding, 0).hazards;
}

describe('a tar whose descriptor is not its first member', () => {
  const late = tarOf(disk, { name: 'box.ovf', content: ovf('/etc/passwd') });

  it('is refused as an OVA with the reason, and its descriptor is checked all the same', () => {
    expect(drive(late).finding).toMatchObject({
      format: 'tar',
      details: { first_member: 'disk.vmdk', descriptor: 'box.ovf', files: ['/etc/passwd'] },
    });
    expect(declaredOva(late)).toMatchObject([
      { code: 'external_extent' },
      {
        code: 'format_mismatch',
        message:
          'it is declared as ova, but is tar: its OVF descriptor, box.ovf, is not the first member, which is disk.vmdk',
      },
    ]);
  });

  it('is a tar without a descriptor, or with one after a member that is too long to skip', () => {
    const far = tarOf({ ...disk, content: 'x'.repeat(1024 * 1024) }, { name: 'box.ovf', content: ovf('/etc/passwd') });
    for (const bytes of [tarOf(disk), far]) {
      expect(declaredOva(bytes)).toMatchObject([
        {
          code: 'format_mismatch',
          message: 'it is declared as ova, but is tar: its first member, disk.vmdk, is not an OVF descriptor',
        },
      ]);
    }
  });
});

describe('headers that', () => {
  it.each<[string, Buffer, string, string[]]>([
    [
      'have a record of pax without an end',
      tarOf({ name: 'x', type: 'x', content: '99 path=a' }),
      'tar',
      ['header_invalid'],
    ],
    ['have no number before a record', tarOf({ name: 'x', type: 'x', content: 'path=a\n' }), 'tar', ['header_invalid']],
    [
      'are followed by no member',
      Buffer.concat([tarOf(pax({})).subarray(0, 512), Buffer.alloc(512, 7)]),
      'tar',
      ['header_invalid'],
    ],
    ['are all there is', tarOf(pax({ comment: 'of an empty tree' }, 'g')), 'tar', []],
    ['are as long as a file', tarOf({ name: 'x', type: 'x', size: '77777777777\0' }), 'tar', ['header_invalid']],
    ['have a size that is not a number', tarOf({ name: 'x.ovf', size: 'abcdefghijk\0' }), 'tar', ['header_invalid']],
    ['never end', tarOf(...Array.from({ length: 200 }, () => pax({ path: 'x' }))), 'tar', ['header_invalid']],
    ['are cut off', tarOf(pax({ path: 'box.ovf' }), box('x')).subarray(0, 1100), 'tar', ['header_truncated']],
    ['call a link a descriptor', tarOf({ name: 'box.ovf', type: '2' }), 'ova', ['header_invalid']],
  ])('%s are reported as they are', (_name, bytes, format, codes) => {
    const { finding } = drive(bytes);
    expect([finding.format, codesOf(finding)]).toEqual([format, codes]);
  });
});

describe('a descriptor', () => {
  it.each<[string, string, string[], string[]]>([
    ['with a file in a comment', '<a><!-- <File href="/etc/passwd"/> --><File href="d"/></a>', ['d'], []],
    ['with a file in quoted text', '<a><![CDATA[<File href="/etc/passwd"/>]]></a>', [], []],
    ['with two references in one element', '<File href="d" ovf:href="/x"/>', ['d', '/x'], ['external_extent']],
    ['with the sign of a comment in quotes', '<a b="<!--"/><File href="/x"/><c d="-->"/>', [], ['header_invalid']],
    ['with a comment without an end', '<!-- <File href="/x"/>', [], ['header_invalid']],
    ['with a quote without an end', '<File href="/x', [], ['header_invalid']],
    ['with spaces around the sign', '<File\n href \t=\r\n "/x" />', ['/x'], ['external_extent']],
    ['with another attribute that ends like it', '<File xhref="/x" id="y"/>', [], []],
    ['with other elements', '<Files href="/x"/><a:FileX href="/y"/><b href="/z"/>', [], []],
  ])('%s has what it has', (_name, text, files, codes) => {
    const { finding } = drive(tarOf(box(text)));
    expect([finding.details['files'], codesOf(finding)]).toEqual([files, codes]);
  });
});
