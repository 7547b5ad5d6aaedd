// The README and docs/ tell the truth: commands are valid, links lead somewhere, and exit codes and commands are the real ones.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../src/cli/console/exit-codes.ts';
import { buildProgram } from '../src/cli/tree/program.ts';
import { commandsOf } from '../src/docs/command-tree.ts';
import { version } from '../src/version.ts';
import { isUnderstood } from './support/understood.ts';
import { authOf, cloudsPath, makePlace } from './unit/identity/config/place.ts';

const root = join(import.meta.dirname, '..');
const papers = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
const readme = papers[0]?.text ?? '';

/** The code blocks in a language, without their fences. */
function blocksOf(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, name, block = '']) =>
    name === language ? [block] : [],
  );
}

/** The text of a section, up to the next of its level. */
function sectionOf(text: string, heading: string): string {
  const [, rest = ''] = text.split(`\n## ${heading}\n`);
  return rest.split('\n## ', 1)[0] ?? '';
}

/** The calls of the program in shell blocks: up to a pipe, a comment or a redirection. */
const lines = papers.flatMap(({ text }) =>
  blocksOf(text, 'sh')
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => /(?:^|\s|\()(glance-cli [^|)>#]*)/.exec(line.replace(/^#.*/, ''))?.[1]?.trim() ?? [])
    .filter((line) => !line.endsWith('.tgz')),
);

describe('README.md and docs/', () => {
  test.each([...new Set(lines)])('have the line %s, which the program understands', async (line) => {
    expect(await isUnderstood(line)).toBe(true);
  });

  test.each(papers)('$name has no broken links', ({ name, text }) => {
    const targets = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = targets.filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(root, name) : join(root, dirname(name), path);
      if (!existsSync(file)) return true;
      if (anchor === undefined) return false;
      const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading.toLowerCase().replaceAll(' ', '-'),
      );
      return !headings.includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('only name npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = papers.flatMap(({ text }) => [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name));
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

describe('README.md', () => {
  test('gets a newcomer started with two commands', () => {
    expect(blocksOf(readme, 'sh').slice(0, 2)).toEqual(['npm ci && npm run demo\n', 'npm ci && npm test\n']);
  });

  test('has a clouds.yaml and an openrc to copy, which log in alike', async () => {
    const [file = ''] = blocksOf(readme, 'yaml');
    const byFile = await (await makePlace({ [cloudsPath]: file })).load({ env: { OS_CLOUD: 'mycloud' } });
    const openrc = blocksOf(readme, 'sh').find((block) => block.includes('OS_USERNAME')) ?? '';
    const variables = [...openrc.matchAll(/(OS_\w+)=(\S+)/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    const env = { ...Object.fromEntries(variables), OS_PASSWORD: byFile.auth.get('password') ?? '' };
    const byVariables = await (await makePlace()).load({ env });
    expect(authOf(byFile)).toMatchObject({ username: 'alice', project_name: 'demo', password: 'secret' });
    expect([authOf(byVariables), byVariables.regionName]).toEqual([authOf(byFile), byFile.regionName]);
    expect([...byFile.warnings, ...byVariables.warnings]).toEqual([]);
  });

  test('has every command in its table, and no other', () => {
    const rows = [...sectionOf(readme, 'Commands').matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
    const told = rows.flatMap((cell) => cell.replaceAll('`', '').split(', '));
    const names = commandsOf(buildProgram(version, () => Promise.resolve())).map((command) => command.name());
    expect(told.toSorted()).toEqual([...names, 'help'].toSorted());
  });

  test('has every exit code in its table, and no other', () => {
    const cells = sectionOf(readme, 'Exit codes').matchAll(/(?<=\| )\d+(?:, \d+)*(?= \|)/g);
    const told = [...cells].flatMap(([cell]) => cell.split(', ').map(Number));
    expect(told.toSorted((a, b) => a - b)).toEqual(exitCodes.map(({ exit }) => exit));
  });
});
