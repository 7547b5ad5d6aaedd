import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allowedReads, findAmbientReads } from './architecture/ambient.ts';
import { findUnusedExports } from './architecture/exports.ts';
import { findExcess, findIdleGrants, findLoaded, findViolations } from './architecture/check.ts';
import { withOptions } from '../src/cli/console/option-names.ts';
import { scanSource, type Source } from './architecture/scan.ts';
import { readTable, roomOf } from './architecture/table.ts';

const root = join(import.meta.dirname, '..');

function readSources(): Source[] {
  return readFiles('src', /(?<!\.d)\.ts$/);
}

/** The files of a folder whose names match, by their paths from there. */
function readFiles(folder: string, names: RegExp): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => names.test(name))
    .map((name) => ({ path: name.replaceAll('\\', '/'), text: readFileSync(join(root, folder, name), 'utf8') }));
}

describe('src/', () => {
  const table = readTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));

  test("keeps to ARCHITECTURE.md's table of imports and to the rules of the house", () => {
    expect(findViolations(readSources(), table)).toEqual([]);
  });

  test('reaches what is below the client only through the client, except for types', () => {
    const engine = /^(?:\.\.\/)+(?:http|identity|image|disk|transfer|mirror)\//;
    const found = readSources()
      .filter(({ path }) => path.startsWith('cli/'))
      .flatMap((source) =>
        scanSource(source)
          .imports.filter(({ specifier, typeOnly }) => !typeOnly && engine.test(specifier))
          .map(({ specifier }) => `${source.path}: ${specifier}`),
      );
    expect(found).toEqual([]);
  });

  test('names options as a program gives them, except in the command line itself, and names only known ones', () => {
    // Except variables of CSS, and lines for a shell.
    const commandLine = /^(?:cli|docs)\/|^main\.ts$|^pages\/style\.ts$|^server\/pages\/fetch-commands\.ts$/;
    // Options of node, and of aws.
    const foreign = /--(?:jitless|no-expose-wasm|profile|format)\b/g;
    const isTyped = (text: string): boolean => /--[a-z]/.test(text.replaceAll(foreign, ''));
    const texts = readSources()
      .filter(({ path }) => !commandLine.test(path))
      .flatMap((source) => scanSource(source).texts.map((text) => ({ path: source.path, text })));
    const rule = 'name an option by its key in cli/console/option-names.ts, between backticks: `latest`, not --latest';
    const wrong = texts.filter(({ text }) => isTyped(text) || withOptions(text).includes('`'));
    expect(wrong.map(({ path, text }) => `${path}: ${rule}: ${text}`)).toEqual([]);
    expect(texts.some(({ text }) => text.includes('`latest`'))).toBe(true);
  });

  test('reads the clock, chance and the machine only where architecture/ambient.ts says so', () => {
    expect(findAmbientReads(readSources())).toEqual(allowedReads);
  });

  test('sets V8 flags in the program only, since a library shares them with whatever imports it', () => {
    const setting = readSources().filter(({ text }) => text.includes('setFlagsFromString'));
    expect(setting.map(({ path }) => path)).toEqual(['cli/v8-flags.ts']);
  });

  test('loads no server with the library, before a program serves something', () => {
    const loaded = findLoaded('index.ts', readSources());
    expect(loaded).toContain('client/connection.ts');
    expect(loaded.filter((path) => path.startsWith('server/'))).toEqual(['server/serve.ts']);
  });

  test('exports only what another file imports', () => {
    const readers = ['test', 'bench', 'bin', 'examples'].flatMap((folder) =>
      readFiles(folder, /\.(?:ts|mjs|cjs)$/).map(({ path, text }) => ({ path: `../${folder}/${path}`, text })),
    );
    // Drop the keyword of what is found here, or the whole of it.
    expect(findUnusedExports(readSources(), readers, ['index.ts', 'main.ts'])).toEqual([]);
  });

  test('counts things only through count.ts, which knows the singular', () => {
    const counted =
      /\$\{String\((?!max[A-Z])[^}]*\)\} (?:bytes|entries|extents|files|findings|images|lines|logins|records|sectors|snapshots|times)\b/g;
    const found = readSources().flatMap(({ path, text }) =>
      [...text.matchAll(counted)].map(([match]) => `${path}: ${match}`),
    );
    expect(found).toEqual(['disk/formats/qcow2.ts: ${String(clusterBits)} bytes']);
  });

  test('uses every import that the table allows', () => {
    expect(findIdleGrants(readSources(), table)).toEqual([]);
  });

  test('has a file for every row of the table', () => {
    const rooms = new Set(readSources().map(({ path }) => roomOf(path, table)));
    expect([...table.keys()].filter((room) => !rooms.has(room))).toEqual([]);
  });
});

