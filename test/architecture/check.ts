// Checks scanned sources against the table of imports and the rules of the house. A violation is a sentence.
import { posix } from 'node:path';
import { type Import, scanSource, type Scanned, type Source } from './scan.ts';
import { roomOf, type Row, type Table } from './table.ts';

/** Built-ins that a room may only import if its row names them; all others are free. */
const guardedBuiltIns: readonly string[] = ['node:http', 'node:https', 'node:http2', 'node:process'];

/** Packages that starting the program must not load: they cost more than all the rest, and few commands need them. */
const lazyPackages: readonly string[] = ['undici', 'yaml', 'cli-progress', 'string-width'];

/** Modules that every command loads before its own; each loads the next by `import()`. */
const starts: readonly string[] = ['main.ts', 'cli/run.ts', 'cli/context.ts'];

/** In lines. Functions are measured by oxlint. */
const longestFile = 250;

/** Files in one folder, without its sub-folders. */
const widestFolder = 20;

/** File names that say nothing about what is in them. */
const namelessFiles: readonly string[] = ['utils.ts', 'util.ts', 'helpers.ts', 'common.ts', 'misc.ts'];

/** Every violation in these sources, each beginning with its file. Empty if all is well. */
export function findViolations(sources: readonly Source[], table: Table): string[] {
  const scanned = sources.map(scanSource);
  return [
    ...scanned.flatMap((file) => checkImports(file, table)),
    ...scanned.flatMap(checkConstructs),
    ...scanned.flatMap(checkFile),
    ...checkFolders(sources),
    ...findCycles(scanned),
    ...findEagerLoads(scanned),
  ];
}

/**
 * The packages that these sources import, without built-ins, sorted.
 * @param what `values`: without packages of which only types are imported, which are not needed at run time
 */
export function importedPackages(sources: readonly Source[], what: 'values' | 'values and types'): string[] {
  const specifiers = sources
    .flatMap((source) => scanSource(source).imports)
    .filter(({ typeOnly }) => what !== 'values' || !typeOnly)
    .map(({ specifier }) => specifier);
  return [...new Set(specifiers.filter(isPackage).map(packageOf))].toSorted();
}

function checkImports(file: Scanned, table: Table): string[] {
  const room = roomOf(file.path, table);
  const row = table.get(room);
  if (row === undefined) return [`${file.path}: the table has no row for ${room}`];
  return file.imports.flatMap((imported) => {
    const problem = imported.specifier.startsWith('.')
      ? checkOwnImport(file, imported, row, table)
      : checkForeignImport(imported, row);
    return problem === undefined ? [] : [`${file.path}: ${problem}`];
  });
}

function checkOwnImport(file: Scanned, imported: Import, row: Row, table: Table): string | undefined {
  const target = resolveImport(file, imported);
  const room = roomOf(target, table);
  if (target.startsWith('../')) return `imports ${imported.specifier}, which is outside src/`;
  if (room === roomOf(file.path, table)) return undefined;
  if (row.rooms.has(room)) return undefined;
  if (!row.types.has(room)) return `must not import ${target}`;
  return imported.typeOnly ? undefined : `may import only types of ${target}, with "import type"`;
}

/**
 * What rows allow but their rooms do not use, a sentence each. If a room is allowed entirely, more than its types must be used.
 */
export function findIdleGrants(sources: readonly Source[], table: Table): string[] {
  const used = new Map<string, Set<string>>();
  for (const file of sources.map(scanSource)) {
    const room = roomOf(file.path, table);
    for (const imported of file.imports) {
      const { specifier } = imported;
      const name = specifier.startsWith('.')
        ? roomOf(resolveImport(file, imported), table)
        : isPackage(specifier)
          ? packageOf(specifier)
          : specifier;
      used.set(room, (used.get(room) ?? new Set()).add(imported.typeOnly ? `types of ${name}` : name));
    }
  }
  return [...table].flatMap(([room, row]) => {
    const granted = [
      ...(row.takesAll ? [] : row.rooms),
      ...row.packages.keys(),
      ...[...row.types].map((name) => `types of ${name}`),
    ];
    return granted.filter((name) => used.get(room)?.has(name) !== true).map((name) => `${room}: imports no ${name}`);
  });
}

