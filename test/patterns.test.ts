// No text from a stranger may cost more than linear time. `recheck` proves that of a regular expression by the ambiguity of its
// automaton; proofs are kept in `architecture/linear-patterns.txt`, since proving all of them takes a minute. A new pattern is
// proved when it is found: `npx vitest run test/patterns.test.ts -u` keeps the proof.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findPatterns, type Pattern } from './architecture/patterns.ts';

const root = join(import.meta.dirname, '..');
const kept = join(import.meta.dirname, 'architecture', 'linear-patterns.txt');

/** Expressions built at run time, and why they are linear; `hostile-text.test.ts` tries each. */
const composed = [
  // Emoji of a bounded length, or one character.
  'text/escape.ts',
  // Only the first hyphen of a run starts a match, and a part is looked for where the previous one ended.
  'output/compat/wrap.ts',
];

function findAll(): Pattern[] {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => name.replaceAll('\\', '/'));
  return files.flatMap((path) => findPatterns({ path, text: readFileSync(join(root, 'src', path), 'utf8') }));
}

describe('the regular expressions of src/', () => {
  const patterns = findAll();

  test('take linear time, whatever the text', async () => {
    const lines = new Map<string, { source: string; flags: string }>();
    for (const { literal } of patterns) if (literal !== null) lines.set(`/${literal.source}/${literal.flags}`, literal);
    const proved = new Set(readKept());
    const unproved = [...lines].filter(([line]) => !proved.has(line));
    if (unproved.length > 0) {
      // Takes two seconds to load.
      const { judge } = await import('./architecture/judge.ts');
      const faults = unproved.map(([, { source, flags }]) => judge(source, flags));
      expect(faults.filter((fault) => fault !== null)).toEqual([]);
    }
    await expect(`${[...lines.keys()].toSorted().join('\n')}\n`).toMatchFileSnapshot(kept);
  });

  test('are built from parts in two places only', () => {
    expect(patterns.flatMap(({ path, literal }) => (literal === null ? [path] : [])).toSorted()).toEqual(
      composed.toSorted(),
    );
  });
});

function readKept(): string[] {
  try {
    return readFileSync(kept, 'utf8').split('\n');
  } catch {
    // Without the list all are proved again.
    return [];
  }
}

test('finds patterns wherever they occur', () => {
  const text = 'const a = /x/g; b(`${c.split(/y/)}`); new RegExp(d); const e = 1 / 2 / 3; // /z/';
  expect(findPatterns({ path: 'a.ts', text }).map(({ literal }) => literal?.source ?? null)).toEqual(['x', 'y', null]);
});
