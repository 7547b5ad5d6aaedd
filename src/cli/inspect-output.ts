// Reports of `inspect` for people, as a table row, and as SARIF.
import type { Report } from '../disk/report.ts';
import { hazardAdvice, hazardCodes, type HazardCode } from '../disk/hazards.ts';
import { escapeControls, escapeJson } from '../output/escape.ts';
import { type Column, renderOne } from '../output/render.ts';
import { formatBytes } from '../output/size.ts';
import type { ResultOptions } from './context.ts';

/** Columns of `inspect --all`. */
export const reportColumns: readonly Column[] = [
  { key: 'id', label: 'ID', priority: 1, whole: true },
  { key: 'name', label: 'Name', priority: 3 },
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

/** A report with what the table shows beside its own keys. */
export function toTableRow(report: Report): object {
  const codes = [...new Set(report.hazards.map(({ code }) => code))];
  return {
    ...report,
    declared_format: report.declared.disk_format,
    verdict: verdictOf(report),
    codes: report.error === null ? codes.join(', ') : report.error.code,
  };
}

function verdictOf({ safe }: Report): 'safe' | 'unsafe' | 'unread' {
  if (safe === null) return 'unread';
  return safe ? 'safe' : 'unsafe';
}

/** What a whole run found, in lines for people: verdicts, hazards, formats, the most frequent first. */
export function summarize(reports: readonly Report[]): readonly string[] {
  const verdicts = Object.fromEntries(countEach(reports.map(verdictOf)));
  const { unsafe = 0, unread = 0, safe = 0 } = verdicts;
  const lines = [
    `${String(reports.length)} images: ${String(unsafe)} unsafe, ${String(unread)} unread, ${String(safe)} safe`,
  ];
  const hazards = countEach(reports.flatMap((report) => [...new Set(report.hazards.map(({ code }) => code))]));
  const formats = countEach(reports.flatMap(({ format }) => format ?? []));
  for (const [what, counts] of Object.entries({ hazards, formats })) {
    const text = counts.map(([name, count]) => `${name} ${String(count)}`).join(', ');
    if (text !== '') lines.push(`${what}: ${text}`);
  }
  return lines;
}

function countEach(words: readonly string[]): readonly (readonly [word: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].toSorted(([left, many], [right, more]) => more - many || left.localeCompare(right));
}

/** One report for people: the facts that there are, and then the hazards, unsafe ones first. */
export async function describeReport(report: Report, results: ResultOptions): Promise<string> {
  const { hazards, declared, partitions, safe, error: _error, container_format, bytes_read, ...facts } = report;
  const said = Object.fromEntries(Object.entries(declared).filter(([, value]) => value !== null));
  const row = {
    ...facts,
    ...(container_format === 'bare' ? {} : { container_format }),
    partitions: describePartitions(partitions),
    ...(Object.keys(said).length > 0 ? { declared: said } : {}),
    bytes_read,
  };
  const shown = Object.fromEntries(Object.entries(row).filter(([, value]) => isWorthShowing(value)));
  let text = '';
  for await (const piece of renderOne({ row: shown, keys: Object.keys(shown), ...results })) text += piece;
  const { style } = results;
  const sorted = hazards.toSorted(
    (left, right) => Number(left.severity !== 'unsafe') - Number(right.severity !== 'unsafe'),
  );
  const lines = sorted.map(({ code, severity, message }) => {
    const word = severity === 'unsafe' ? style.red('unsafe ') : style.yellow('warning');
    return `${word}  ${code}: ${escapeControls(message)}\n`;
  });
  for (const advice of new Set(sorted.map(({ code }) => hazardAdvice[code])))
    lines.push(`${style.dim('to do')}    ${advice}\n`);
  const verdict = safe === true ? style.green('safe') : style.red('unsafe');
  return `${text}\n${lines.join('')}${lines.length > 0 ? '\n' : ''}verdict: ${verdict}\n`;
}

function isWorthShowing(value: unknown): boolean {
  if (value === null || value === false) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.values(value).some((part) => part !== null);
}

interface Table {
  readonly scheme: string;
  readonly entries: readonly {
    readonly number: number;
    readonly type: string;
    readonly name: string | null;
    readonly size: bigint;
  }[];
}

function describePartitions(value: unknown): unknown {
  if (value === null) return null;
  const { scheme, entries } = value as Table;
  const list = entries.map(
    ({ number, type, name, size }) => `${String(number)} ${name ?? type} ${formatBytes(Number(size))}`,
  );
  return { [scheme]: list.join(', ') };
}

/**
 * The hazards as SARIF.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function toSarif(reports: readonly Report[], version: string): string {
  const results = reports.flatMap((report) =>
    report.hazards.map(({ code, severity, message }) => ({
      ruleId: code,
      level: severity === 'unsafe' ? 'error' : 'warning',
      message: { text: `${report.name ?? report.id ?? report.path ?? 'standard input'}: ${message}` },
      locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(report) } } }],
    })),
  );
  const unread = reports.filter(({ error }) => error !== null);
  const rules = Object.entries(hazardCodes).map(([id, severity]) => ({
    id,
    help: { text: hazardAdvice[id as HazardCode] },
    defaultConfiguration: { level: severity === 'unsafe' ? 'error' : 'warning' },
  }));
  const invocation = {
    executionSuccessful: unread.length === 0,
    toolExecutionNotifications: unread.map(({ id, error }) => ({
      level: 'error',
      message: { text: `${id ?? ''}: ${error?.message ?? ''}` },
    })),
  };
  const driver = { name: 'glance-cli', version, rules };
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, invocations: [invocation], results }],
  };
  return `${escapeJson(JSON.stringify(log, null, 2))}\n`;
}

function uriOf({ id, path }: Report): string {
  if (path !== null) return `file://${path.split('/').map(encodeURIComponent).join('/')}`;
  return id === null ? 'stdin:' : `glance:images/${encodeURIComponent(id)}`;
}
