// What the man pages of glance-cli say in addition to its commands: exit codes, variables, files, examples, topics.
import type { Command } from 'commander';
import { commandsOf, entryOf, globalOptionsOf, optionsOf } from './command-tree.ts';
import { defineVariables } from './environment.ts';
import { commandExamples, type Example, programExamples } from './examples.ts';
import { commandExits, isOnline } from './exits.ts';
import { commandFiles, programFiles } from './files.ts';
import { type ManPage, manPages } from './man.ts';
import { type Definition, exitStatusSection, type ManSection } from './man-section.ts';
import { describeTopics, type TopicFacts } from './topics.ts';
import { machineVariables } from './variables.ts';

/** Printed on every page. Changed by hand with the version, so that building twice gives the same text. */
const date = '2026-11-24';

/** Facts about the program that the manual repeats. */
interface ManualFacts extends TopicFacts {
  readonly version: string;
}

/** The man pages of glance-cli, from its tree of commands. */
export function manualPages(program: Command, facts: ManualFacts): ManPage[] {
  const commands = new Map(commandsOf(program).map((command) => [`${program.name()}-${command.name()}`, command]));
  const sections = (page: string): readonly ManSection[] => {
    const command = commands.get(page);
    return command === undefined ? programSections(facts) : commandSections(command, facts);
  };
  return manPages(program, { version: facts.version, date, sections, topics: describeTopics(program, facts) });
}

function programSections(facts: ManualFacts): readonly ManSection[] {
  return [
    exitStatusSection(facts.exitCodes),
    ...listSection('ENVIRONMENT', machineVariables),
    ...listSection('FILES', programFiles),
    ...exampleSection(programExamples),
  ];
}

function commandSections(command: Command, { exitCodes }: ManualFacts): readonly ManSection[] {
  const exits = entryOf(commandExits, command) ?? [];
  return [
    exitStatusSection(exitCodes.filter(({ exit }) => exits.includes(exit))),
    ...environmentSection(command),
    ...listSection('FILES', entryOf(commandFiles, command) ?? []),
    ...exampleSection(entryOf(commandExamples, command) ?? []),
  ];
}

/** For a command that does not talk to a Glance, only the variables about output matter. */
function environmentSection(command: Command): readonly ManSection[] {
  const inherited = globalOptionsOf(command).filter(
    ({ helpGroupHeading }) => isOnline(command) || helpGroupHeading === 'Output:',
  );
  const [section] = listSection('ENVIRONMENT', defineVariables([...optionsOf(command), ...inherited]));
  if (section === undefined) return [];
  const more = { type: 'text', text: 'Logins, proxies and directories: see `glance-cli-environment`(7).' } as const;
  return [{ ...section, blocks: [...section.blocks, more] }];
}

function listSection(title: string, items: readonly Definition[]): readonly ManSection[] {
  return items.length === 0 ? [] : [{ title, blocks: [{ type: 'definitions', items }] }];
}

function exampleSection(examples: readonly Example[]): readonly ManSection[] {
  if (examples.length === 0) return [];
  const blocks = examples.flatMap(({ text, code }) => [
    { type: 'text', text } as const,
    { type: 'code', code } as const,
  ]);
  return [{ title: 'EXAMPLES', blocks }];
}
