// docs/library.md: its programs are the ones that are run, and it documents every export and nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GlanceClient } from '../src/index.ts';
import { schemaNames } from './support/schemas/schemas.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const doc = read('docs/library.md');

/** The text below a heading, up to the next. */
function section(heading: string): string {
  return doc.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
}

/** The code spans in the first cells of a section's table. */
function rows(heading: string): string[] {
  const cells = section(heading)
    .split('\n')
    .flatMap((line) => (line.startsWith('| `') ? [line.split(' | ', 1)[0] ?? ''] : []));
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)).toSorted();
}

/** All names that index.ts exports. */
function exportedNames(): string[] {
  const lists = [...read('src/index.ts').matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map(([, list = '']) => list);
  const names = lists
    .flatMap((list) => list.split(','))
    .map((each) => each.trim().replace(/^(?:type )?(?:.* as )?/, ''));
  return names.filter((name) => name !== '').toSorted();
}

describe('docs/library.md', () => {
  it('shows the programs that the tests run, unchanged', () => {
    const blocks = [...doc.matchAll(/^\[(.*?)\]\(\.\.\/(.*?)\)\n\n```js\n([\s\S]*?)^```$/gm)];
    const shown = blocks.map(([, label = '', path = '', text = '']) => ({ label, path, text }));
    const programs = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.mjs') && name !== 'run.mjs');
    const paths = programs.map((name) => `examples/${name}`);
    expect(shown.toSorted(({ path: a }, { path: b }) => (a < b ? -1 : 1))).toEqual(
      paths.toSorted().map((path) => ({ label: path, path, text: read(path) })),
    );
    expect(doc.match(/^```js$/gm)).toHaveLength(shown.length);
  });

  it('has every method of GlanceClient', () => {
    const methods = Object.getOwnPropertyNames(GlanceClient.prototype).filter((name) => name !== 'constructor');
    const told = rows('Methods of GlanceClient').map((call) => call.replace(/\(.*\)$/, ''));
    expect(told).toEqual(['connect', ...methods].toSorted());
  });

  it('documents every export and nothing else', () => {
    const tables = ['Functions and classes', 'Errors that are thrown', 'Types that are exported'];
    expect([...new Set(tables.flatMap(rows))].toSorted()).toEqual(exportedNames());
  });

  it('has every schema', () => {
    expect(rows('Types')).toEqual([...schemaNames].toSorted());
  });
});
