// Which room of src/ may import which, read from the table in ARCHITECTURE.md, so that what it says is what is checked.

/**
 * What one room may import. A room is the files of one folder of src/, without its sub-folders; or a single file with a row of
 * its own.
 */
export interface Row {
  /** Rooms by name: `http` for the files of `http/` itself, `http/secrets`, `errors` for `errors.ts`. */
  readonly rooms: ReadonlySet<string>;
  /** Whether it may import all rooms above, used or not. */
  readonly takesAll: boolean;
  /** Rooms and packages of which only types may be imported. */
  readonly types: ReadonlySet<string>;
  /** Packages and guarded built-ins, and the names that may be taken from each; null for any name. */
  readonly packages: ReadonlyMap<string, readonly string[] | null>;
}

/** The rows by room, in the order of the table. */
export type Table = ReadonlyMap<string, Row>;

/** The room of a file: its own row if it has one, else its folder; the name of that row, whether or not it exists. */
export function roomOf(path: string, table: Table): string {
  const file = nameOf(path);
  const folder = path.split('/').slice(0, -1).join('/');
  return table.has(file) || folder === '' ? file : folder;
}

function nameOf(text: string): string {
  return text.replace(/(?:\/|\.ts)$/, '');
}

/**
 * Reads the one Markdown table with the columns `room`, `may import` and `packages`; others are for people.
 * "May import" takes names, `X/*` for a folder's room with those of its sub-folders, `all of the above`, each with `but …`,
 * and at its end `types of …`. "Packages" takes `node:http (STATUS_CODES)` for these names of it only.
 * @throws Error if there is no such table, or for a name that no row above has: so no two rooms can import each other
 */
export function readTable(markdown: string): Table {
  const [head = [], , ...body] = findTable(markdown);
  const column = (name: string): string[] => body.map((cells) => cells[head.indexOf(name)] ?? '');
  const names = column('room').map(nameOf);
  const imports = column('may import');
  const packages = column('packages');
  return new Map(
    names.map((name, index) => {
      const row: Row = {
        takesAll: (imports[index] ?? '').startsWith('all of the above'),
        ...parseImports(imports[index] ?? '', names.slice(0, index), names.slice(index)),
        packages: new Map(listOf(packages[index]).map(parsePackage)),
      };
      return [name, row] as const;
    }),
  );
}

/** The cells of the table, line by line. */
function findTable(markdown: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^\| *room .*\| *may import .*\| *packages *\|/.test(line));
  if (start < 0) throw new Error('there is no table with the columns room, may import and packages');
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

function parseImports(
  cell: string,
  above: readonly string[],
  notAbove: readonly string[],
): Pick<Row, 'rooms' | 'types'> {
  const [values = '', types = ''] = cell.split('types of ');
  const [names = '', exceptions = ''] = values.split(' but ');
  const roomsOf = (text: string): readonly string[] =>
    listOf(text).flatMap((name) => {
      if (name === 'all of the above') return above;
      const folder = name.endsWith('/*') ? name.slice(0, -2) : null;
      const found = above.filter((room) => (folder === null ? room === nameOf(name) : isWithin(room, folder)));
      if (found.length === 0) throw new Error(`no row above for "${name}", which "${cell}" names`);
      return found;
    });
  const excluded = roomsOf(exceptions);
  const lower = listOf(types).find((name) => notAbove.includes(name));
  if (lower !== undefined) throw new Error(`no row above for "${lower}", which "${cell}" names`);
  return {
    rooms: new Set(roomsOf(names).filter((room) => !excluded.includes(room))),
    types: new Set(listOf(types)),
  };
}

function isWithin(room: string, folder: string): boolean {
  return room === folder || room.startsWith(`${folder}/`);
}

function parsePackage(text: string): readonly [string, readonly string[] | null] {
  const [, name = text, only] = /^(\S+)(?: \((.+)\))?$/.exec(text) ?? [];
  return [name, only === undefined ? null : only.split(' ')];
}
