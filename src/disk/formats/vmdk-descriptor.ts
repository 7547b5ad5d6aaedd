// The text in a VMDK that says of which extents the disk is made. What a hypervisor opens is named here.
import { countOf } from '../../count.ts';
import { hasText } from '../bytes.ts';
import type { Detail } from '../finding.ts';
import type { Draft } from '../draft.ts';

/** Whether bytes begin like a descriptor: with its usual first line, or after comments and blank lines comes its version. */
export function isDescriptorText(front: Uint8Array): boolean {
  if (hasText(front, 0, '# Disk DescriptorFile')) return true;
  const start = Buffer.from(front.subarray(0, 4096)).toString('latin1');
  for (const line of start.split(/\r?\n/)) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    return /^version\s*=\s*[123]$/i.test(text);
  }
  return false;
}

export interface Descriptor {
  /** Of all extents together, 512 bytes each. */
  readonly sectors: bigint;
}

interface Extent {
  readonly sectors: bigint;
  readonly type: string;
  readonly name: string;
}

const extentLine = /^(?:rw|rdonly|noaccess)\s+(\d{1,19})\s+(\w+)\s+"([^"]*)"(?:\s+\d+)?$/i;
const settingLine = /^([\w.]+)\s*=\s*(.*)$/;
const safeTypes = new Set(['monolithicsparse', 'streamoptimized']);

/**
 * Reads a descriptor and notes what is wrong with it.
 * @param isAlone whether it is a file of its own: then all its data is in others
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

/** @returns the extents in their order */
function readLines(draft: Draft, descriptor: string): readonly Extent[] {
  const extents: Extent[] = [];
  for (const line of descriptor.split(/\r?\n/)) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const [, sectors, type = '', name = ''] = extentLine.exec(text) ?? [];
    const [, key = '', value = ''] = settingLine.exec(text) ?? [];
    if (sectors !== undefined) extents.push({ sectors: BigInt(sectors), type: type.toUpperCase(), name });
    else if (/^(?:ddb\.)?(?:encryption\b|keyid$)/i.test(key)) draft.encrypted = true;
    else if (/^version$/i.test(key) && !/^[123]$/.test(value))
      draft.warn('unsupported_version', `a descriptor of version ${value.slice(0, 80)}`);
    else if (key === '' && !/^ddb\./i.test(text))
      draft.warn('descriptor_invalid', `a line that is not understood: "${text.slice(0, 80)}"`);
  }
  return extents;
}

function checkExtents(draft: Draft, extents: readonly Extent[], isAlone: boolean): void {
  draft.detail(
    'extents',
    extents.slice(0, 100).map(({ type, name }): Detail => `${type} ${name}`),
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
 * QEMU takes the first place where a word stands, be it in a comment or within another value; others take the last line. So
 * every place counts.
 */

function checkTypes(draft: Draft, text: string): void {
  const values = [...text.matchAll(/createType\s*=[ \t]*([^\r\n]*)/gi)].map(([, value = '']) => value.trim());
  if (values.length === 0) draft.warn('descriptor_invalid', 'it has no createType');
  for (const [index, value] of values.entries()) {
    const [, type] = /^"([^"]{1,63})"$/.exec(value) ?? [];
    if (type === undefined) draft.warn('descriptor_invalid', `a createType of ${value.slice(0, 80)}`);
    else if (!safeTypes.has(type.toLowerCase())) draft.warn('unsupported_subformat', `createType ${type}`);
    if (index === 0 && type !== undefined) draft.detail('subformat', type);
  }
}

function checkParent(draft: Draft, text: string): void {
  const [, hint] = /parentFileNameHint\s*=?\s*"?([^"\r\n]*)/i.exec(text) ?? [];
  const parents = [...text.matchAll(/parentCID\s*=\s*"?(\w*)/gi)].map(([, parent = '']) => parent);
  const parent = parents.find((each) => each.toLowerCase() !== 'ffffffff');
  if (hint === undefined && parent === undefined) return;
  draft.backingFile = hint ?? null;
  draft.warn('backing_file', `it needs another file: ${hint === undefined ? `of CID ${parent ?? ''}` : `"${hint}"`}`);
}
