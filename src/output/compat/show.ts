// Prints what `openstack image show` prints.
import type { Image } from '../../image/image.ts';
import { escapeControls } from '../../text/escape.ts';
import { renderBox } from './box.ts';
import { type Grid, selectColumns } from './columns.ts';
import { dumpJson } from './json.ts';
import { compareCodePoints, isDict, type PythonValue, str } from './python.ts';
import { toSdkImage } from './sdk-image.ts';
import { dumpAssignment } from './shell.ts';

type CompatShowFormat = 'table' | 'json' | 'yaml' | 'value' | 'shell';

export interface CompatShowOptions {
  readonly image: Image;
  readonly format: CompatShowFormat;
  /** `-c`, see `selectColumns`; null or empty for all. */
  readonly selected: readonly string[] | null;
  /** `--prefix`: precedes each name in the shell format. */
  readonly prefix: string;
  /** `--human-readable`: the size in powers of 1000, `3.1M`. */
  readonly humanReadable: boolean;
  /** False for `--noindent`. */
  readonly indent: boolean;
  /** Maximum width of a table in cells: `--max-width`, or the terminal's width with `--fit-width`. Null for no limit. */
  readonly maxWidth: number | null;
  /** Whether it goes to a terminal. The shell format, which is otherwise exact for programs, is escaped there. */
  readonly isTerminal: boolean;
}

/** What `openstack` shows besides `properties` and `tags`; everything else goes into `properties`. */
const fields: ReadonlySet<string> = new Set([
  'status',
  'name',
  'container_format',
  'created_at',
  'size',
  'disk_format',
  'updated_at',
  'visibility',
  'min_disk',
  'protected',
  'id',
  'file',
  'checksum',
  'owner',
  'virtual_size',
  'min_ram',
  'schema',
  'tags',
]);

/**
 * One image as `openstack image show` prints it: keys in alphabetical order, without unset ones. The differences:
 * control characters are escaped in tables and values, and in values so are line feeds; see also `dumpAssignment`.
 * @throws GlanceError `usage.argument` if `-c` selects nothing
 */
export async function renderCompatShow(options: CompatShowOptions): Promise<string> {
  const entries = showFields(options).toSorted(([left], [right]) => compareCodePoints(left, right));
  const whole = { names: entries.map(([key]) => key), rows: [entries.map(([, value]) => value)] };
  return await renderFields(selectColumns(whole, options.selected), options);
}

function showFields({ image, humanReadable }: CompatShowOptions): [string, PythonValue][] {
  const shown: [string, PythonValue][] = [];
  const properties = new Map<string, PythonValue>();
  for (const [key, value] of toSdkImage(image)) {
    if (value === null) continue;
    if (key === 'properties' && isDict(value)) for (const [name, text] of value) properties.set(name, text);
    else if (key === 'size' && humanReadable) shown.push([key, formatSize(Number(value))]);
    else if (fields.has(key)) shown.push([key, value]);
    else properties.set(key, value);
  }
  if (properties.size > 0) shown.push(['properties', properties]);
  return shown;
}

async function renderFields({ names, rows: [row = []] }: Grid, options: CompatShowOptions): Promise<string> {
  const entries = names.map((name, index) => [name, row[index] ?? null] as const);
  switch (options.format) {
    case 'table': {
      const box = { names: ['Field', 'Value'], aligns: ['left', 'left'], rows: entries } as const;
      return await renderBox(box, { maxWidth: options.maxWidth, leastColumn: 16 });
    }
    case 'json':
      return dumpJson(new Map(entries), options.indent);
    case 'yaml': {
      const { dumpYaml } = await import('./yaml.ts');
      return entries.map((entry) => dumpYaml(new Map([entry]))).join('');
    }
    case 'shell':
      return entries.map(([name, value]) => shellLine(name, value, options)).join('');
    case 'value':
      break;
  }
  return row.map((value) => `${escapeControls(str(value))}\n`).join('');
}

function shellLine(name: string, value: PythonValue, { prefix, isTerminal }: CompatShowOptions): string {
  return dumpAssignment(name, isTerminal ? escapeControls(str(value)) : value, prefix);
}

/** Bytes in powers of 1000 with one decimal, which is omitted if it is 0: `3.1M`, `4M`, `512`. */
function formatSize(bytes: number): string {
  const units = ['', 'K', 'M', 'G', 'T', 'P', 'E', 'Z'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000; unit++) value /= 1000;
  // Python rounds a tie to the even digit, toFixed rounds it up.
  const text = value % 1 === 0.25 ? String(Math.floor(value) + 0.2) : value.toFixed(1);
  return `${text.replace(/\.0$/, '')}${units[unit] ?? ''}`;
}
