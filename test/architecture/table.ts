// Which part of src/ may import which, read out of the table in ARCHITECTURE.md: what it says is what is checked.

/** What one part may import: a folder of src/, or a file in src/ itself. */
export interface Row {
  /** Parts by name, as in {@link partOf}. */
  readonly parts: ReadonlySet<string>;
  /** Parts and packages of which only types may be imported. */
  readonly types: ReadonlySet<string>;
  /** Packages and guarded built-ins, and the names that may be taken from each; null for any name. */
  readonly packages: ReadonlyMap<string, readonly string[] | null>;
}

/** The rows by part. */
export type Table = ReadonlyMap<string, Row>;

/** The name a part goes by: `http` for `http/client.ts` and `http/`, `errors` for `errors.ts`. */
export function partOf(path: string): string {
  return path.split('/', 1).join().replace(/\.ts$/, '');
}

/**
 * Reads the one Markdown table with the columns `folder`, `may import` and `packages`; others are for people.
 * "May import" takes names, `the above`, `all of the above`, `all`, each with `but …`, and at its end `types of …`.
 * "Packages" takes `node:http (STATUS_CODES)` for these names of it only.
 * @throws Error if there is no such table, or for a name in it that no row has
 */
export function readTable(markdown: string): Table {
  const [head = [], , ...body] = findTable(markdown);
  const column = (name: string): string[] => body.map((cells) => cells[head.indexOf(name)] ?? '');
  const groups = column('folder').map((cell) => listOf(cell).map(partOf));
  const imports = column('may import');
  const packages = column('packages');
  return new Map(
    groups.flatMap((group, index) => {
      const above = groups.slice(0, index).flat();
      const row: Row = {
        ...parseImports(imports[index] ?? '', groups.flat(), above),
        packages: new Map(listOf(packages[index]).map(parsePackage)),
      };
      return group.map((part) => [part, row] as const);
    }),
  );
}

/** The cells of the table, line by line. */
function findTable(markdown: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^\| *folder .*\| *may import .*\| *packages *\|/.test(line));
  if (start < 0) throw new Error('there is no table with the columns folder, may import and packages');
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start, length < 0 ? undefined : start + length).map(splitCells);
}

function splitCells(line: string): string[] {
  const cells = line.replaceAll('`', '').split('|').slice(1, -1);
  return cells.map((cell) => cell.trim());
}

function listOf(cell = ''): string[] {
  return cell
    .split(/,| and /)
    .map((word) => word.trim())
    .filter((word) => word !== '' && word !== '–');
}

function parseImports(cell: string, all: readonly string[], above: readonly string[]): Pick<Row, 'parts' | 'types'> {
  const [values = '', types] = cell.split('types of ');
  const [names = '', exceptions] = values.split(' but ');
  const phrases = new Map([
    ['the above', above],
    ['all of the above', above],
    ['all', all],
  ]);
  const excluded = listOf(exceptions);
  const parts = listOf(names).flatMap((name) => phrases.get(name) ?? [partOf(name)]);
  const unknown = [...parts, ...excluded].find((part) => !all.includes(part));
  if (unknown !== undefined) throw new Error(`no row for "${unknown}", which "${cell}" names`);
  return { parts: new Set(parts.filter((part) => !excluded.includes(part))), types: new Set(listOf(types)) };
}

function parsePackage(text: string): readonly [string, readonly string[] | null] {
  const [, name = text, only] = /^(\S+)(?: \((.+)\))?$/.exec(text) ?? [];
  return [name, only === undefined ? null : only.split(' ')];
}
