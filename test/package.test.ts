// What `npm publish` would send, and what package.json and package-lock.json promise. Needs the built program in dist/.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { version } from '../src/version.ts';
import { importedPackages } from './architecture/check.ts';
import { scanSource, type Source } from './architecture/scan.ts';
import { readTable, roomOf } from './architecture/table.ts';

const root = join(import.meta.dirname, '..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: unknown;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}

interface Packed {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
}

interface LockEntry {
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(root, name), 'utf8'));
}

/** Every file of src/, from there. */
function sourceNames(): string[] {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => name.replaceAll('\\', '/'));
}

/** Those of them that are published as separate modules. */
function libraryNames(): string[] {
  const table = readTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));
  const rooms = table.get('index')?.rooms;
  return sourceNames().filter((name) => name === 'index.ts' || rooms?.has(roomOf(name, table)) === true);
}

function readSources(names: readonly string[]): Source[] {
  return names.map((path) => ({ path, text: readFileSync(join(root, 'src', path), 'utf8') }));
}

const manifest = readJson('package.json') as Manifest;

describe('the package', () => {
  // Without scripts: `prepare` would rebuild dist/ while other tests run it.
  const report = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(report) as { files: Packed[] }[];
  const files = packed?.files ?? [];
  const exampleNames = readdirSync(join(root, 'examples')).filter(
    (name) => name.endsWith('.mjs') && name !== 'run.mjs',
  );

  test("holds the bundled program, the library's modules, man pages and documents, and nothing else", () => {
    const expected = [
      'CHANGELOG.md',
      'docs/library.md',
      'LICENSE',
      'README.md',
      'bin/glance-cli.js',
      'bin/package.json',
      'package.json',
      ...libraryNames().flatMap((name) => ['.js', '.d.ts'].map((suffix) => `dist/${name.replace(/\.ts$/, suffix)}`)),
      ...exampleNames.map((name) => `examples/${name}`),
      ...readdirSync(join(root, 'dist/program')).map((name) => `dist/program/${name}`),
      ...readdirSync(join(root, 'man')).map((name) => `man/${name}`),
      ...readdirSync(join(root, 'schemas')).map((name) => `schemas/${name}`),
    ];
    expect(files.map(({ path }) => path).toSorted()).toEqual(expected.toSorted());
  });

  test('holds every file that its guide links to', () => {
    const held = new Set(files.map(({ path }) => path));
    const guide = readFileSync(join(root, 'docs/library.md'), 'utf8');
    const linked = [...guide.matchAll(/\]\(([^)#:]+)/g)].map(([, path = '']) => posix.join('docs', path));
    expect(linked).toEqual(expect.arrayContaining(exampleNames.map((name) => `examples/${name}`)));
    expect(linked.filter((path) => !held.has(path))).toEqual([]);
  });

  test('holds everything that its modules import', () => {
    const held = new Set(files.map(({ path }) => path));
    const missing = readSources(libraryNames()).flatMap((source) =>
      scanSource(source)
        .imports.filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => posix.join('dist', posix.dirname(source.path), specifier.replace(/\.ts$/, '.js')))
        .filter((path) => !held.has(path))
        .map((path) => `${source.path}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('has an executable program', () => {
    expect(manifest.bin).toEqual({ 'glance-cli': 'bin/glance-cli.js' });
    expect(files.find(({ path }) => path === 'bin/glance-cli.js')?.mode).toBe(0o755);
    expect(readFileSync(join(root, 'bin/glance-cli.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test('runs on Node 20.18.1 and later', () => {
    expect(manifest.engines).toEqual({ node: '>=20.18.1' });
  });

  test('has the same version everywhere', () => {
    const lock = readJson('package-lock.json') as Manifest;
    expect([version, lock.version]).toEqual([manifest.version, manifest.version]);
  });

  test('depends on exactly the packages that src/ imports', () => {
    const sources = readSources(sourceNames());
    const { dependencies, peerDependencies } = manifest;
    expect(importedPackages(sources, 'values')).toEqual(
      [...Object.keys(dependencies), ...Object.keys(peerDependencies)].toSorted(),
    );
  });

  test('needs no queue packages unless they are wanted', () => {
    const { peerDependencies, peerDependenciesMeta } = manifest;
    expect(Object.keys(peerDependencies)).toEqual(['bullmq', 'ioredis']);
    expect(Object.values(peerDependenciesMeta)).toEqual([{ optional: true }, { optional: true }]);
    // A user of the library may not have the packages of types that it publishes.
    const [queueTypes] = readSources(['queue/work-queue.ts']);
    expect(importedPackages(queueTypes === undefined ? [] : [queueTypes], 'values and types')).toEqual([]);
  });

  test('needs no further package for its published types', () => {
    const needed = importedPackages(readSources(libraryNames()), 'values and types');
    const known = { ...manifest.dependencies, ...manifest.peerDependencies };
    expect(needed.filter((name) => !Object.hasOwn(known, name))).toEqual([]);
  });

  test('has commander and its types in the same major version', () => {
    const majors = [manifest.dependencies['commander'], manifest.devDependencies['@commander-js/extra-typings']];
    expect(majors.map((each) => each?.split('.', 1)[0])).toEqual(['14', '14']);
  });
});

describe('package-lock.json', () => {
  const lock = readJson('package-lock.json') as { packages: Record<string, LockEntry> };

  test('names no registry, so that each machine uses its own', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });

  test('pins every package by its digest', () => {
    const unpinned = Object.entries(lock.packages).filter(
      ([path, entry]) => path !== '' && entry.integrity === undefined && entry.inBundle !== true,
    );
    expect(unpinned.map(([path]) => path)).toEqual([]);
  });

  // If the registry lacked a binding for another platform when the lock file was written, `npm ci` refuses the file.
  test('has all dependencies, including those for other platforms', () => {
    const present = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')));
    const missing = Object.values(lock.packages)
      .flatMap((entry) => Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }))
      .filter((name) => !present.has(name));
    expect(missing).toEqual([]);
  });
});
