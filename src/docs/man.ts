// Man pages from the command tree: one for the program, and one for each visible command. Pure: text in, text out.
import type { Command, Option } from 'commander';
import {
  commandsOf,
  descendantsOf,
  globalOptionsOf,
  lineOf,
  optionsOf,
  pageOf,
  rootOf,
  summaryOf,
} from './command-tree.ts';
import { defineVariables } from './environment.ts';
import { heading, type ManSection, renderSection } from './man-section.ts';
import { explainArgument, renderArgument, renderOptions } from './man-options.ts';
import { bold, escapeText, italic, paragraph, paragraphs, sentence, taggedParagraph } from './roff.ts';

/** A man page. */
export interface ManPage {
  /** Name of its file: `glance-cli-list.1`. */
  readonly name: string;
  /** man(7) source, ASCII. */
  readonly text: string;
}

/** What the pages have in addition to the commands. */
export interface ManMeta {
  readonly version: string;
  /** `YYYY-MM-DD`. A constant, so that the same tree gives the same pages. */
  readonly date: string;
  /**
   * Sections to add to a page, by its name without the suffix. They go between GLOBAL OPTIONS and SEE ALSO: those
   * that man(7) knows in its order, then the others. On the program's own page, an ENVIRONMENT is added to that of its options.
   */
  readonly sections: (page: string) => readonly ManSection[];
  /** Pages of section 7, in addition to those of the commands. */
  readonly topics: readonly TopicPage[];
}

/** A page of section 7. */
interface TopicPage {
  /** Without the program's name in front. */
  readonly name: string;
  readonly summary: string;
  readonly sections: readonly ManSection[];
}

/** Every page, the program's first, commands in the order of help, then topics. Hidden commands and options have none. */
export function manPages(program: Command, meta: ManMeta): ManPage[] {
  const commands = [program, ...descendantsOf(program)].map((command) => ({
    name: `${pageOf(command)}.1`,
    text: `${renderPage(command, meta).join('\n')}\n`,
  }));
  const topics = meta.topics.map((topic) => ({
    name: `${pageOf(program)}-${topic.name}.7`,
    text: `${renderTopic(program, topic, meta).join('\n')}\n`,
  }));
  return [...commands, ...topics];
}

const titleOrder: readonly string[] = ['EXIT STATUS', 'ENVIRONMENT', 'FILES', 'EXAMPLES'];

function renderHead(root: Command, page: string, section: '1' | '7', summary: string, meta: ManMeta): string[] {
  const source = escapeText(`${pageOf(root)} ${meta.version}`);
  const manual = section === '1' ? 'User Commands' : 'Miscellaneous';
  return [
    '.\\" Generated from the command definitions; do not edit.',
    `.TH ${escapeText(page.toUpperCase())} ${section} ${meta.date} "${source}" "${manual}"`,
    // Ragged and not hyphenated, so that names of options and variables stay whole and can be copied.
    '.nh',
    '.ad l',
    heading('NAME'),
    ...paragraph(`${page} - ${summary}`),
  ];
}

function renderTopic(program: Command, { name, summary, sections }: TopicPage, meta: ManMeta): string[] {
  const page = `${pageOf(program)}-${name}`;
  return [
    ...renderHead(program, page, '7', summary, meta),
    ...sections.flatMap(renderSection),
    ...renderReferences(program, page, meta),
  ];
}

function renderPage(command: Command, meta: ManMeta): string[] {
  return [
    ...renderHead(rootOf(command), pageOf(command), '1', summaryOf(command), meta),
    ...renderSynopsis(command),
    ...renderDescription(command),
    ...renderCommands(command),
    ...renderArguments(command),
    ...renderOptionSection('OPTIONS', optionsOf(command)),
    ...renderOptionSection('GLOBAL OPTIONS', globalOptionsOf(command)),
    ...sectionsOf(command, meta).flatMap(renderSection),
    ...renderReferences(command, pageOf(command), meta),
  ];
}

function renderSynopsis(command: Command): string[] {
  const words = [
    optionsOf(command).length > 0 ? `[${italic('options')}]` : '',
    commandsOf(command).length > 0 ? `${italic('command')} [${italic('arguments')}]` : '',
    ...command.registeredArguments.map(renderArgument),
  ];
  return [
    heading('SYNOPSIS'),
    [bold(lineOf(command).join('\u00a0')), ...words].filter((word) => word !== '').join('\n'),
  ];
}

function renderDescription(command: Command): string[] {
  const aliases = command.aliases();
  const alias =
    aliases.length === 0 ? [] : ['.PP', ...paragraph(`Alias: ${aliases.map((name) => `\`${name}\``).join(', ')}.`)];
  return [heading('DESCRIPTION'), ...paragraphs(command.description()), ...alias];
}

function renderCommands(command: Command): string[] {
  const commands = commandsOf(command);
  if (commands.length === 0) return [];
  const groups = new Map<string, Command[]>();
  for (const each of commands) {
    const title = each.helpGroup().replace(/:$/, '');
    groups.set(title, [...(groups.get(title) ?? []), each]);
  }
  return [
    heading('COMMANDS'),
    ...[...groups].flatMap(([title, members]) => [
      ...(title === '' ? [] : [heading(title, '.SS')]),
      ...members.flatMap((each) => taggedParagraph(`${bold(pageOf(each))}(1)`, sentence(summaryOf(each)))),
    ]),
  ];
}

function renderArguments({ registeredArguments }: Command): string[] {
  if (registeredArguments.length === 0) return [];
  const items = registeredArguments.flatMap((each) => taggedParagraph(renderArgument(each), explainArgument(each)));
  return [heading('ARGUMENTS'), ...items];
}

function renderOptionSection(title: string, options: readonly Option[]): string[] {
  return options.length === 0 ? [] : [heading(title), ...renderOptions(options)];
}

/** The sections given for a page; on the program's page, also what all options of the tree say about the environment. */
function sectionsOf(command: Command, meta: ManMeta): ManSection[] {
  const sections = new Map<string, ManSection>();
  for (const { title, blocks } of [...environmentOf(command), ...meta.sections(pageOf(command))]) {
    sections.set(title, { title, blocks: [...(sections.get(title)?.blocks ?? []), ...blocks] });
  }
  return [...sections.values()].toSorted((a, b) => rankOf(a) - rankOf(b));
}

function environmentOf(command: Command): ManSection[] {
  const all = command.parent === null ? [command, ...descendantsOf(command)] : [];
  const items = defineVariables(all.flatMap(optionsOf));
  return items.length === 0 ? [] : [{ title: 'ENVIRONMENT', blocks: [{ type: 'definitions', items }] }];
}

function rankOf({ title }: ManSection): number {
  const rank = titleOrder.indexOf(title);
  return rank < 0 ? titleOrder.length : rank;
}

/** Every other page: those of commands, then those of topics. */
function renderReferences(command: Command, self: string, meta: ManMeta): string[] {
  const root = rootOf(command);
  const commands = [root, ...descendantsOf(root)].map((each) => [pageOf(each), '1'] as const);
  const topics = meta.topics.map(({ name }) => [`${pageOf(root)}-${name}`, '7'] as const);
  const references = [...commands, ...topics].filter(([page]) => page !== self);
  if (references.length === 0) return [];
  return [heading('SEE ALSO'), references.map(([page, section]) => `${bold(page)}(${section})`).join(',\n')];
}
