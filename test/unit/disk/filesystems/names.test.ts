// Names that a decoder would change: each is listed as it is on the disk, and is found by the name that was listed.
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import type { GuestFiles } from '../../../../src/disk/filesystems/guest-files.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { fileSystemSamples, readSample } from '../../../support/disk/volumes/file-system-corpus.ts';
import { findPath, walk } from '../../../support/disk/walk.ts';

/** Files are not read, since some are large. */
const limits = { entries: 10_000, pages: 100, readBytes: 1, fileBytes: 0 };
const mark = '\uFEFF';
/** Bytes that begin no UTF-8, and no text in a code page of ours either. */
const noUtf8 = Buffer.from([0xff]);

/** A sample in which all of these bytes are replaced by others of the same length. */
function changed(sample: string, from: Uint8Array, to: Uint8Array): Buffer {
  const data = Buffer.from(readSample(sample));
  for (let at = data.indexOf(from); at >= 0; at = data.indexOf(from, at + from.length)) data.set(to, at);
  return data;
}

function open(name: string, data: Uint8Array): GuestFiles {
  const sample = fileSystemSamples.find((each) => each.name === name);
  if (sample === undefined) throw new Error(`no ${name}`);
  return driveReads(sample.reader.open(new FlatBlocks(data.length)), data);
}

/** What is listed at a path, and what is found there: one reference each. */
function both(sample: string, data: Uint8Array, path: string): readonly unknown[] {
  const files = open(sample, data);
  const listed = driveReads(walk(files, limits), data).get(path);
  return [listed?.entry.ref, driveReads(findPath(files, path), data)?.ref];
}

const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

describe('a name that begins with a byte order mark', () => {
  it.each([
    ['ext4-1k', 'telling', `data/${mark}ling`],
    ['xfs-v5', 'original', `${mark}ginal`],
    ['xfs-v5', 'bad', `${mark}\uFFFDname`],
    ['iso-rock-ridge', 'grubx64', `EFI/debian/${mark}bx64.efi`],
  ])('is found as it is listed (%s, %s)', (sample, from, path) => {
    const name = Buffer.from(from);
    const data = changed(sample, name, Buffer.concat([Buffer.from(mark), name.subarray(3)]));
    const [listed, found] = both(sample, data, path);
    expect(listed).toBeDefined();
    expect(found).toBe(listed);
  });

  it.each([
    ['fat32', wide('Mixed'), `${mark}ixed.Case`],
    ['iso-joliet', wide('debian').swap16(), `EFI/${mark}ebian`],
  ])('is found as it is listed (%s)', (sample, from, path) => {
    const first = sample === 'fat32' ? wide(mark) : wide(mark).swap16();
    const data = changed(sample, from, Buffer.concat([first, from.subarray(2)]));
    const [listed, found] = both(sample, data, path);
    expect(listed).toBeDefined();
    expect(found).toBe(listed);
  });
});

describe('a name that is not UTF-8', () => {
  it.each([
    ['ext4-1k', 'n'.repeat(240), `long/${'\uFFFD'.repeat(240)}1`],
    ['ext4-half_md4-signed', 'n'.repeat(240), `long/${'\uFFFD'.repeat(240)}1`],
    ['xfs-v5', 'n'.repeat(255), '\uFFFD'.repeat(255)],
    ['xfs-v5', 'a-name-in-a-large-directory-876', `tree/${'\uFFFD'.repeat(31)}`],
  ])('is found as it is listed, however long it is as text (%s)', (sample, from, path) => {
    const name = Buffer.from(from);
    const [listed, found] = both(sample, changed(sample, name, Buffer.alloc(name.length, noUtf8)), path);
    expect(listed).toBeDefined();
    expect(found).toBe(listed);
  });
});

describe('where a link leads', () => {
  it.each([
    ['ext4-1k', 'l'.repeat(59), 'etc/link-59'],
    ['xfs-v5', 'x/0123456789', 'long'],
  ])('is what is written, a byte order mark too (%s)', (sample, from, path) => {
    const target = Buffer.from(from);
    const data = changed(sample, target, Buffer.concat([Buffer.from(mark), target.subarray(3)]));
    const found = [...driveReads(walk(open(sample, data), limits), data)].find(([name]) => name.startsWith(path));
    expect(found?.[1].target?.startsWith(mark)).toBe(true);
  });
});
