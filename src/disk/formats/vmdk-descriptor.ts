// The text in a VMDK that lists the extents of the disk, and so the files that a hypervisor will open.
import { countOf } from '../../text/count.ts';
import { cutText, hasText } from '../parsing/bytes.ts';
import type { Detail } from '../parsing/finding.ts';
import type { Draft } from '../parsing/draft.ts';

/** Whether bytes begin like a descriptor: with its usual first line, or with comments, blank lines and then its version. */
export function isDescriptorText(front: Uint8Array): boolean {
  if (hasText(front, 0, '# Disk DescriptorFile')) return true;
  const start = Buffer.from(front.subarray(0, 4096)).toString('latin1');
  for (const line of start.split(/\r?\n/)) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const setting = parseSetting(text);
    return setting !== null && setting.key.toLowerCase() === 'version' && versions.has(setting.value);
  }
  return false;
}

interface Descriptor {
  /** Total size of all extents, in sectors of 512 bytes. */
  readonly sectors: bigint;
}

interface Extent {
  readonly sectors: bigint;
  readonly type: string;
  readonly name: string;
}

// Each repetition is followed by something it cannot match, so the time is linear.
const extentLine = /^(?:rw|rdonly|noaccess)\s+(\d{1,19})\s+(\w+)\s+"([^"]*)"(?:\s+\d+)?$/i;
const versions = new Set(['1', '2', '3']);
/** Longest path on any system. */
const longestPath = 4096;
const safeTypes = new Set(['monolithicsparse', 'streamoptimized']);

/**
 * Reads a descriptor and notes what is wrong with it.
 * @param isAlone whether it is a file of its own, which means that all data is in other files
 * @returns null if there is none
 */
export function readDescriptor(draft: Draft, bytes: Uint8Array, isAlone: boolean): Descriptor | null {
  if (bytes.length === 0) {
    draft.warn('descriptor_invalid', 'there is no descriptor');
    return null;
  }
  if (bytes.some((byte) => byte > 127)) draft.warn('descriptor_invalid', 'the descriptor is not ASCII');
  const text = Buffer.from(bytes).toString('latin1');
  const extents = readLines(draft, text);
  checkTypes(draft, text);
  checkParent(draft, text);
  checkExtents(draft, extents, isAlone);
  return { sectors: extents.reduce((sum, { sectors }) => sum + sectors, 0n) };
}

/** @returns the extents in order */
function readLines(draft: Draft, descriptor: string): readonly Extent[] {
  const extents: Extent[] = [];
  for (const line of descriptor.split(/\r?\n/)) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const [, sectors, type = '', name = ''] = extentLine.exec(text) ?? [];
    const { key, value } = parseSetting(text) ?? { key: '', value: '' };
    if (sectors !== undefined) extents.push({ sectors: BigInt(sectors), type: type.toUpperCase(), name });
    else if (/^(?:ddb\.)?(?:encryption\b|keyid$)/i.test(key)) draft.encrypted = true;
    else if (key.toLowerCase() === 'version' && !versions.has(value))
      draft.warn('unsupported_version', `descriptor version ${value.slice(0, 80)}`);
    else if (key === '' && !/^ddb\./i.test(text))
      draft.warn('descriptor_invalid', `a line that is not understood: "${text.slice(0, 80)}"`);
  }
  return extents;
}

/** `key = value`, trimmed; null if the key is not a single word, or a carriage return is in the value. */
function parseSetting(line: string): { readonly key: string; readonly value: string } | null {
  const equals = line.indexOf('=');
  const key = line.slice(0, Math.max(0, equals)).trimEnd();
  const value = line.slice(equals + 1).trim();
  return equals >= 0 && /^[\w.]+$/.test(key) && !value.includes('\r') ? { key, value } : null;
}

function checkExtents(draft: Draft, extents: readonly Extent[], isAlone: boolean): void {
  draft.detail(
    'extents',
    extents.slice(0, 100).map(({ type, name }): Detail => cutText(`${type} ${name}`, 1024)),
  );
  if (extents.length === 0) draft.warn('descriptor_invalid', 'it names no extent');
  else if (extents.length > 1) draft.warn('external_extent', `it is made of ${countOf(extents.length, 'extent')}`);
  for (const { type, name } of extents) {
    if (type !== 'SPARSE') draft.warn('external_extent', `an extent of type ${type} named "${name}"`);
    else if (isAlone) draft.warn('external_extent', `its data is in another file: "${name}"`);
    if (/[/\\:]/.test(name)) draft.warn('external_extent', `an extent outside of its directory: "${name}"`);
  }
}

/*
 * QEMU takes the first occurrence of a word, even in a comment or within another value; other programs take the last line. So
 * every occurrence counts.
 */

function checkTypes(draft: Draft, text: string): void {
  const values = whatFollows(text, /createType/i).flatMap((after) =>
    after.startsWith('=') ? [lineOf(after.slice(1)).trim()] : [],
  );
  if (values.length === 0) draft.warn('descriptor_invalid', 'it has no createType');
  for (const [index, value] of values.entries()) {
    const [, type] = /^"([^"]{1,63})"$/.exec(value) ?? [];
    if (type === undefined) draft.warn('descriptor_invalid', `the createType is invalid: ${value.slice(0, 80)}`);
    else if (!safeTypes.has(type.toLowerCase())) draft.warn('unsupported_subformat', `createType ${type}`);
    if (index === 0 && type !== undefined) draft.detail('subformat', type);
  }
}

function checkParent(draft: Draft, text: string): void {
  const [hint] = whatFollows(text, /parentFileNameHint/i).map((after) => lineOf(unquoted(after)).split('"', 1)[0]);
  const parents = whatFollows(text, /parentCID/i).filter((after) => after.startsWith('='));
  const parent = parents
    .map((after) => /^\w*/.exec(unquoted(after))?.[0])
    .find((id) => id?.toLowerCase() !== 'ffffffff');
  if (hint === undefined && parent === undefined) return;
  draft.backingFile = hint === undefined ? null : cutText(hint, longestPath);
  draft.warn('backing_file', `it needs another file: ${hint === undefined ? `of CID ${parent ?? ''}` : `"${hint}"`}`);
}

/** The text after each occurrence of a word, up to the next one, without the space between. */
function whatFollows(text: string, word: RegExp): readonly string[] {
  return text
    .split(word)
    .slice(1)
    .map((piece) => piece.trimStart());
}

function lineOf(text: string): string {
  return text.split(/[\r\n]/, 1)[0] ?? '';
}

/** A value without the equals sign and the quote before it. */
function unquoted(after: string): string {
  const value = after.startsWith('=') ? after.slice(1).trimStart() : after;
  return value.startsWith('"') ? value.slice(1) : value;
}
