// The committed man pages are the ones that the command tree gives; `npm run man` writes them.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodeOf, exitCodes } from '../src/cli/console/exit-codes.ts';
import { buildProgram } from '../src/cli/tree/program.ts';
import { commandsOf } from '../src/docs/command-tree.ts';
import { commandExamples, programExamples } from '../src/docs/examples.ts';
import { commandExits } from '../src/docs/exits.ts';
import { commandFiles } from '../src/docs/files.ts';
import { imageKeyTexts } from '../src/docs/image-keys.ts';
import { manualPages } from '../src/docs/manual.ts';
import { isRetryable } from '../src/errors.ts';
import { imageKeys } from '../src/image/image.ts';
import { version } from '../src/version.ts';
import { isUnderstood } from './support/understood.ts';

const root = join(import.meta.dirname, '..');
const program = buildProgram(version, () => Promise.resolve());
const pages = manualPages(program, { version, exitCodes, exitCodeOf, isRetryable });
const committed = readdirSync(join(root, 'man')).toSorted();

describe('man/', () => {
  test('contains one page for each command, and no other', () => {
    expect(committed).toEqual(pages.map(({ name }) => name).toSorted());
  });

  test.each(pages)('contains $name as npm run man writes it', ({ name, text }) => {
    expect(readFileSync(join(root, 'man', name), 'utf8')).toBe(text);
  });

  test('is listed in package.json by npm run man, so that npm installs every page', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { man?: string[] };
    expect(manifest.man?.toSorted()).toEqual(committed.map((name) => `man/${name}`));
  });

  test('lists every exit code on the first page', () => {
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

describe('the documentation of commands', () => {
  const names = commandsOf(program).map((command) => command.name());

  test.each([
    ['exit codes', commandExits],
    ['examples', commandExamples],
    ['files', commandFiles],
  ])('has %s for every command and no other', (_what, table) => {
    expect(Object.keys(table).toSorted()).toEqual(names.toSorted());
  });

  test('assigns every exit code to some command, and only existing ones', () => {
    const told = new Set(Object.values(commandExits).flat());
    expect([...told].toSorted((a, b) => a - b)).toEqual(exitCodes.map(({ exit }) => exit));
  });

  test('lists the keys of an image in printing order', () => {
    expect(Object.keys(imageKeyTexts)).toEqual(imageKeys);
  });

  const lines = [programExamples, ...Object.values(commandExamples)]
    .flat()
    .flatMap(({ code }) => code.split('\n'))
    .map((line) => (/glance-cli[^|)>]*/.exec(line)?.[0].trim() ?? line).replace('HEX', '0'.repeat(64)));

  test.each(lines)('has the example %s, which the program understands', async (line) => {
    expect(await isUnderstood(line)).toBe(true);
  });
});
