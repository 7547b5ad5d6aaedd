// Names what a raw disk without partitions begins with, as far as a magic number identifies it: a file system, a kernel, or a
// page of text that somebody took for a disk. None of it is read further.
import { hasText } from '../parsing/bytes.ts';
import type { Reading } from '../parsing/parser.ts';
import { volumeOf } from './partitions.ts';

/** Name, offset and magic number. */
const magics: readonly (readonly [name: string, offset: number, magic: string])[] = [
  ['xfs', 0, 'XFSB'],
  ['ext', 1080, '\u0053\u00ef'],
  ['f2fs', 1024, '\u0010\u0020\u00f5\u00f2'],
  ['erofs', 1024, '\u00e2\u00e1\u00f5\u00e0'],
  ['hfs+', 1024, 'H+\0\u0004'],
  ['hfs+', 1024, 'HX\0\u0005'],
  ['apfs', 32, 'NXSB'],
  ['jfs', 32_768, 'JFS1'],
  ['squashfs', 0, 'hsqs'],
  ['cramfs', 0, '\u0045\u003d\u00cd\u0028'],
  ['romfs', 0, '-rom1fs-'],
  // Where it is with pages of 4, 8, 16, 32 and 64 KiB.
  ['swap', 4086, 'SWAPSPACE2'],
  ['swap', 8182, 'SWAPSPACE2'],
  ['swap', 16_374, 'SWAPSPACE2'],
  ['swap', 32_758, 'SWAPSPACE2'],
  ['swap', 65_526, 'SWAPSPACE2'],
  // In one of the first four sectors, usually the second.
  ['lvm', 512, 'LABELONE'],
  ['lvm', 0, 'LABELONE'],
  ['lvm', 1024, 'LABELONE'],
  ['lvm', 1536, 'LABELONE'],
  ['bcachefs', 4120, '\u00c6\u0085\u0073\u00f6\u0066\u00ce\u0090\u00a9'],
  ['bcachefs', 4120, '\u00c6\u0085\u0073\u00f6\u004e\u001a\u0045\u00ca'],
  ['bitlocker', 3, '-FVE-FS-'],
  ['refs', 3, 'ReFS\0\0\0\0'],
  ['md', 4096, '\u00fc\u004e\u002b\u00a9'],
  ['linux kernel', 0x202, 'HdrS'],
  ['linux kernel', 56, 'ARMd'],
  ['elf', 0, '\u007fELF'],
  ['cpio', 0, '070701'],
  ['cpio', 0, '070702'],
  ['cpio', 0, '070707'],
  ['u-boot image', 0, '\u0027\u0005\u0019\u0056'],
  ['device tree', 0, '\u00d0\r\u00fe\u00ed'],
  ['android boot image', 0, 'ANDROID!'],
  ['boot sector', 510, '\u0055\u00aa'],
];

/** Magic numbers far behind the start. */
const farPlace = 64 * 1024;
const farMagics: readonly (readonly [name: string, offset: number, magic: string])[] = [
  ['btrfs', 64, '_BHRfS_M'],
  ['reiserfs', 52, 'ReIsEr'],
];

/** The name of the contents; null if not recognised. @param front the first bytes: 64 KiB, or all there is */
export function* nameContent(front: Uint8Array): Reading<string | null> {
  const found = volumeOf(front) ?? nameOf(front, magics);
  if (found !== null || front.length < farPlace) return found;
  const next = yield { from: 'start', offset: farPlace, length: 512 };
  return next === null ? null : nameOf(next, farMagics);
}

/** Names a volume from its first bytes alone. @param front its first 128 KiB, or all there is */
export function nameFront(front: Uint8Array): string | null {
  return volumeOf(front) ?? nameOf(front, magics) ?? nameOf(front.subarray(farPlace), farMagics);
}

function nameOf(bytes: Uint8Array, places: readonly (readonly [string, number, string])[]): string | null {
  return places.find(([, offset, magic]) => hasText(bytes, offset, magic))?.[0] ?? null;
}

/** A page has its first tag within this many bytes. */
const lookedAt = 1024;

// oxlint-disable-next-line no-control-regex -- it looks for control characters, other than those that lay out text
const controls = /[\u0000-\u0008\u000b\u000e-\u001f]/;

/** Created once, since creating one takes longer than using it. */
const decoders = {
  utf8: new TextDecoder(),
  littleEndian: new TextDecoder('utf-16le'),
  bigEndian: new TextDecoder('utf-16be'),
};

/** Whether it is HTML or XML: the body of a failed request instead of an image. */
export function looksLikeText(front: Uint8Array): boolean {
  const isWide = hasText(front, 0, '\u00ff\u00fe') || hasText(front, 0, '\u00fe\u00ff');
  const start = front.subarray(0, lookedAt);
  const decoder = isWide ? (front[0] === 0xff ? decoders.littleEndian : decoders.bigEndian) : decoders.utf8;
  const text = decoder.decode(start).trimStart();
  return /^<[a-z!?/]/i.test(text) && !controls.test(text);
}
