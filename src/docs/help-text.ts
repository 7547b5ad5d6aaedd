// What --help says after a command's options: examples, topics, and where to look further.
import type { Command } from 'commander';
import { commandExamples, type Example, programExamples } from './examples.ts';
import { topicNames, topicSummaries } from './topic-names.ts';

/** The end of a command's help, empty lines included. */
export function endOfHelp(command: Command): string {
  const { parent } = command;
  if (parent === null) return `${topics(command)}\n${renderExamples(programExamples)}`;
  const more = `Options of the program, such as -f and --os-cloud, go here too: ${parent.name()} --help\n`;
  return `\n${more}${renderExamples(commandExamples[command.name()] ?? [])}`;
}

function renderExamples(examples: readonly Example[]): string {
  if (examples.length === 0) return '';
  const lines = examples.flatMap(({ text, code }) => [`  ${text}`, ...code.split('\n').map((line) => `    ${line}`)]);
  return `\nExamples:\n${lines.join('\n')}\n`;
}

function topics(program: Command): string {
  const width = Math.max(...topicNames.map((name) => name.length));
  const lines = topicNames.map((name) => `  ${name.padEnd(width)}  ${topicSummaries[name]}`);
  return `\nTopics (${program.name()} help TOPIC):\n${lines.join('\n')}`;
}
