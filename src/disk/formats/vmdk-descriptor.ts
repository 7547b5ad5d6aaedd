// The text in a VMDK that says of which extents the disk is made. What a hypervisor opens is named here.
import type { Detail } from '../finding.ts';
import type { Draft } from '../draft.ts';

/** Whether bytes begin like a descriptor: after comments and blank lines comes its version. */
export function isDescriptorText(front: Uint8Array): boolean {
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

const extentLine = /^(?:rw|rdonly|noaccess)\s+(\d{1,19})\s+(\w+)(?:\s+"([^"]*)")?(?:\s+\d+)?.*$/i;
const safeTypes = new Set(['monolithicsparse', 'streamoptimized']);

/** Reads a descriptor and notes what is wrong with it. @returns null if it is none */
export function readDescriptor(draft: Draft, bytes: Uint8Array): Descriptor | null {
  if (bytes.length === 0) {
    draft.warn('descriptor_invalid', 'there is no descriptor');
    return null;
  }
  if (bytes.some((byte) => byte > 127)) {
    draft.warn('descriptor_invalid', 'the descriptor is not ASCII');
    return null;
  }
  const keys = new Map<string, string>();
  const extents: { readonly sectors: bigint; readonly type: string; readonly name: string }[] = [];
  for (const line of Buffer.from(bytes).toString('latin1').split(/\r?\n/)) {
    const text = line.trim();
    if (text === '' || text.startsWith('#') || /^ddb\./i.test(text)) continue;
    const [, sectors, type = '', name = ''] = extentLine.exec(text) ?? [];
    const [, key, value = ''] = /^([\w.]+)\s*=\s*(.*)$/.exec(text) ?? [];
    if (sectors !== undefined) extents.push({ sectors: BigInt(sectors), type: type.toUpperCase(), name });
    else if (key === undefined)
      draft.warn('descriptor_invalid', `a line that is not understood: "${text.slice(0, 80)}"`);
    else keys.set(key.toLowerCase(), value.replace(/^"(.*)"$/, '$1'));
  }
  checkType(draft, keys.get('createtype'));
  checkParent(draft, keys);
  const [first, ...others] = extents;
  if (first === undefined) draft.warn('descriptor_invalid', 'it names no extent');
  draft.detail(
    'extents',
    extents.slice(0, 100).map(({ type, name }): Detail => `${type} ${name}`.trim()),
  );
  if (others.length > 0) draft.warn('external_extent', `it is made of ${String(extents.length)} extents`);
  for (const { type, name } of extents) {
    if (type !== 'SPARSE') draft.warn('external_extent', `an extent of type ${type} named "${name}"`);
    if (/[/\\:]/.test(name)) draft.warn('external_extent', `an extent outside of its directory: "${name}"`);
  }
  return { sectors: extents.reduce((sum, { sectors }) => sum + sectors, 0n) };
}

function checkType(draft: Draft, type: string | undefined): void {
  if (type === undefined || type.length >= 64) {
    draft.warn('descriptor_invalid', type === undefined ? 'it has no createType' : 'its createType is too long');
    return;
  }
  draft.detail('subformat', type);
  if (!safeTypes.has(type.toLowerCase())) draft.warn('unsupported_subformat', `createType ${type}`);
}

function checkParent(draft: Draft, keys: ReadonlyMap<string, string>): void {
  const parent = keys.get('parentcid');
  const hint = keys.get('parentfilenamehint');
  if (hint !== undefined) draft.backingFile = hint;
  const hasParent = parent !== undefined && parent.toLowerCase() !== 'ffffffff';
  if (hasParent || hint !== undefined)
    draft.warn('backing_file', `it needs another file: ${hint ?? `of CID ${parent ?? ''}`}`);
}
