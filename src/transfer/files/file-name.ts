// File names made from what a server says. A name that the server chose never chooses a path.
import { dropTail } from '../../text/drop-tail.ts';
import { GlanceError } from '../../errors.ts';

/** Bytes that a file name may have on every file system in use. */
const maxNameBytes = 255;
/** Room for what a part file adds: a dot before the name and a key and suffix after it. */
const reservedBytes = 32;

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
 * @throws GlanceError `io.name` if neither name nor id leaves anything
 */
export function safeFileName(name: string | null, id: string, diskFormat: string | null): string {
  const suffix = diskFormat !== null && /^[a-z0-9]{1,10}$/.test(diskFormat) ? `.${diskFormat}` : '';
  for (const candidate of [name ?? '', id]) {
    const base = cleanName(candidate);
    if (base === '') continue;
    if (suffix !== '' && base.toLowerCase().endsWith(suffix) && base.length > suffix.length) {
      return cut(base.slice(0, -suffix.length), suffix);
    }
    return cut(base, suffix);
  }
  throw new GlanceError('io.name', `image ${id} has no name that could be a file's`, {
    hint: 'name the file with -o FILE',
  });
}

/** The same for names that some file system takes for one: where case or the form of accents does not count. Pure. */
export function foldName(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

function cleanName(text: string): string {
  const start = text
    .slice(0, maxNameLength)
    .normalize('NFC')
    .replace(dropped, '')
    .replace(/[/\\:*?"<>|]/g, '_')
    .trim()
    .replace(/^[-.\s]+/, '');
  const cleaned = dropTail(start, blankOrDot);
  return reserved.test(cleaned) ? `_${cleaned}` : cleaned;
}

/** Cuts at a character, never inside one, and leaves no dot or space before the suffix. */
function cut(base: string, suffix: string): string {
  const room = maxNameBytes - reservedBytes - Buffer.byteLength(suffix);
  let kept = '';
  let bytes = 0;
  for (const character of base) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    kept += character;
  }
  return dropTail(kept, blankOrDot) + suffix;
}
