import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findViolations } from './architecture/check.ts';
import type { Source } from './architecture/scan.ts';
import { importTable } from './architecture/table.ts';

const root = join(import.meta.dirname, '..');

function readSources(): Source[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: name.replaceAll('\\', '/'), text: readFileSync(join(root, 'src', name), 'utf8') }));
}

describe('src/', () => {
  test('keeps to the table of imports and to the rules of the house', () => {
    expect(findViolations(readSources())).toEqual([]);
  });

  test('is what ARCHITECTURE.md says: its table is the one that is checked', () => {
    expect(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')).toContain(importTable);
  });
});

function check(path: string, text: string): string[] {
  return findViolations([{ path, text }]);
}

describe('the check of imports', () => {
  test.each([
    ['http/a.ts', `import { b } from '../errors.ts'; import { c } from './c.ts'; import { Agent } from 'undici';`],
    ['output/a.ts', `import type { Image } from '../image/image.ts'; import chalk from 'chalk';`],
    ['http/a.ts', `import { STATUS_CODES } from 'node:http'; import { isIP } from 'node:net';`],
    ['docs/a.ts', `import type { Command } from 'commander';`],
    ['main.ts', `import { run } from './cli/run.ts'; process.exitCode = await run(process.argv);`],
    ['disk/a.ts', `// import { x } from '../cli/run.ts'\nconst text = "import '../cli/run.ts'; process.exit()";`],
  ])('passes what %s may import', (path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  test.each([
    ['transfer/a.ts', `import { c } from '../http/client.ts';`, 'must not import http/client.ts'],
    ['transfer/a.ts', `import type { C } from '../http/client.ts';`, 'must not import http/client.ts'],
    ['image/a.ts', `export * from '../identity/keystone.ts';`, 'must not import identity/keystone.ts'],
    ['image/a.ts', `export { c } from '../identity/keystone.ts';`, 'must not import identity/keystone.ts'],
    ['disk/a.ts', `const c = await import('../cli/run.ts');`, 'must not import cli/run.ts'],
    ['disk/a.ts', `type C = import('../cli/run.ts').C;`, 'must not import cli/run.ts'],
    ['disk/formats/a.ts', `import '../../cli/run.ts';`, 'must not import cli/run.ts'],
    ['clock.ts', `import { a } from './errors.ts';`, 'must not import errors.ts'],
    ['demo/a.ts', `import { a } from '../server/app.ts';`, 'must not import server/app.ts'],
    [
      'server/a.ts',
      `import { a } from '../image/image.ts';`,
      'may import only types of image/image.ts, with "import type"',
    ],
    [
      'server/a.ts',
      `import { type A } from '../image/image.ts';`,
      'may import only types of image/image.ts, with "import type"',
    ],
    ['docs/a.ts', `import { Command } from 'commander';`, 'may import only types of commander, with "import type"'],
    ['cli/a.ts', `import { fetch } from 'undici';`, 'must not import undici'],
    ['http/a.ts', `import { request } from 'node:http';`, 'must not import request of node:http'],
    ['http/a.ts', `import * as http from 'node:http';`, 'must not import * of node:http'],
    ['cli/a.ts', `import { argv } from 'node:process';`, 'must not import node:process'],
    ['cli/a.ts', `import fs from 'fs';`, 'must not import fs'],
    ['cli/a.ts', `import x from '@scope/name/deep';`, 'must not import @scope/name'],
    ['cli/a.ts', `const c = await import(name);`, 'must not import (computed)'],
    ['cli/a.ts', `import { x } from '../../bin/x.ts';`, 'imports ../../bin/x.ts, which is outside src/'],
    ['novelty/a.ts', ``, 'the table has no row for novelty'],
  ])('finds in %s: %s', (path, text, problem) => {
    expect(check(path, text)).toEqual([`${path}: ${problem}`]);
  });

  test('finds files that import each other, be it for types', () => {
    const sources = [
      { path: 'disk/a.ts', text: `import { b } from './b.ts';` },
      { path: 'disk/b.ts', text: `import type { C } from './formats/c.ts';` },
      { path: 'disk/formats/c.ts', text: `export { a } from '../a.ts';` },
    ];
    expect(findViolations(sources)).toEqual(['disk/a.ts: imports itself by way of disk/b.ts, disk/formats/c.ts']);
  });

  test('finds an expensive package that loads at start-up, and none behind import()', () => {
    const main = { path: 'main.ts', text: `import { run } from './cli/run.ts';` };
    const client = { path: 'http/client.ts', text: `import { Agent } from 'undici';` };
    const lazy = { path: 'cli/run.ts', text: `const { c } = await import('../http/client.ts');` };
    const eager = { path: 'cli/run.ts', text: `import { type C } from '../http/client.ts';` };
    expect(findViolations([main, client, lazy])).toEqual([]);
    expect(findViolations([main, client, eager])).toEqual([
      'http/client.ts: loads undici at start-up, by way of main.ts, cli/run.ts, http/client.ts',
    ]);
  });
});

describe('the check of the rules of the house', () => {
  test.each([
    ['cli/a.ts', `const a: any = 1;`, 'uses any'],
    ['cli/a.ts', `enum Colour { Red }`, 'uses an enum'],
    ['cli/a.ts', `namespace Colours { export const red = 1; }`, 'uses a namespace'],
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
    ['cli/a.ts', '\n'.repeat(300) + 'const a = 1;\n', 'has 301 lines, more than 300'],
  ])('finds in %s: %s', (path, text, problem) => {
    expect(check(path, text)).toEqual([`${path}: ${problem}`]);
  });

  test.each([
    ['a property named process', `export const a = child.process; export const b = { process: 1, console: 2 };`],
    ['the words in a comment or a string', `// any enum, console, process\nexport const a = 'export default process';`],
    ['a file of 300 lines', '\n'.repeat(299) + 'const a = 1;\n'],
  ])('passes %s', (_what, text) => {
    expect(check('cli/a.ts', text)).toEqual([]);
  });
});