function checkForeignImport(imported: Import, row: Row): string | undefined {
  const { specifier, names, typeOnly } = imported;
  const name = isPackage(specifier) ? packageOf(specifier) : specifier;
  if (name.startsWith('node:') && !guardedBuiltIns.includes(name)) return undefined;
  if (row.types.has(name)) return typeOnly ? undefined : `may import only types of ${name}, with "import type"`;
  const allowed = row.packages.get(name);
  if (allowed === undefined) return `must not import ${name}`;
  const excess = allowed === null ? [] : (names ?? ['*']).filter((taken) => !allowed.includes(taken));
  return excess.length === 0 ? undefined : `must not import ${excess.join(', ')} of ${name}`;
}

function isPackage(specifier: string): boolean {
  return !specifier.startsWith('.') && !specifier.startsWith('node:');
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function resolveImport(file: Scanned, imported: Import): string {
  return posix.join(posix.dirname(file.path), imported.specifier);
}

function checkConstructs(file: Scanned): string[] {
  const found = new Set(file.constructs);
  if (file.path === 'main.ts') found.delete('process');
  return [...found].map((construct) => `${file.path}: uses ${construct}`);
}

/**
 * What exceeds the limits outside of src/: folders, and scripts of any language. Files of tests may be of any length, as may
 * what is no script.
 */
export function findExcess(files: readonly Source[]): string[] {
  const isScript = ({ path, text }: Source): boolean => /\.(?:[cm]?[jt]s|py|sh)$/.test(path) || text.startsWith('#!');
  const scripts = files.filter((file) => isScript(file) && !file.path.endsWith('.test.ts'));
  return [...scripts.flatMap(checkLength), ...checkFolders(files)];
}

function checkLength({ path, text }: Source): string[] {
  const lines = text.trimEnd().split('\n').length;
  return lines > longestFile ? [`${path}: has ${String(lines)} lines, more than ${String(longestFile)}`] : [];
}

function checkFile(file: Scanned): string[] {
  const { path, text } = file;
  const name = posix.basename(path);
  const mark = /\b(?:TODO|FIXME|XXX)\b/.exec(text)?.[0];
  return [
    ...(namelessFiles.includes(name) ? [`${path}: is named after nothing that is in it`] : []),
    ...(name === 'index.ts' && path !== name ? [`${path}: only src/index.ts may be an index`] : []),
    ...checkLength(file),
    ...(/\bmkdir\w*\([^;]*\brecursive\b/.test(text) ? [`${path}: has a recursive mkdir, which may never end`] : []),
    ...(mark === undefined ? [] : [`${path}: has a ${mark}`]),
  ];
}

/** A folder with too many files to look through. */
function checkFolders(sources: readonly Source[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of sources) {
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > widestFolder)
    .map(([folder, count]) => `${folder}: has ${String(count)} files, more than ${String(widestFolder)}`);
}

/** A sentence for each import that closes a cycle, types included: modules that know each other are one thing. */
function findCycles(files: readonly Scanned[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: Scanned, trail: readonly string[]): void => {
    const start = trail.indexOf(file.path);
    if (start >= 0) cycles.push(`${file.path}: imports itself by way of ${trail.slice(start + 1).join(', ')}`);
    if (start >= 0 || done.has(file.path)) return;
    for (const imported of file.imports) {
      const next = byPath.get(resolveImport(file, imported));
      if (next !== undefined) visit(next, [...trail, file.path]);
    }
    done.add(file.path);
  };
  for (const file of files) visit(file, []);
  return cycles;
}

/** The files that are loaded with a file, this one included, sorted. */
export function findLoaded(path: string, sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const loaded = new Set([path]);
  for (const each of loaded) {
    const source = byPath.get(each);
    if (source === undefined) continue;
    const file = scanSource(source);
    for (const imported of file.imports) {
      if (imported.atStart && imported.specifier.startsWith('.')) loaded.add(resolveImport(file, imported));
    }
  }
  return [...loaded].toSorted();
}

/** Packages that are loaded without being asked for by a command, with the import path to each. */
function findEagerLoads(files: readonly Scanned[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] => {
    const file = byPath.get(path);
    if (file === undefined || seen.has(path)) return [];
    seen.add(path);
    const way = [...trail, path];
    return file.imports
      .filter(({ atStart }) => atStart)
      .flatMap((imported) => {
        if (imported.specifier.startsWith('.')) return visit(resolveImport(file, imported), way);
        return lazyPackages.includes(packageOf(imported.specifier))
          ? [`${path}: loads ${packageOf(imported.specifier)} at start-up, by way of ${way.join(', ')}`]
          : [];
      });
  };
  return starts.flatMap((start) => visit(start, []));
}
