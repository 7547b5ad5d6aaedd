// What commander says about a call that it does not understand, as an error of ours with a hint.
import type { Command, CommanderError } from 'commander';
import { GlanceError } from '../errors.ts';
import { suggestNames } from '../nearest.ts';

/**
 * The error of usage.
 * @param commands there are
 * @param argv the call
 */
export function usageError(error: CommanderError, commands: readonly Command[], argv: readonly string[]): GlanceError {
  if (error.code === 'commander.help') {
    return new GlanceError('usage.argument', 'no command is given', { hint: seeHelp(commands, argv) });
  }
  const [first = '', ...rest] = error.message.split('\n');
  const message = first.replace(/^error: /, '');
  const code = /argument/i.test(error.code) ? 'usage.argument' : 'usage.option';
  const hint = suggestion(rest.join(' '), commands) ?? suggestChoice(message) ?? seeHelp(commands, argv);
  return new GlanceError(code, message, { hint });
}

/** commander suggests aliases too; each command is named once. */
function suggestion(text: string, commands: readonly Command[]): string | null {
  const names = /\(Did you mean (?:one of )?(.+?)\?\)/.exec(text)?.[1]?.split(', ');
  if (names === undefined) return null;
  const nameOf = (word: string): string => commands.find((each) => each.aliases().includes(word))?.name() ?? word;
  return `did you mean ${[...new Set(names.map(nameOf))].join(' or ')}?`;
}

/** A value that is none of those there are. */
function suggestChoice(message: string): string | null {
  const [, value, choices] = /argument '(.*)' is invalid\. Allowed choices are (.+)\.$/.exec(message) ?? [];
  return value === undefined || choices === undefined ? null : suggestNames(value, choices.split(', '));
}

function seeHelp(commands: readonly Command[], argv: readonly string[]): string {
  const command = commands.find((each) => argv.some((word) => word === each.name() || each.aliases().includes(word)));
  return `see glance-cli ${command === undefined ? '' : `${command.name()} `}--help`;
}
