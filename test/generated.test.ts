// The committed man pages are the ones that the command tree gives; `npm run man` writes them.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../src/cli/exit-codes.ts';
import { buildProgram, examples } from '../src/cli/program.ts';
import { manualPages } from '../src/docs/manual.ts';
import { version } from '../src/version.ts';

const root = join(import.meta.dirname, '..');
const program = buildProgram(version, () => Promise.resolve());
const pages = manualPages(program, { version, exitCodes, examples });
const committed = readdirSync(join(root, 'man')).toSorted();

describe('man/', () => {
  test('holds the page of each command and no other', () => {
    expect(committed).toEqual(pages.map(({ name }) => name).toSorted());
  });

  test.each(pages)('holds $name as the command tree gives it', ({ name, text }) => {
    expect(readFileSync(join(root, 'man', name), 'utf8')).toBe(text);
  });

  test('is listed in package.json, so that npm installs every page', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { man?: string[] };
    expect(manifest.man?.toSorted()).toEqual(committed.map((name) => `man/${name}`));
  });

  test('tells every exit code on the first page', () => {
    const [first] = pages;
    for (const { exit, name } of exitCodes) expect(first?.text).toContain(`\n\\fB${String(exit)}\\fR (${name})\n`);
  });

  const hasMandoc = spawnSync('mandoc', ['-T', 'lint'], { input: '' }).error === undefined;

  test.skipIf(!hasMandoc)('satisfies mandoc down to matters of style (skipped where mandoc is not installed)', () => {
    const paths = committed.map((name) => join('man', name));
    const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'style', ...paths], { cwd: root, encoding: 'utf8' });
    expect(`${lint.stdout}${lint.stderr}`).toBe('');
    expect(lint.status).toBe(0);
  });
});
