// Which part of src/ may import which. ARCHITECTURE.md prints this table as it stands here, and a test compares the two.

/**
 * `leaves` are the files of the first three rows; every part may import them that says so. A part may always import
 * itself. "Types" means `import type` and nothing else. Node's built-ins are free but for those that a row has to name.
 */
export const importTable = `
| part | may import | types of | packages |
|---|---|---|---|
| \`errors.ts\`, \`clock.ts\`, \`version.ts\` | – | – | – |
| \`digests.ts\` | errors.ts | – | – |
| \`retry.ts\` | errors.ts, clock.ts | – | – |
| \`http\` | leaves | – | undici, node:http (STATUS_CODES) |
| \`identity\` | leaves, http | – | yaml |
| \`image\` | leaves, http | – | – |
| \`transfer\`, \`disk\` | leaves | – | – |
| \`mirror\` | leaves, transfer, disk | image | – |
| \`server\` | leaves, disk | image | node:http |
| \`output\` | leaves | image, transfer, disk | chalk, cli-progress, string-width, yaml |
| \`docs\` | leaves | commander | – |
| \`demo\` | errors.ts | image | node:http |
| \`cli\` | leaves, http, identity, image, transfer, disk, mirror, server, output, docs | – | commander |
| \`index.ts\` | leaves, http, identity, image, transfer, disk, mirror | – | – |
| \`main.ts\` | leaves, cli | – | node:process |
`.trim();

/** Built-ins that only the parts whose row names them may import. */
export const guardedBuiltIns: readonly string[] = ['node:http', 'node:https', 'node:http2', 'node:process'];

/** Packages that starting the program must not load: they cost more than all the rest, and few commands need them. */
export const lazyPackages: readonly string[] = ['undici', 'yaml', 'cli-progress', 'string-width'];

/** Longest file, in lines. */
export const longestFile = 300;

/** File names that say nothing about what is in them. */
export const namelessFiles: readonly string[] = ['utils.ts', 'helpers.ts', 'common.ts', 'util.ts', 'misc.ts'];

/** What one part may import. */
export interface Row {
  /** Parts, by folder or file name. */
  readonly parts: ReadonlySet<string>;
  /** Parts and packages of which only types may be imported. */
  readonly types: ReadonlySet<string>;
  /** Packages and guarded built-ins; the names that may be taken from each, or null for any. */
  readonly packages: ReadonlyMap<string, readonly string[] | null>;
}

const leafRows = 3;

/** The table by part: a folder's name, or the name of a file in src/ itself. */
export function parseTable(table: string): ReadonlyMap<string, Row> {
  const lines = table.split('\n').slice(2).map(splitCells);
  const leaves = lines.slice(0, leafRows).flatMap((cells) => listOf(cells[0]));
  return new Map(
    lines.flatMap(([names, parts, types, packages]) => {
      const row: Row = {
        parts: new Set(listOf(parts).flatMap((part) => (part === 'leaves' ? leaves : [part]))),
        types: new Set(listOf(types)),
        packages: new Map(listOf(packages).map(parsePackage)),
      };
      return listOf(names).map((name) => [name, row] as const);
    }),
  );
}

function splitCells(line: string): string[] {
  return line.replaceAll('`', '').split('|').slice(1, -1);
}

function listOf(cell = ''): string[] {
  return cell
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '' && word !== '–');
}

function parsePackage(text: string): readonly [string, readonly string[] | null] {
  const [, name = text, only] = /^(\S+)(?: \((.+)\))?$/.exec(text) ?? [];
  return [name, only === undefined ? null : only.split(' ')];
}
