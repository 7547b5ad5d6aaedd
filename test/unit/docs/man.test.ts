import { Argument, Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { exitStatusSection, type ManSection } from '../../../src/docs/man-section.ts';
import { type ManMeta, manPages } from '../../../src/docs/man.ts';

function buildTree(): Command {
  const program = new Command('tool')
    .description('Work with images.\n\nSecond paragraph.')
    .version('1.2.3', '-V, --version', 'print the version');
  program.addOption(new Option('--endpoint <url>', 'where it is; env: A_URL, B_URL').helpGroup('Connection:'));
  program.addOption(new Option('--old-endpoint <url>').hideHelp());
  program
    .command('get')
    .alias('fetch')
    .summary('get an image')
    .description('Gets an image.')
    .addArgument(new Argument('<image>', 'id or name'))
    .addArgument(new Argument('[more...]', 'others').choices(['x', 'y']).default('x'))
    .addOption(new Option('--port <port>', 'port to listen on').default(9292).env('PORT'))
    .addOption(new Option('--kind <kind>', 'kind of output').choices(['a', 'b']).default('a', 'the first'))
    .addOption(new Option('--protected [bool]', 'protected or not; env: A_URL'))
    .option('--no-color', 'no colours');
  program.command('secret', { hidden: true });
  return program;
}

function metaWith(sections: ManMeta['sections']): ManMeta {
  return { version: '1.2.3', date: '2026-01-31', sections, topics: [] };
}

const plain = metaWith(() => []);

function pageOf(name: string, meta = plain): string {
  const page = manPages(buildTree(), meta).find((each) => each.name === name);
  expect(page).toBeDefined();
  return page?.text ?? '';
}

/** The lines of a section, without its heading. */
function sectionOf(text: string, title: string): string[] {
  const lines = text.trimEnd().split('\n');
  const start = lines.indexOf(`.SH ${title}`);
  expect(start).toBeGreaterThanOrEqual(0);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith('.SH '));
  return end < 0 ? rest : rest.slice(0, end);
}

function titlesOf(text: string): string[] {
  return [...text.matchAll(/^\.SH (.*)$/gm)].map(([, title = '']) => title.replaceAll('"', ''));
}

describe('manPages', () => {
  test('gives one page to the program and to each visible command', () => {
    expect(manPages(buildTree(), plain).map(({ name }) => name)).toEqual(['tool.1', 'tool-get.1']);
  });

  test('prints title, version and date in the head', () => {
    expect(pageOf('tool-get.1')).toContain('\n.TH TOOL\\-GET 1 2026-01-31 "tool 1.2.3" "User Commands"\n');
  });

  test('gives the same text each time', () => {
    expect(manPages(buildTree(), plain)).toEqual(manPages(buildTree(), plain));
  });

  test('names a page by its summary, or by the first line of the description', () => {
    expect(sectionOf(pageOf('tool.1'), 'NAME')).toEqual(['tool \\- Work with images']);
    expect(sectionOf(pageOf('tool-get.1'), 'NAME')).toEqual(['tool\\-get \\- get an image']);
  });

  test('shows in the synopsis what to type', () => {
    expect(sectionOf(pageOf('tool.1'), 'SYNOPSIS')).toEqual([
      '\\fBtool\\fR',
      '[\\fIoptions\\fR]',
      '\\fIcommand\\fR [\\fIarguments\\fR]',
    ]);
    expect(sectionOf(pageOf('tool-get.1'), 'SYNOPSIS')).toEqual([
      '\\fBtool\\ get\\fR',
      '[\\fIoptions\\fR]',
      '\\fIimage\\fR',
      '[\\fImore\\fR...]',
    ]);
  });

  test('describes with every paragraph and the aliases', () => {
    expect(sectionOf(pageOf('tool.1'), 'DESCRIPTION')).toEqual(['Work with images.', '.PP', 'Second paragraph.']);
    expect(sectionOf(pageOf('tool-get.1'), 'DESCRIPTION')).toEqual(['Gets an image.', '.PP', 'Alias: \\fBfetch\\fR.']);
  });

  test('lists the commands that are not hidden, with their pages', () => {
    expect(sectionOf(pageOf('tool.1'), 'COMMANDS')).toEqual(['.TP', '\\fBtool\\-get\\fR(1)', 'get an image.']);
  });

  test('refers to every other page', () => {
    expect(sectionOf(pageOf('tool-get.1'), '"SEE ALSO"')).toEqual(['\\fBtool\\fR(1)']);
  });
});

