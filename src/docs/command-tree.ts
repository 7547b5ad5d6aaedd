// What the documentation needs to know about commander's tree: names, and what is visible.
import type { Command, Option } from 'commander';

/** The commands that help, man pages and completion say something about: all but `help` itself. */
export type CommandName =
  | 'list'
  | 'show'
  | 'members'
  | 'stores'
  | 'download'
  | 'inspect'
  | 'files'
  | 'cat'
  | 'verify'
  | 'mirror'
  | 'serve'
  | 'worker'
  | 'queue'
  | 'doctor'
  | 'logout'
  | 'completion'
  | 'version';

/** What a table says about a command; undefined for the program itself, and for `help`. */
export function entryOf<T>(table: Readonly<Record<CommandName, T>>, command: Command): T | undefined {
  return (table as Readonly<Partial<Record<string, T>>>)[command.name()];
}

/** `glance-cli`, `list`: what is typed. */
export function lineOf(command: Command): string[] {
  return command.parent === null ? [command.name()] : [...lineOf(command.parent), command.name()];
}

/** `glance-cli-list`: the name of its page, without the suffix. */
export function pageOf(command: Command): string {
  return lineOf(command).join('-');
}

/** The program that a command belongs to. */
export function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** One line about a command, without a full stop. */
export function summaryOf(command: Command): string {
  const [first = ''] = command.description().split('\n');
  return (command.summary() || first).replace(/\.$/, '');
}

/** Visible commands, without the one that commander adds to print help. */
export function commandsOf(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
}

/** All visible commands below a command, each before its own. */
export function descendantsOf(command: Command): Command[] {
  return commandsOf(command).flatMap((each) => [each, ...descendantsOf(each)]);
}

/** Visible options, the one that prints help included. */
export function optionsOf(command: Command): Option[] {
  return command.createHelp().visibleOptions(command);
}

/** The options of the commands above, which are taken here too; each command has its own help and version. */
export function globalOptionsOf({ parent }: Command): Option[] {
  if (parent === null) return [];
  const inherited = optionsOf(parent).filter(({ long }) => long !== '--help' && long !== '--version');
  return [...inherited, ...globalOptionsOf(parent)];
}
