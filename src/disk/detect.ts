// Detects what bytes are: every recogniser sees them, those that match read on, and several matches are a hazard in themselves.
import type { DetectedFormat, DiskFinding } from './parsing/finding.ts';
import { Draft } from './parsing/draft.ts';
import { compressed } from './formats/compressed.ts';
import { iso } from './formats/iso.ts';
import { luks } from './formats/luks.ts';
import { looksLikeText, nameContent } from './formats/content.ts';
import { checkEnd, hasPartitionTable, hasTableSignature, readPartitions } from './formats/partitions.ts';
import { ploop } from './formats/ploop.ts';
import { qcow } from './formats/qcow.ts';
import { qcow2 } from './formats/qcow2.ts';
import { qed } from './formats/qed.ts';
import { tar } from './formats/tar.ts';
import { vdi } from './formats/vdi.ts';
import { isVhdFooter, readFixedVhd, vhd, vhdFooterBytes } from './formats/vhd.ts';
import { vhdx } from './formats/vhdx.ts';
import { vmdk } from './formats/vmdk.ts';
import { hazard } from './parsing/hazards.ts';
import type { FormatParser, ParseContext, Reading } from './parsing/parser.ts';

/** Enough to settle most formats. */
const frontBytes = 64 * 1024;

/** In the order in which their magics lie in the data. */
const parsers: readonly FormatParser[] = [qcow2, qcow, qed, vmdk, vhd, vhdx, luks, ploop, ...compressed, vdi, tar, iso];

interface DetectContext extends ParseContext {
  /** Whether to read the end if the start is inconclusive: a fixed VHD can be recognised only there. */
  readonly looksAtEnd: boolean;
}

/** Detects the format. */
export function* detect(context: DetectContext): Reading<DiskFinding> {
  const front = new Uint8Array((yield { from: 'start', offset: 0, length: frontBytes }) ?? []);
  const [first, ...others] = parsers.filter((parser) => parser.recognise(front));
  if (first === undefined) return yield* readRaw(context, front);
  if (first === iso && hasTableSignature(front)) return yield* readHybrid(context, front);
  const finding = yield* first.read(context);
  const also = others.map(({ format }): string => format);
  // Regardless of the disk's size, since whatever opens it may see another size.
  if (hasPartitionTable(front, null)) also.push('a partition table');
  return also.length === 0 ? finding : polyglot(finding, also);
}

/** No format matches at the start: a raw disk, or a fixed VHD, whose footer is at the end. */
function* readRaw(context: DetectContext, front: Uint8Array): Reading<DiskFinding> {
  const disk = new Draft('raw');
  if (hasPartitionTable(front, context.size)) yield* readPartitions(disk, front);
  else yield* describe(disk, front);
  // If the size is unknown, only reading to the end reveals it.
  const wantsEnd = front.length >= vhdFooterBytes && (context.looksAtEnd || context.size === null);
  const end = wantsEnd ? yield { from: 'end', length: vhdFooterBytes } : new Uint8Array();
  // By now the size is known, if it can be known at all: a table that does not fit it is not a table.
  const isTable = disk.partitions === null || hasPartitionTable(front, context.size);
  const draft = isTable ? disk : new Draft('raw');
  if (!isTable) yield* describe(draft, front);
  checkEnd(draft, context.size);
  if (end === null) draft.warn('end_unread', 'a fixed VHD shows only at its end, which cannot be read', 'warning');
  if (context.looksAtEnd && end !== null && isVhdFooter(end)) {
    const found = readFixedVhd(end, context.size);
    const table = draft.finish();
    return { ...found, partitions: table.partitions, hazards: [...found.hazards, ...table.hazards] };
  }
  if (context.size !== null) draft.size(BigInt(context.size));
  else if (front.length < frontBytes) draft.size(BigInt(front.length));
  return draft.finish();
}

/** Identifies the contents, if possible. */
function* describe(draft: Draft, front: Uint8Array): Reading<void> {
  if (front.length === 0) draft.warn('empty', 'it has no data');
  const content = yield* nameContent(front);
  if (content !== null) draft.detail('content', content);
  else draft.detail('recognised', false);
  if (content === null && looksLikeText(front)) draft.warn('looks_like_text', 'the data is a page of HTML or XML');
}

/**
 * A bootable ISO has a partition table as well. Its oddities are ignored: current distributions write a protective entry that
 * is not the first.
 */
function* readHybrid(context: DetectContext, front: Uint8Array): Reading<DiskFinding> {
  const draft = new Draft('iso');
  yield* readPartitions(draft, front);
  const table = draft.finish();
  const finding = yield* iso.read(context);
  return { ...finding, partitions: table.partitions, details: { ...finding.details, hybrid: true } };
}

function polyglot(finding: DiskFinding, also: readonly string[]): DiskFinding {
  const text = `it is ${finding.format} and ${also.join(' and ')} at once`;
  return { ...finding, hazards: [...finding.hazards, hazard('polyglot', text)] };
}

/** The container that a format implies. */
export function containerOf(format: DetectedFormat): 'bare' | 'ova' | 'docker' | 'compressed' {
  if (format === 'ova') return 'ova';
  if (format === 'tar') return 'docker';
  return compressed.some((parser) => parser.format === format) ? 'compressed' : 'bare';
}
