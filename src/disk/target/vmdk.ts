// What the inspector of oslo.utils finds in a VMDK: a sparse extent with its descriptor inside, or a descriptor alone.
import { hasText, isZero, viewOf } from '../parsing/bytes.ts';
import type { Reading } from '../parsing/parser.ts';
import type { FailedCheck, InspectorResult } from './results.ts';

const sectorBytes = 512;
/** Bytes of the header that it needs. */
const headerBytes = 64;
const maxDescriptorBytes = 1024 * 1024 - 1;
const footerBytes = 3 * sectorBytes;
const atEnd = 2n ** 64n - 1n;
const allowedTypes: ReadonlySet<string> = new Set(['monolithicsparse', 'streamoptimized']);
const typeKey = 'createtype="';
const longestType = 63;

/**
 * Inspects the data. Null: not a VMDK; `broken`: text that is not ASCII, on which the inspector fails just as it does for a
 * missing attribute.
 * @param front the first 64 KiB
 */
export function* inspectVmdk(front: Uint8Array): Reading<InspectorResult | null | 'broken'> {
  const isSparse = hasText(front, 0, 'KDMV');
  if (front.length < headerBytes) return isSparse ? { state: 'cut', failed: [], isSizeOdd: false } : null;
  if (isSparse) return yield* inspectSparse(viewOf(front));
  if (!front.subarray(0, sectorBytes).every(isTextByte)) return null;
  const text = readAscii(front);
  if (text === null) return 'broken';
  const type = findType(text);
  if (type === null) return null;
  const fault = findFault(text);
  // The inspector looks for the size in a header that does not exist.
  return { state: 'whole', failed: failures(fault, null), isSizeOdd: allowedTypes.has(type) };
}

function* inspectSparse(view: DataView): Reading<InspectorResult> {
  const version = view.getUint32(4, true);
  const hasFooter = view.getBigUint64(56, true) === atEnd;
  const gaveUp = failures('its header is invalid', null);
  if (version < 1 || version > 3) return { state: 'whole', failed: gaveUp, isSizeOdd: false };
  if (view.getBigUint64(28, true) !== 1n)
    return { state: hasFooter ? 'cut' : 'whole', failed: gaveUp, isSizeOdd: false };
  const sectors = view.getBigUint64(36, true);
  const length = sectors * 512n < BigInt(maxDescriptorBytes) ? Number(sectors) * sectorBytes : maxDescriptorBytes;
  const supply = length === 0 ? new Uint8Array() : yield { from: 'start', offset: sectorBytes, length };
  const descriptor = supply === null ? null : Uint8Array.from(supply);
  const footer = hasFooter ? yield { from: 'end', length: footerBytes } : new Uint8Array(footerBytes);
  const isCut = (descriptor?.length ?? length) < length || (footer?.length ?? footerBytes) < footerBytes;
  if (isCut) return { state: 'cut', failed: [], isSizeOdd: false };
  if (descriptor === null || footer === null) return { state: 'unread', failed: [], isSizeOdd: false };
  const text = readAscii(descriptor) ?? '';
  const footerFault = hasFooter ? findFooterFault(view, footer) : null;
  return { state: 'whole', failed: failures(findFault(text), footerFault), isSizeOdd: false };
}

function failures(descriptor: string | null, footer: string | null): readonly FailedCheck[] {
  const named = (code: 'descriptor' | 'footer', message: string | null): FailedCheck[] =>
    message === null ? [] : [{ code, message, where: `VMDKInspector.check_${code}` }];
  return [...named('descriptor', descriptor), ...named('footer', footer)];
}

/** ASCII white space, as in Python. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
}

/** Printable characters and white space. */
function isTextByte(byte: number): boolean {
  return (byte > 0x20 && byte <= 0x7e) || isSpace(byte);
}

/** Lower case, up to the first NUL; null if it is not ASCII. */
function readAscii(bytes: Uint8Array): string | null {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  return text.every((byte) => byte < 0x80) ? Buffer.from(text).toString('latin1').toLowerCase() : null;
}

/** The value of `createType`; null if there is none. */
function findType(text: string): string | null {
  const key = text.indexOf(typeKey);
  if (key < 0) return null;
  const start = key + typeKey.length;
  const end = text.indexOf('"', start);
  if (end - start > longestType) return null;
  return end < 0 ? text.slice(start, -1) : text.slice(start, end);
}

function findFault(text: string): string | null {
  if (text === '') return 'it has no descriptor';
  const type = findType(text);
  if (type === null || !allowedTypes.has(type)) return 'it is neither monolithicSparse nor streamOptimized';
  let extents = 0;
  for (const line of text.split('\n').map(strip)) {
    const isKnown = line === '' || line.startsWith('#') || line.startsWith('ddb');
    if (isKnown || isField(line)) continue;
    if (!/^(?:rw|rdonly|noaccess)(?: |$)/.test(line)) return 'its descriptor has a line that is not understood';
    if (line.includes('/')) return 'its descriptor names an extent in another place';
    extents++;
  }
  return extents === 0 ? 'its descriptor has no extents' : null;
}

function isField(line: string): boolean {
  const equals = line.indexOf('=');
  return equals >= 0 && !line.slice(0, equals).includes(' ');
}

function strip(line: string): string {
  let [from, to] = [0, line.length];
  while (from < to && isSpace(line.charCodeAt(from))) from++;
  while (to > from && isSpace(line.charCodeAt(to - 1))) to--;
  return line.slice(from, to);
}

function findFooterFault(header: DataView, end: Uint8Array): string | null {
  const footer = viewOf(end.subarray(sectorBytes, 2 * sectorBytes));
  const differs =
    footer.getUint32(0) !== header.getUint32(0) ||
    footer.getUint32(4, true) !== header.getUint32(4, true) ||
    footer.getBigUint64(28, true) !== header.getBigUint64(28, true) ||
    footer.getBigUint64(36, true) !== header.getBigUint64(36, true);
  if (differs) return 'its footer differs from its header';
  if (footer.getBigUint64(56, true) === atEnd) return 'its footer points to another footer';
  const [marker, last] = [end.subarray(0, sectorBytes), end.subarray(2 * sectorBytes)];
  const isMarker = viewOf(marker).getUint32(8, true) === 0 && viewOf(marker).getUint32(12, true) === 3;
  if (!isMarker || !isZero(marker.subarray(16))) return 'the marker before its footer is invalid';
  return isZero(last) ? null : 'its stream does not end after the footer';
}
