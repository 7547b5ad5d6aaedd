// What --help says in addition to commander: the program's own help, examples, topics, and where to read on.
import type { Command, Help, Option } from 'commander';
import { entryOf } from './command-tree.ts';
import { commandExamples, type Example, programExamples } from './examples.ts';
import { topicNames, topicSummaries } from './topic-names.ts';

/** The end of a command's help, empty lines included. */
export function endOfHelp(command: Command): string {
  const name = command.parent?.name() ?? '';
  const more = `Options of every command, such as -f, work here too: ${name} help connection\n`;
  return `\n${more}${renderExamples(entryOf(commandExamples, command) ?? [])}`;
}

/** The options that most people need; \`help connection\` lists the others. */
const commonOptions: ReadonlySet<string> = new Set([
  '--os-cloud',
  '--endpoint',
  '--format',
  '--column',
  '--quiet',
  '--debug',
  '--version',
  '--help',
]);

/** The help of the program: first the commands, last the options that all of them share. */
export function programHelp(program: Command, help: Help): string {
  const width = help.padWidth(program, help);
  const item = (term: string, text: string): string => help.formatItem(term, width, text, help);
  const commands = help.groupItems([...program.commands], help.visibleCommands(program), (each) => each.helpGroup());
  const groups = [...commands].flatMap(([heading, members]) =>
    help.formatItemList(
      heading,
      members.map((each) => item(help.subcommandTerm(each), help.subcommandDescription(each))),
      help,
    ),
  );
  const isCommon = ({ long }: Option): boolean => typeof long === 'string' && commonOptions.has(long);
  const options = help
    .visibleOptions(program)
    .filter(isCommon)
    .map((each) => item(help.optionTerm(each), help.optionDescription(each)));
  return [
    `Usage: ${help.commandUsage(program)}`,
    '',
    help.boxWrap(help.commandDescription(program), help.helpWidth ?? 80),
    '',
    ...groups,
    ...help.formatItemList(`Topics (${program.name()} help TOPIC):`, topics(help), help).slice(0, -1),
    renderExamples(programExamples),
    ...help.formatItemList('Options of every command:', options, help),
    `More of them, and how to log in: ${program.name()} help connection\n`,
  ].join('\n');
}

function renderExamples(examples: readonly Example[]): string {
  if (examples.length === 0) return '';
  const lines = examples.flatMap(({ text, code }) => [`  ${text}`, ...code.split('\n').map((line) => `    ${line}`)]);
  return `\nExamples:\n${lines.join('\n')}\n`;
}

function topics(help: Help): string[] {
  const width = Math.max(...topicNames.map((name) => name.length));
  return topicNames.map((name) => help.formatItem(name, width, topicSummaries[name], help));
}
