// Reports of `inspect` for people, and as rows of a table.
import { createRuler, type Ruler } from '../../../output/width.ts';
import { wrapWords } from '../../../text/wrap-words.ts';
import { adviceFor, drawDisk, type Report, unsafeFirst } from '../../../client/inspect/report.ts';
import { verdictOf } from '../../../client/inspect/tally.ts';
import { countOf } from '../../../text/count.ts';
import { escapeControls } from '../../../text/escape.ts';
import { renderGroups } from '../../../output/record.ts';
import { type Column, renderOne } from '../../../output/render.ts';
import { describeContents, describeSystem } from '../../../output/reports/contents-text.ts';
import { describeBytes, formatBytes } from '../../../output/size.ts';
import { withOptions } from '../../console/option-names.ts';
import type { ResultOptions } from '../../context.ts';
import type { InspectOptions } from '../../options/image-options.ts';
import { describeTarget, targetCell } from './target-text.ts';
import { describeDisk } from './disk-text.ts';

/** Columns of `inspect --all`. On a narrow terminal, the id is dropped first, since it is as wide as all the others. */
const reportColumns: readonly Column[] = [
  { key: 'id', label: 'ID', priority: 7, whole: true },
  { key: 'title', label: 'Name', priority: 3 },
  { key: 'declared_format', label: 'Declared', priority: 5 },
  { key: 'format', label: 'Detected', priority: 4 },
  {
    key: 'virtual_size',
    label: 'Virtual size',
    align: 'right',
    priority: 6,
    show: (value) => (typeof value === 'bigint' ? formatBytes(Number(value)) : ''),
  },
  {
    key: 'verdict',
    label: 'Verdict',
    priority: 1,
    paint: (text, value, style) => (value === 'safe' ? style.green(text) : style.red(text)),
  },
  { key: 'codes', label: 'Hazards', priority: 2 },
];
const contentsColumns: readonly Column[] = [
  { key: 'inside', label: 'Inside', priority: 3 },
  { key: 'package_count', label: 'Packages', align: 'right', priority: 6 },
];

const targetColumn: Column = { key: 'taken', label: 'Target', priority: 2 };

/** The columns; with --contents, also what is inside, and with --target, also the verdict on an upload. */
export function columnsOf({ contents, target }: Pick<InspectOptions, 'contents' | 'target'>): readonly Column[] {
  const inside = contents === true ? contentsColumns : [];
  const taken = target === undefined ? [] : [targetColumn];
  return [...reportColumns.slice(0, -2), ...inside, ...taken, ...reportColumns.slice(-2)];
}

/** A report with the additional keys that the table shows. */
export function toTableRow(report: Report): object {
  const { contents } = report;
  const codes = [...new Set(unsafeFirst(report.hazards).map(({ code }) => code))];
  return {
    ...report,
    title: report.name ?? report.path ?? report.id,
    declared_format: report.declared.disk_format,
    verdict: verdictOf(report),
    codes: report.error === null ? codes.join(', ') : report.error.code,
    inside: contents === null ? null : (describeSystem(contents) ?? contents.why),
    taken: targetCell(report.target),
    package_count: contents?.packages?.count ?? null,
  };
}

/** One report for people: the verdict and the reasons, then the known facts. */
export async function describeReport(report: Report, results: ResultOptions): Promise<string> {
  const { contents, target } = report;
  const texts = [await describeVerdict(report, results), await describeFacts(report, results)];
  if (contents !== null) {
    const fields = describeContents(contents, drawDisk(report) === null, withOptions);
    texts.push(await renderGroups([{ title: 'contents', fields }], results));
  }
  if (target !== null) {
    texts.push(await renderGroups([{ title: 'target', fields: describeTarget(target) }], results));
  }
  texts.push(await describeDisk(report, results));
  return texts.filter((text) => text !== '').join('\n');
}

async function describeFacts(report: Report, results: ResultOptions): Promise<string> {
  const { hazards: _h, safe: _s, error: _e, contents: _c, target: _t, declared, ...rest } = report;
  const { partitions, container_format, bytes_read, ...facts } = rest;
  const said = Object.fromEntries(Object.entries(declared).filter(([, value]) => isWorthShowing(value)));
  const row = {
    ...facts,
    format: describeFormat(report),
    size: facts.size === null ? null : describeBytes(facts.size),
    virtual_size: facts.virtual_size === null ? null : describeBytes(facts.virtual_size),
    ...(container_format === 'bare' ? {} : { container_format }),
    ...(partitions?.entries === null ? { partitions: `${partitions.scheme}, not read` } : {}),
    ...(Object.keys(said).length > 0 ? { declared: said } : {}),
    bytes_read: bytes_read === 0 ? null : describeBytes(bytes_read),
  };
  const shown = Object.fromEntries(Object.entries(row).filter(([, value]) => isWorthShowing(value)));
  let text = '';
  for await (const piece of renderOne({ row: shown, keys: Object.keys(shown), ...results })) text += piece;
  return text;
}

/** The verdict and each hazard; below those that cause it, what to do about them. */
async function describeVerdict({ hazards, safe }: Report, { style, width }: ResultOptions): Promise<string> {
  const warnings = hazards.filter(({ severity }) => severity === 'warning').length;
  const beside = warnings === 0 ? '' : `, ${safe === true ? 'with' : 'and'} ${countOf(warnings, 'warning')}`;
  const lines = [`verdict: ${safe === true ? style.green('safe') : style.red('unsafe')}${beside}\n`];
  const sorted = unsafeFirst(hazards);
  const ruler = await createRuler(hazards.map(({ message }) => message));
  const hang = (text: string): string => (width === null ? text : hangText(text, width, ruler));
  for (const advice of new Set(sorted.map(adviceFor))) {
    for (const each of sorted.filter((one) => adviceFor(one) === advice)) {
      const word = each.severity === 'unsafe' ? style.red('unsafe ') : style.yellow('warning');
      lines.push(`${word}  ${hang(`${each.code}: ${escapeControls(each.message)}`)}\n`);
    }
    lines.push(`${style.dim('to do')}    ${hang(withOptions(advice))}\n`);
  }
  return lines.join('');
}

/** Beside a word of 7 letters and 2 blanks. */
const indent = ' '.repeat(9);

/** Text with its further lines aligned with the first. */
function hangText(text: string, width: number, ruler: Ruler): string {
  const room = Math.max(20, width - indent.length);
  return wrapWords(text, indent, indent.length + room, (line) => ruler.width(line)).slice(indent.length);
}

/** Anything that is not another format is "raw", so the text says if nothing was recognised. */
function describeFormat({ format, details }: Report): string | null {
  const isUnknown = (details as { recognised?: unknown }).recognised === false;
  return isUnknown
    ? `${String(format)} (nothing was recognised: no disk format, partition table or file system)`
    : format;
}

/** Values that are not worth a line, such as "no snapshots" or "no minimum disk size". */
function isWorthShowing(value: unknown): boolean {
  if (value === null || value === false || value === 0) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.values(value).some((part) => part !== null);
}
