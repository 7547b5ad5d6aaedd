// File names made from what a server says. A name that the server chose never chooses a path.
import { dropTail } from '../../text/drop-tail.ts';
import { GlanceError } from '../../errors.ts';

/**
 * Bytes that the name of an image's file may have: of the 255 of every file system in use there is room for what a part file adds,
 * a dot before the name and a key and suffix after it.
 */
export const maxFileNameBytes = 255 - 32;

/** UTF-16 code units of a name that are looked at: more than a file name has room for, in any script. */
const maxNameLength = 4096;

const blankOrDot = /[.\s]/;
const reserved = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
// Control characters, bidirectional and zero-width ones, line separators, lone surrogates, the byte order mark.
const dropped = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

/**
 * A safe file name for an image: its name made harmless, or its id where nothing is left, and the disk format.
 * At most 255 bytes, part-file suffixes included. Pure.
 * @param diskFormat appended as a suffix if it is 1–10 lower-case letters and digits, unless the name has it already
 * @param mark tells it from others of that name: it goes before the suffix, after a hyphen. Empty: none
 * @throws GlanceError `io.name` if neither name nor id leaves anything
 */
export function safeFileName(name: string | null, id: string, diskFormat: string | null, mark = ''): string {
  const suffix = diskFormat !== null && /^[a-z0-9]{1,10}$/.test(diskFormat) ? `.${diskFormat}` : '';
  const base = safeText(name, id);
  const hasSuffix = suffix !== '' && base.toLowerCase().endsWith(suffix) && base.length > suffix.length;
  const end = (mark === '' ? '' : `-${mark}`) + suffix;
  return cutName(hasSuffix ? base.slice(0, -suffix.length) : base, maxFileNameBytes - Buffer.byteLength(end)) + end;
}

/**
 * A text of an image as a part of a file name: the name made harmless, or the id where nothing is left. Pure.
 * @throws GlanceError `io.name` if neither leaves anything
 */
export function safeText(name: string | null, id: string): string {
  const found = [name ?? '', id].map(cleanName).find((text) => text !== '');
  if (found !== undefined) return found;
  throw new GlanceError('io.name', `image ${id} has no name that a file could have`, {
    hint: 'name the file with -o FILE',
  });
}

/** The same for names that some file system takes for one: where case or the form of accents does not count. Pure. */
export function foldName(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

/** Text without anything that means something in a path or to a terminal; empty where nothing is left. Pure. */
export function cleanName(text: string): string {
  const start = text
    .slice(0, maxNameLength)
    .normalize('NFC')
    .replace(dropped, '')
    .replace(/[/\\:*?"<>|]/g, '_')
    .trim()
    .replace(/^[-.\s]+/, '');
  const cleaned = dropTail(start, blankOrDot);
  return unreserve(cleaned);
}

/** A name that no system takes for a device. Pure. */
export function unreserve(name: string): string {
  return reserved.test(name) ? `_${name}` : name;
}

/** Cuts at a character, never inside one, and leaves no dot or space at the end. Pure. @param room bytes there may be */
export function cutName(base: string, room: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of base) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    kept += character;
  }
  return dropTail(kept, blankOrDot);
}
