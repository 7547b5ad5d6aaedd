// Data stored in the inode itself: its beginning in i_block, the rest in the extended attribute system.data.
// @see https://www.kernel.org/doc/html/latest/filesystems/ext4/inlinedata.html
import { damaged } from '../../blocks/reading.ts';
import { hasText, viewOf } from '../../parsing/bytes.ts';
import type { Inode } from './inode.ts';

const attributesMagic = 0xea02_0000;
const systemPrefix = 7;
const entryBytes = 16;

/** The two pieces of the data, which together may be longer or shorter than the file. @throws UnreadableError */
export function inlinePieces(inode: Inode): readonly [Uint8Array, Uint8Array] {
  return [inode.block, findSystemData(inode.attributes)];
}

/** @see https://www.kernel.org/doc/html/latest/filesystems/ext4/attributes.html */
function findSystemData(attributes: Uint8Array): Uint8Array {
  const view = viewOf(attributes);
  if (attributes.length < 8 || view.getUint32(0, true) !== attributesMagic) return new Uint8Array();
  // Each entry has at least 16 bytes, so this terminates.
  for (let at = 4; at + entryBytes <= attributes.length && view.getUint32(at, true) !== 0;) {
    const nameLength = view.getUint8(at);
    if (nameLength === 4 && view.getUint8(at + 1) === systemPrefix && hasText(attributes, at + entryBytes, 'data')) {
      const start = 4 + view.getUint16(at + 2, true);
      const size = view.getUint32(at + 8, true);
      const isThere = view.getUint32(at + 4, true) === 0 && start + size <= attributes.length;
      return isThere
        ? attributes.subarray(start, start + size)
        : damaged('an extended attribute extends past the end of its inode');
    }
    at += entryBytes + Math.ceil(nameLength / 4) * 4;
  }
  return new Uint8Array();
}