/** Every file below a folder, from the root. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll('\\', '/'));
}

describe('beside src/', () => {
  test.each(['bin', 'bench', 'examples', 'test'])('%s/ has no crowded folder and no long script', (folder) => {
    const files = filesBelow(folder)
      .filter((path) => !/^test\/fixtures\/|\/__pycache__(?:\/|$)/.test(path))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
    expect(findExcess(files)).toEqual([]);
  });

  test('test/unit/ has the folders of src/, and few of its own', () => {
    const foldersOf = (above: string): Set<string> =>
      new Set(filesBelow(above).map((path) => dirname(path).slice(above.length + 1)));
    const rooms = foldersOf('src');
    // Tests of `cli/connection.ts`, of the demo, and of the servers and simulations that other tests use.
    const own = /^(?:cli\/connection|examples(?:\/demo(?:\/images)?)?|support)$/;
    expect([...foldersOf('test/unit')].filter((folder) => !rooms.has(folder) && !own.test(folder))).toEqual([]);
  });
});

const table = readTable(`
| room | owns | may import | packages |
|---|---|---|---|
| \`errors.ts\` | the errors | – | – |
| \`clock.ts\` | time | – | – |
| \`http/secrets/\` | secrets | – | – |
| \`http/\` | requests | all of the above | undici, \`node:http\` (STATUS_CODES) |
| \`image/\` | the model | errors, clock, http | – |
| \`image/v1/\` | one API | image | – |
| \`image/v2/\` | the other | http/*, image | – |
| \`disk/formats/\` | parsers | errors | – |
| \`disk/\` | bytes | errors, disk/formats | – |
| \`transfer/\` | bytes | errors | – |
| \`server/\` | serving | errors, types of image and disk | node:http |
| \`docs/\` | manuals | types of commander | – |
| \`cli/runtime.ts\` | the world | – | – |
| \`cli/\` | commands | all of the above | commander |
| \`main.ts\` | the process | cli | – |
| \`index.ts\` | the library | all of the above but cli/*, docs and main | – |
`);

function check(path: string, text: string): string[] {
  return findViolations([{ path, text }], table);
}

describe('the check of imports', () => {
  test.each([
    ['http/a.ts', `import { b } from '../errors.ts'; import { c } from './c.ts'; import { Agent } from 'undici';`],
    ['http/a.ts', `import { STATUS_CODES } from 'node:http'; import { isIP } from 'node:net';`],
    ['server/a.ts', `import type { Image } from '../image/image.ts'; import { createServer } from 'node:http';`],
    ['server/a.ts', `import type { Disk } from '../disk/disk.ts';`],
    ['docs/a.ts', `import type { Command } from 'commander';`],
    ['main.ts', `import { run } from './cli/run.ts'; process.exitCode = await run(process.argv);`],
    ['index.ts', `export { download } from './transfer/download.ts'; export type * from './image/image.ts';`],
    ['image/v2/a.ts', `import { a } from '../image.ts'; import { b } from '../../http/secrets/b.ts';`],
    ['cli/a.ts', `import { a } from './runtime.ts'; import { b } from '../image/v1/b.ts';`],
    ['disk/a.ts', `// import { x } from '../cli/run.ts'\nconst text = "import '../cli/run.ts'; process.exit()";`],
  ])('passes in %s: %s', (path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  test.each([
    ['transfer/a.ts', `import { c } from '../http/client.ts';`, 'must not import http/client.ts'],
    ['transfer/a.ts', `import type { C } from '../http/client.ts';`, 'must not import http/client.ts'],
    ['transfer/a.ts', `export * from '../disk/disk.ts';`, 'must not import disk/disk.ts'],
    ['image/a.ts', `export { c } from '../disk/disk.ts';`, 'must not import disk/disk.ts'],
    ['disk/a.ts', `const c = await import('../cli/run.ts');`, 'must not import cli/run.ts'],
    ['disk/a.ts', `type C = import('../cli/run.ts').C;`, 'must not import cli/run.ts'],
    ['disk/formats/a.ts', `import '../../cli/run.ts';`, 'must not import cli/run.ts'],
    ['http/secrets/a.ts', `import { a } from '../client.ts';`, 'must not import http/client.ts'],
    ['image/v1/a.ts', `import { a } from '../v2/a.ts';`, 'must not import image/v2/a.ts'],
    ['image/v1/a.ts', `import type { A } from '../../http/secrets/a.ts';`, 'must not import http/secrets/a.ts'],
    ['image/a.ts', `import { a } from '../http/secrets/a.ts';`, 'must not import http/secrets/a.ts'],
    ['image/a.ts', `import { a } from './v1/a.ts';`, 'must not import image/v1/a.ts'],
    ['cli/runtime.ts', `import { a } from './context.ts';`, 'must not import cli/context.ts'],
    ['clock.ts', `import { a } from './errors.ts';`, 'must not import errors.ts'],
    ['index.ts', `export { run } from './cli/run.ts';`, 'must not import cli/run.ts'],
    ['server/a.ts', `import { a } from '../image/a.ts';`, 'may import only types of image/a.ts, with "import type"'],
    ['server/a.ts', `import { type A } from '../disk/a.ts';`, 'may import only types of disk/a.ts, with "import type"'],
    ['docs/a.ts', `import { Command } from 'commander';`, 'may import only types of commander, with "import type"'],
    [
      'cli/a.ts',
      `const d = await import('../../examples/demo/demo.ts');`,
      'imports ../../examples/demo/demo.ts, which is outside src/',
    ],
    ['cli/a.ts', `import { fetch } from 'undici';`, 'must not import undici'],
    ['http/a.ts', `import { request } from 'node:http';`, 'must not import request of node:http'],
    ['http/a.ts', `import * as http from 'node:http';`, 'must not import * of node:http'],
    ['cli/a.ts', `import { argv } from 'node:process';`, 'must not import node:process'],
    ['cli/a.ts', `import fs from 'fs';`, 'must not import fs'],
    ['cli/a.ts', `import x from '@scope/name/deep';`, 'must not import @scope/name'],
    ['cli/a.ts', `const c = await import(name);`, 'must not import (computed)'],
    ['cli/a.ts', `import { x } from '../../bin/x.ts';`, 'imports ../../bin/x.ts, which is outside src/'],
    ['novelty/a.ts', ``, 'the table has no row for novelty'],
    ['image/v3/a.ts', ``, 'the table has no row for image/v3'],
  ])('finds in %s: %s', (path, text, problem) => {
    expect(check(path, text)).toEqual([`${path}: ${problem}`]);
  });

  test('finds what a row allows but its room does not import, or of which it only imports types', () => {
    const rows = readTable(`
| room | may import | packages |
|---|---|---|
| \`errors.ts\` | – | – |
| \`clock.ts\` | – | – |
| \`http/\` | errors, clock | undici, node:http |
| \`image/\` | http, types of errors, clock | – |
| \`cli/\` | all of the above | – |
`);
    const sources = [
      { path: 'http/a.ts', text: `import type { A } from '../errors.ts'; import { b } from '../clock.ts';` },
      { path: 'image/a.ts', text: `import type { A } from '../errors.ts'; const b = await import('../http/a.ts');` },
      { path: 'cli/a.ts', text: '' },
    ];
    expect(findIdleGrants(sources, rows)).toEqual([
      'http: imports no errors',
      'http: imports no undici',
      'http: imports no node:http',
      'image: imports no types of clock',
    ]);
  });

  test('finds files that import each other, even if only for types', () => {
    const sources = [
      { path: 'disk/a.ts', text: `import { b } from './b.ts';` },
      { path: 'disk/b.ts', text: `import type { C } from './c.ts';` },
      { path: 'disk/c.ts', text: `export { a } from './a.ts';` },
    ];
    expect(findViolations(sources, table)).toEqual(['disk/a.ts: imports itself by way of disk/b.ts, disk/c.ts']);
  });

  test('finds an expensive package loaded at start-up, and accepts one behind import()', () => {
    const main = { path: 'main.ts', text: `import { run } from './cli/run.ts';` };
    const client = { path: 'http/client.ts', text: `import Agent from 'undici/lib/dispatcher/agent.js';` };
    const lazy = { path: 'cli/run.ts', text: `const { c } = await import('../http/client.ts');` };
    const eager = { path: 'cli/run.ts', text: `import { type C } from '../http/client.ts';` };
    const context = { path: 'cli/context.ts', text: `import { type C } from '../http/client.ts';` };
    expect(findViolations([main, client, lazy], table)).toEqual([]);
    expect(findViolations([main, client, lazy, context], table)).toEqual([
      'http/client.ts: loads undici at start-up, by way of cli/context.ts, http/client.ts',
    ]);
    expect(findViolations([main, client, eager], table)).toEqual([
      'http/client.ts: loads undici at start-up, by way of main.ts, cli/run.ts, http/client.ts',
    ]);
  });

  test.each([
    ['a name that no row has', 'errors', 'errors'],
    ['the name of a folder that no row is in', 'errors/*', 'errors/*'],
    ['a name that only a later row has, so that no two rooms import each other', 'server', 'server'],
    ['the same, for types', 'types of server', 'server'],
    ['an exception that no row has', 'all of the above but errors', 'errors'],
  ])('refuses a table with %s', (_what, cell, name) => {
    const head = '| room | may import | packages |\n|---|---|---|\n';
    expect(() => readTable(`${head}| disk/ | ${cell} | – |\n| server/ | disk | – |\n`)).toThrow(
      `no row above for "${name}", which "${cell}" names`,
    );
  });

  test('refuses a text without the table', () => {
    expect(() => readTable('# Architecture\n')).toThrow('there is no table');
  });
});

describe('the check of exports', () => {
  const exporting = `export const a = 1; export function b() {} export interface C {} export const { d, e: f } = a; export type G = C;`;

  test.each([
    [
      'imports',
      `import { a, b } from './a.ts'; import type { C, G } from './a.ts'; export { d, f } from './a.ts';`,
      [],
    ],
    ['an import whose names cannot be seen', `const { a, b, d } = await import('./a.ts');`, ['C', 'G', 'f']],
    ['an import of another file', `import { a } from '../a.ts';`, ['C', 'G', 'a', 'b', 'd', 'f']],
  ])('sees %s', (_what, text, unused) => {
    const sources = [
      { path: 'disk/a.ts', text: exporting },
      { path: 'disk/b.ts', text },
    ];
    expect(findUnusedExports(sources, [], ['disk/b.ts'])).toEqual(unused.map((name) => `disk/a.ts: ${name}`));
  });

  test('knows entries, and files outside src/ that import', () => {
    const sources = [{ path: 'disk/a.ts', text: exporting }];
    expect(findUnusedExports(sources, [], ['disk/a.ts'])).toEqual([]);
    const readers = [
      { path: '../test/unit/a.test.ts', text: `import { a, type C } from '../../src/disk/a.ts';` },
      { path: '../bench/a.mjs', text: `const { b } = await import("../dist/disk/a.js");` },
    ];
    expect(findUnusedExports(sources, readers, [])).toEqual(['disk/a.ts: G', 'disk/a.ts: d', 'disk/a.ts: f']);
  });
});

describe('the check of what is read from the surroundings', () => {
  test.each([
    [`const now = Date.now();`, 'Date.now'],
    [`const now = new Date();`, 'new Date()'],
    [`const timer = setTimeout(done, 5);`, 'setTimeout'],
    [`import { homedir } from 'node:os';`, 'homedir of node:os'],
    [`import * as os from 'node:os';`, '* of node:os'],
    [`import { systemClock } from '../clock.ts';`, 'systemClock'],
    [`const { bareSystem } = await import('./system.ts');`, 'bareSystem'],
  ])('finds in %s: %s', (text, what) => {
    expect(findAmbientReads([{ path: 'client/a.ts', text }])).toEqual([`client/a.ts: ${what}`]);
  });

  test.each([
    [`// Date.now()\nconst then = new Date(clock.wallTime()).toISOString(); socket.setTimeout(5);`],
    [`import type { Clock } from '../clock.ts'; import type { CpuInfo } from 'node:os';`],
  ])('passes %s', (text) => {
    expect(findAmbientReads([{ path: 'client/a.ts', text }])).toEqual([]);
  });
});

describe('the check of the rules of the house', () => {
  test.each([
    ['cli/a.ts', `const a: any = 1;`, 'uses any'],
    ['cli/a.ts', `enum Colour { Red }`, 'uses an enum'],
    ['cli/a.ts', `namespace Colours { export const red = 1; }`, 'uses a namespace'],
    ['cli/a.ts', `class A { constructor(readonly b: string) {} }`, 'uses a parameter property'],
    ['cli/a.ts', `export default 1;`, 'uses a default export'],
    ['cli/a.ts', `const a = 1; export { a as default };`, 'uses a default export'],
    ['cli/a.ts', `export const b = a!;`, 'uses a non-null assertion'],
    ['cli/a.ts', `process.exit(1);`, 'uses process'],
    ['cli/a.ts', `const { env } = process;`, 'uses process'],
    ['cli/a.ts', `globalThis.process.exit(1);`, 'uses process'],
    ['main.ts', `console.log(1);`, 'uses console'],
    ['cli/utils.ts', ``, 'is named after nothing that is in it'],
    ['cli/index.ts', ``, 'only src/index.ts may be an index'],
    ['cli/a.ts', `// TODO: everything`, 'has a TODO'],
    ['cli/a.ts', `await mkdir(path, { recursive: true });`, 'has a recursive mkdir, which may never end'],
    ['cli/a.ts', '\n'.repeat(250) + 'const a = 1;\n', 'has 251 lines, more than 250'],
  ])('finds in %s: %s', (path, text, problem) => {
    expect(check(path, text)).toEqual([`${path}: ${problem}`]);
  });

  test('finds a folder of more than 20 files, its sub-folders aside', () => {
    const files = (folder: string, count: number): Source[] =>
      Array.from({ length: count }, (_, index) => ({ path: `${folder}/${String(index)}.ts`, text: '' }));
    expect(findViolations([...files('image', 20), ...files('image/v1', 20)], table)).toEqual([]);
    expect(findViolations(files('image', 21), table)).toEqual(['image: has 21 files, more than 20']);
  });

  test('finds long scripts and crowded folders beside src/, but lets tests and lists be long', () => {
    const long = '\n'.repeat(250) + 'x\n';
    const paths = ['a.mjs', 'a.ts', 'a.py', 'a.cjs', 'a.test.ts', 'list.txt'];
    const files = [...paths.map((path) => ({ path, text: long })), { path: 'up', text: `#!/bin/sh${long}` }];
    expect(findExcess(files)).toEqual(
      ['a.mjs', 'a.ts', 'a.py', 'a.cjs', 'up'].map((path) => `${path}: has 251 lines, more than 250`),
    );
    const many = Array.from({ length: 21 }, (_, index) => ({ path: `a/${String(index)}.test.ts`, text: '' }));
    expect(findExcess(many)).toEqual(['a: has 21 files, more than 20']);
  });

  test.each([
    ['a property named process', `export const a = child.process; export const b = { process: 1, console: 2 };`],
    ['the words in a comment or a string', `// any enum, console, process\nexport const a = 'export default process';`],
    ['a file of 250 lines', '\n'.repeat(249) + 'const a = 1;\n'],
  ])('passes %s', (_what, text) => {
    expect(check('cli/a.ts', text)).toEqual([]);
  });
});
