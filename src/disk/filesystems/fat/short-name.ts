// Short names, 8.3, in a code page of the days of DOS.
import { hasFlag } from '../../parsing/bytes.ts';

/**
 * Code page 437 from 0x80 on, which Linux takes where nothing else is said. The volume does not tell which one it was written with.
 * @see https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/CP437.TXT
 */
const upperHalf =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** The text of bytes of the code page. */
export function shortText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return text.replaceAll(/[\u0080-\u00ff]/g, (character) => upperHalf.charAt(character.charCodeAt(0) - 0x80));
}

const baseIsLower = 0x08;
const extensionIsLower = 0x10;

/**
 * The name in a directory entry, such as `README.TXT`; empty if there is none.
 * @param name its 11 bytes
 * @param flags of Windows NT and later, which part of it is in lower case
 */
export function readShortName(name: Uint8Array, flags: number): string {
  // 0xE5 would mark a deleted entry: a name that begins so has this instead.
  const bytes = name[0] === 0x05 ? Uint8Array.of(0xe5, ...name.subarray(1)) : name;
  const base = shortText(bytes.subarray(0, 8)).trimEnd();
  const extension = shortText(bytes.subarray(8, 11)).trimEnd();
  const shownBase = hasFlag(flags, baseIsLower) ? base.toLowerCase() : base;
  const shownExtension = hasFlag(flags, extensionIsLower) ? extension.toLowerCase() : extension;
  return extension === '' ? shownBase : `${shownBase}.${shownExtension}`;
}

/** The sum over a short name's 11 bytes that the parts of its long name repeat. */
export function shortNameChecksum(name: Uint8Array): number {
  return name.reduce((sum, byte) => ((sum % 2) * 0x80 + Math.floor(sum / 2) + byte) % 0x100, 0);
}
