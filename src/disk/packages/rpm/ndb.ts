// rpm's own database, "ndb": slots of 16 bytes that point to headers.
// @see https://github.com/rpm-software-management/rpm lib/backend/ndb/rpmpkg.c
import { type Blocks, readAll, readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { hasText, viewOf } from '../../parsing/bytes.ts';
import { checkPackageCount } from '../installed-package.ts';
import { type HeaderStore, maxHeaderBytes } from './header-store.ts';

const pageBytes = 4096;
const blockBytes = 16;
const slotBytes = 16;
const headerBytes = 32;
const blobHeadBytes = 16;
const blobTailBytes = 12;
const mostSlotPages = 4096;
/** Bytes to read at once, unless a single header is larger. */
const turnBytes = 1024 * 1024;

/** Where a header is stored. */
interface Slot {
  readonly index: number;
  readonly offset: number;
  readonly length: number;
}

export function* openNdb(file: Blocks): Reads<HeaderStore> {
  const header = yield* readAt(file, 0, headerBytes);
  const view = viewOf(header);
  if (!hasText(header, 0, 'RpmP')) damaged('it is not an rpm database');
  if (view.getUint32(4, true) !== 0) unsupported('the version of the rpm database is not supported');
  const pages = view.getUint32(12, true);
  if (pages > mostSlotPages) damaged('the slot page count of the rpm database is out of range');
  const slots = slotsIn(yield* readAt(file, 0, pages * pageBytes), file.size);
  return {
    // oxlint-disable-next-line require-yield -- already known
    *count() {
      return slots.length;
    },
    *read(keep) {
      for (const turn of turnsOf(slots)) {
        const blobs = yield* readAll(file, turn);
        for (const [position, blob] of blobs.entries()) keep(headerIn(blob, turn[position]?.index ?? 0));
      }
    },
  };
}

/** The slots in use, sorted by where they point. No two may point to the same bytes. */
function slotsIn(pages: Uint8Array, size: number): readonly Slot[] {
  const view = viewOf(pages);
  const slots: Slot[] = [];
  for (let at = headerBytes; at < pages.length; at += slotBytes) {
    if (!hasText(pages, at, 'Slot')) damaged('a slot of the rpm database has a bad magic number');
    const offset = view.getUint32(at + 8, true) * blockBytes;
    if (offset === 0) continue;
    const length = view.getUint32(at + 12, true) * blockBytes;
    const isInside = offset >= pages.length && offset + length <= size;
    if (!isInside || length < blobHeadBytes + blobTailBytes || length > maxHeaderBytes)
      damaged('the offset or length in a slot of the rpm database is out of range');
    slots.push({ index: view.getUint32(at + 4, true), offset, length });
    checkPackageCount(slots.length);
  }
  slots.sort((left, right) => left.offset - right.offset);
  for (const [position, { offset }] of slots.entries()) {
    const before = slots[position - 1];
    if (before !== undefined && before.offset + before.length > offset)
      damaged('two slots of the rpm database overlap');
  }
  return slots;
}

function* turnsOf(slots: readonly Slot[]): Generator<readonly Slot[]> {
  let turn: Slot[] = [];
  let bytes = 0;
  for (const slot of slots) {
    if (turn.length > 0 && bytes + slot.length > turnBytes) {
      yield turn;
      turn = [];
      bytes = 0;
    }
    turn.push(slot);
    bytes += slot.length;
  }
  if (turn.length > 0) yield turn;
}

function headerIn(blob: Uint8Array, index: number): Uint8Array {
  const view = viewOf(blob);
  const length = view.getUint32(12, true);
  const isSound = hasText(blob, 0, 'BlbS') && view.getUint32(4, true) === index;
  if (!isSound || blobHeadBytes + length + blobTailBytes > blob.length)
    damaged('a blob of the rpm database has a bad header');
  return blob.subarray(blobHeadBytes, blobHeadBytes + length);
}