describe('arguments and options', () => {
  test('are listed with choices and default', () => {
    expect(sectionOf(pageOf('tool-get.1'), 'ARGUMENTS')).toEqual([
      '.TP',
      '\\fIimage\\fR',
      'id or name.',
      '.TP',
      '[\\fImore\\fR...]',
      'others.',
      'One of: x, y.',
      'Default: x.',
    ]);
  });

  test('are listed with values, choices, default and variable; a switch that is on has no default', () => {
    const lines = sectionOf(pageOf('tool-get.1'), 'OPTIONS').join('\n');
    expect(lines).toContain(
      '.TP\n\\fB\\-\\-port\\fR \\fIport\\fR\nport to listen on.\nDefault: 9292.\nEnvironment: PORT.\n',
    );
    expect(lines).toContain('\nkind of output.\nOne of: a, b.\nDefault: the first.\n');
    expect(lines).toContain('\\fB\\-\\-protected\\fR [\\fIbool\\fR]\nprotected or not.\nEnvironment: A_URL.\n');
    expect(lines).toContain('\\fB\\-\\-no\\-color\\fR\nno colours.\n');
  });

  test('appear in subsections by help group; hidden ones nowhere', () => {
    const lines = sectionOf(pageOf('tool.1'), 'OPTIONS');
    expect(lines.filter((line) => line.startsWith('.SS'))).toEqual(['.SS Connection']);
    expect(lines.indexOf('\\fB\\-h\\fR, \\fB\\-\\-help\\fR')).toBeLessThan(lines.indexOf('.SS Connection'));
    for (const { text } of manPages(buildTree(), plain)) expect(text).not.toContain('old');
  });

  test("of the program are repeated on a command's page, except help and version", () => {
    const lines = sectionOf(pageOf('tool-get.1'), '"GLOBAL OPTIONS"');
    expect(lines).toEqual([
      '.SS Connection',
      '.TP',
      '\\fB\\-\\-endpoint\\fR \\fIurl\\fR',
      'where it is.',
      'Environment: A_URL, B_URL.',
    ]);
  });

  test("have their variables collected on the program's page", () => {
    expect(sectionOf(pageOf('tool.1'), 'ENVIRONMENT')).toEqual([
      '.TP',
      '\\fBA_URL\\fR',
      'See \\fB\\-\\-endpoint\\fR and \\fB\\-\\-protected\\fR.',
      '.TP',
      '\\fBB_URL\\fR',
      'See \\fB\\-\\-endpoint\\fR.',
      '.TP',
      '\\fBPORT\\fR',
      'See \\fB\\-\\-port\\fR.',
    ]);
    expect(titlesOf(pageOf('tool-get.1'))).not.toContain('ENVIRONMENT');
  });
});

function about(title: string): ManSection {
  return { title, blocks: [{ type: 'text', text: `About ${title}.` }] };
}

describe('added sections', () => {
  test('appear between the options and SEE ALSO in the order of man(7), others last', () => {
    const meta = metaWith(() => ['BUGS', 'EXAMPLES', 'FILES', 'EXIT STATUS'].map(about));
    expect(titlesOf(pageOf('tool-get.1', meta)).slice(5)).toEqual([
      'GLOBAL OPTIONS',
      'EXIT STATUS',
      'FILES',
      'EXAMPLES',
      'BUGS',
      'SEE ALSO',
    ]);
  });

  test('are requested by the name of the page', () => {
    const meta = metaWith((page) => (page === 'tool-get' ? [about('NOTES')] : []));
    expect(titlesOf(pageOf('tool.1', meta))).not.toContain('NOTES');
    expect(sectionOf(pageOf('tool-get.1', meta), 'NOTES')).toEqual(['About NOTES.']);
  });

  test('on the environment follow what options say about it', () => {
    const lines = sectionOf(
      pageOf(
        'tool.1',
        metaWith(() => [about('ENVIRONMENT')]),
      ),
      'ENVIRONMENT',
    );
    expect(lines.slice(-3)).toEqual(['See \\fB\\-\\-port\\fR.', '.PP', 'About ENVIRONMENT.']);
  });

  test('keep code unchanged', () => {
    const code: ManSection = { title: 'EXAMPLES', blocks: [{ type: 'code', code: 'tool get "a b" -o x.raw' }] };
    expect(
      sectionOf(
        pageOf(
          'tool.1',
          metaWith(() => [code]),
        ),
        'EXAMPLES',
      ),
    ).toEqual(['.RS 4', '.EX', 'tool get "a b" \\-o x.raw', '.EE', '.RE']);
  });

  test('print a table of exit codes with meanings and advice', () => {
    const table = [{ exit: 6, name: 'integrity', when: 'digest differs', advice: 'raise an alarm' }];
    expect(
      sectionOf(
        pageOf(
          'tool.1',
          metaWith(() => [exitStatusSection(table)]),
        ),
        '"EXIT STATUS"',
      ),
    ).toEqual(['.TP', '\\fB6\\fR (integrity)', 'digest differs.', 'What to do: raise an alarm.']);
  });
});
