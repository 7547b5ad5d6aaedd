// The slots of a directory: entries, each preceded by the pieces of its long name.
import { hasFlag, viewOf } from '../../parsing/bytes.ts';
import type { FileFacts } from '../guest-files.ts';
import { withoutSlashes } from '../names.ts';
import { slotBytes } from './boot-sector.ts';
import { LongName } from './long-name.ts';
import { readShortName, shortText } from './short-name.ts';

const attributes = { volumeLabel: 0x08, directory: 0x10 } as const;
const longNameMask = 0x40;
const longNameAttributes = 0x0f;
const deleted = 0xe5;

/** Metadata in an entry. */
export interface SlotFacts {
  readonly facts: FileFacts;
  /** First cluster; 0 if the file is empty. */
  readonly cluster: number;
}

/** One name. */
export interface FatEntry {
  readonly name: string;
  /** Its 8.3 name, which may be the same. */
  readonly shortName: string;
  /** Byte offset of its slot on the volume. */
  readonly offset: number;
  readonly isDirectory: boolean;
}

/** @param slot its 32 bytes */
export function readSlotFacts(slot: Uint8Array, bits: number): SlotFacts {
  const view = viewOf(slot);
  const isDirectory = hasFlag(view.getUint8(11), attributes.directory);
  const high = bits === 32 ? view.getUint16(20, true) : 0;
  return {
    facts: {
      kind: isDirectory ? 'directory' : 'file',
      size: isDirectory ? 0 : view.getUint32(28, true),
      mode: null,
      uid: null,
      gid: null,
      mtime: readTime(view.getUint16(24, true), view.getUint16(22, true)),
    },
    cluster: high * 0x1_0000 + view.getUint16(26, true),
  };
}

/** Unix seconds; null if invalid. Local time of an unknown zone: taken as UTC, the default on Linux. */
function readTime(date: number, time: number): number | null {
  const month = Math.floor(date / 32) % 16;
  const day = date % 32;
  const hour = Math.floor(time / 2048);
  const minute = Math.floor(time / 32) % 64;
  const second = (time % 32) * 2;
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return null;
  return Date.UTC(1980 + Math.floor(date / 512), month - 1, day, hour, minute, second) / 1000;
}

/** Reads slots in order. */
export class SlotReader {
  readonly entries: FatEntry[] = [];
  /** The volume's name in this directory; null if it has none. */
  label: string | null = null;
  /** Whether the end of the directory was reached. */
  ended = false;
  #longName: LongName | null = null;
  /** Slots since the start of a long name whose entry has not come yet; 0 if there is none. */
  waiting = 0;

  /** @param slots whole ones @param offset their byte offset on the volume */
  take(slots: Uint8Array, offset: number): void {
    for (let at = 0; at < slots.length && !this.ended; at += slotBytes) {
      this.#takeSlot(slots.subarray(at, at + slotBytes), offset + at);
    }
  }

  #takeSlot(slot: Uint8Array, offset: number): void {
    const first = slot[0] ?? 0;
    const flags = slot[11] ?? 0;
    if (first === 0) this.ended = true;
    else if (first !== deleted && flags % longNameMask === longNameAttributes) {
      const next = LongName.next(this.#longName, slot);
      this.waiting = next === null ? 0 : next === this.#longName ? this.waiting + 1 : 1;
      this.#longName = next;
      return;
    } else if (first !== deleted && hasFlag(flags, attributes.volumeLabel)) this.#takeLabel(slot);
    else if (first !== deleted) this.#takeEntry(slot, offset, hasFlag(flags, attributes.directory));
    this.#longName = null;
    this.waiting = 0;
  }

  #takeLabel(slot: Uint8Array): void {
    const bytes = slot[0] === 0x05 ? Uint8Array.of(deleted, ...slot.subarray(1, 11)) : slot.subarray(0, 11);
    const label = shortText(bytes).trimEnd();
    if (label !== '') this.label ??= label;
  }

  #takeEntry(slot: Uint8Array, offset: number, isDirectory: boolean): void {
    const bytes = slot.subarray(0, 11);
    const shortName = withoutSlashes(readShortName(bytes, slot[12] ?? 0));
    const name = withoutSlashes(this.#longName?.nameFor(bytes) ?? shortName);
    if (name === '' || name === '.' || name === '..') return;
    this.entries.push({ name, shortName, offset, isDirectory });
  }
}
