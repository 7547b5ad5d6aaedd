// Makes file names from what a server says. A server may influence a name, but never a path.
import { dropTail } from '../../text/drop-tail.ts';
import { GlanceError } from '../../errors.ts';

/**
 * Maximum length of an image's file name, in bytes: of the 255 that all common file systems allow, this leaves room for
 * what a part file adds, a dot before the name and a key and suffix after it.
 */
export const maxFileNameBytes = 255 - 32;

/** How much of a name is considered, in UTF-16 code units: more than a file name has room for, in any script. */
const maxNameLength = 4096;

const blankOrDot = /[.\s]/;
const reserved = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
// Control characters, bidirectional and zero-width ones, line separators, lone surrogates, the byte order mark.
const dropped = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

/**
 * A safe file name for an image: its sanitized name, or its id if nothing is left of that, and the disk format.
 * At most 255 bytes, part-file suffixes included. Pure.
 * @param diskFormat appended as a suffix if it is 1–10 lower-case letters and digits, unless the name has it already
 * @param mark distinguishes it from others with the same name; inserted before the suffix, after a hyphen. Empty: none
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
 * One of an image's texts as a part of a file name: the sanitized name, or the id if nothing is left of that. Pure.
 * @throws GlanceError `io.name` if neither leaves anything
 */
export function safeText(name: string | null, id: string): string {
  const found = [name ?? '', id].map(cleanName).find((text) => text !== '');
  if (found !== undefined) return found;
  throw new GlanceError('io.name', `image ${id} has no name that a file could have`, {
    hint: 'name the file with -o FILE',
  });
}

/** Maps names that some file system treats as one to the same text: case and the form of accents do not count. Pure. */
export function foldName(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

/** Removes everything that has a meaning in a path or to a terminal; may leave an empty text. Pure. */
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

/** Changes a name that some system would take for a device. Pure. */
export function unreserve(name: string): string {
  return reserved.test(name) ? `_${name}` : name;
}

/** Cuts between characters, and leaves no dot or space at the end. Pure. @param room maximum number of bytes */
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
