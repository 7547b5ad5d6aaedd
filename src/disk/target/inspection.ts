// What the format inspector of oslo.utils, which Glance runs over uploads, finds in image data, whether or not its findings are
// true. Its rules and their gaps are reproduced, each with its name there; it is sometimes laxer than our own inspection. It
// sees the data in pieces of 64 KiB, in which Glance's file store reads it.
// @see https://opendev.org/openstack/oslo.utils `oslo_utils/imageutils/format_inspector.py`, 8.2.0 to 10.0.1
import { hasText, viewOf } from '../parsing/bytes.ts';
import type { Reading } from '../parsing/parser.ts';
import { type FailedCheck, type InspectorResult, pieceBytes } from './results.ts';
import { inspectVhdx } from './vhdx.ts';
import { inspectVmdk } from './vmdk.ts';

/** A format that matches, by its name there; a disk with an MBR or a GPT is `gpt`. */
export interface Match extends InspectorResult {
  readonly format: 'qcow2' | 'vhd' | 'vhdx' | 'vmdk' | 'vdi' | 'qed' | 'iso' | 'gpt' | 'luks';
}

/** The result of an inspection. */
export interface Inspection {
  /** Empty: the data is taken as `raw`. */
  readonly matches: readonly Match[];
  /** Whether it fails in such a way that Glance proceeds as if it had not inspected the data. */
  readonly isBroken: boolean;
}

const sectorBytes = 512;
const luksBytes = 592;
const isoFrom = 32 * 1024;
const isoBytes = 2048;

const fine: InspectorResult = { state: 'whole', failed: [], isSizeOdd: false };

/** Finds what that inspector would find. */
export function* readInspection(): Reading<Inspection> {
  const front = Uint8Array.from((yield { from: 'start', offset: 0, length: pieceBytes }) ?? []);
  const vmdk = yield* inspectVmdk(front);
  const vhdx = hasText(front, 0, 'vhdxfile') ? yield* inspectVhdx(front) : null;
  const found: readonly (readonly [Match['format'], InspectorResult | null])[] = [
    ['qcow2', inspectQcow2(front)],
    ['vhd', hasText(front, 0, 'conectix') ? { ...fine, state: stateOf(front, sectorBytes) } : null],
    ['vhdx', vhdx],
    ['vmdk', vmdk === 'broken' ? null : vmdk],
    ['vdi', isVdi(front) ? fine : null],
    ['qed', inspectQed(front)],
    ['iso', isIso(front) ? fine : null],
    ['gpt', inspectMbr(front)],
    ['luks', inspectLuks(front)],
  ];
  const matches = found.flatMap(([format, result]) => (result === null ? [] : [{ format, ...result }]));
  return { matches, isBroken: vmdk === 'broken' };
}

function stateOf(front: Uint8Array, wanted: number): 'whole' | 'cut' {
  return front.length < wanted ? 'cut' : 'whole';
}

function inspectQcow2(front: Uint8Array): InspectorResult | null {
  if (front.length < sectorBytes || !hasText(front, 0, 'QFI\u00fb')) return null;
  const view = viewOf(front);
  const version = view.getUint32(4);
  const features = view.getBigUint64(72);
  const failed: FailedCheck[] = [];
  const fail = (code: FailedCheck['code'], message: string, method: string): void =>
    void failed.push({ code, message, where: `QcowInspector.${method}` });
  if (view.getBigUint64(8) !== 0n) fail('backing_file', 'it has a backing file', 'check_backing_file');
  // Checked even in version 2, which has no features.
  if ((features / 4n) % 2n === 1n) fail('data_file', 'it has a data file', 'check_data_file');
  const isKnown = version === 2 || (version === 3 && features < 16n);
  const what =
    version === 3
      ? 'it has features that are not known, such as extended L2 entries'
      : `it is qcow2 version ${String(version)}`;
  if (!isKnown) fail('unknown_features', what, 'check_unknown_features');
  return { ...fine, failed };
}

function inspectQed(front: Uint8Array): InspectorResult | null {
  if (front.length < sectorBytes || !hasText(front, 0, 'QED\0')) return null;
  return {
    ...fine,
    failed: [{ code: 'banned', message: 'QED is not allowed at all', where: 'QEDInspector._initialize' }],
  };
}

function isVdi(front: Uint8Array): boolean {
  return front.length >= sectorBytes && viewOf(front).getUint32(64, true) === 0xbeda107f;
}

function isIso(front: Uint8Array): boolean {
  if (front.length < isoFrom + isoBytes) return false;
  return ['CD001', 'NSR02', 'NSR03'].some((name) => hasText(front, isoFrom + 1, name));
}

function inspectLuks(front: Uint8Array): InspectorResult | null {
  if (!hasText(front, 0, 'LUKS\u00ba\u00be')) return null;
  const state = stateOf(front, luksBytes);
  const version = state === 'cut' ? 1 : viewOf(front).getInt16(6);
  const message = `it is LUKS version ${String(version)}`;
  const failed = version === 1 ? [] : [{ code: 'version', message, where: 'LUKSInspector.check_version' } as const];
  return { state, failed, isSizeOdd: false };
}

/** Any boot sector except FAT's counts as a partition table there. */
function inspectMbr(front: Uint8Array): InspectorResult | null {
  if (front.length < sectorBytes || front[510] !== 0x55 || front[511] !== 0xaa) return null;
  const isFat = front[0x10] === 2 && front[0x15] === 0xf8;
  if (isFat) return null;
  const message = findMbrFault(viewOf(front));
  const where = 'GPTInspector.check_mbr_partitions';
  return { ...fine, failed: message === null ? [] : [{ code: 'mbr', message, where }] };
}

function findMbrFault(view: DataView): string | null {
  const used: number[] = [];
  let isProtective = false;
  for (let index = 0; index < 4; index++) {
    const at = 446 + index * 16;
    const flag = view.getUint8(at);
    if (flag !== 0 && flag !== 0x80) return `entry ${String(index)} of its MBR has a boot flag of ${String(flag)}`;
    const type = view.getUint8(at + 4);
    if (type !== 0) used.push(index);
    if (type !== 0xee) continue;
    isProtective = true;
    const isStart = view.getUint8(at + 1) === 0 && view.getUint8(at + 2) === 2 && view.getUint8(at + 3) === 0;
    if (!isStart) return 'the protective entry of its MBR has an invalid start (CHS)';
    if (view.getUint32(at + 8, true) !== 1) return 'the protective entry of its MBR does not start at sector 1';
  }
  if (isProtective && (used.length !== 1 || used[0] !== 0))
    return 'its MBR has other entries beside the protective one';
  return used.length === 0 ? 'its boot sector has no partitions' : null;
}
