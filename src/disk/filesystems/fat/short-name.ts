// Short names, 8.3, in a code page of DOS.
import { hasFlag } from '../../parsing/bytes.ts';

/**
 * Code page 437 from 0x80, which is Linux's default. The volume does not record which code page it was written with.
 * @see https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/CP437.TXT
 */
const upperHalf =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** Decodes bytes of the code page. */
export function shortText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return text.replaceAll(/[\u0080-\u00ff]/g, (character) => upperHalf.charAt(character.charCodeAt(0) - 0x80));
}

const baseIsLower = 0x08;
const extensionIsLower = 0x10;

/**
 * The name in a directory entry, such as `README.TXT`; empty if there is none.
 * @param name its 11 bytes
 * @param flags say which parts are in lower case (Windows NT and later)
 */
export function readShortName(name: Uint8Array, flags: number): string {
  // 0xE5 marks deleted entries, so a name that begins with it has 0x05 instead.
  const bytes = name[0] === 0x05 ? Uint8Array.of(0xe5, ...name.subarray(1)) : name;
  const base = shortText(bytes.subarray(0, 8)).trimEnd();
  const extension = shortText(bytes.subarray(8, 11)).trimEnd();
  const shownBase = hasFlag(flags, baseIsLower) ? base.toLowerCase() : base;
  const shownExtension = hasFlag(flags, extensionIsLower) ? extension.toLowerCase() : extension;
  return extension === '' ? shownBase : `${shownBase}.${shownExtension}`;
}

/** The checksum of a short name's 11 bytes, repeated in the pieces of its long name. */
export function shortNameChecksum(name: Uint8Array): number {
  return name.reduce((sum, byte) => ((sum % 2) * 0x80 + Math.floor(sum / 2) + byte) % 0x100, 0);
}
