// commander's classes with the types that infer, from how an option is described, what it gives: commander's authors publish
// them as a package of their own. Types only; what runs is commander.
import type * as typings from '@commander-js/extra-typings';
import * as plain from 'commander';

const typed = {
  Argument: plain.Argument,
  Command: plain.Command,
  Option: plain.Option,
} as unknown as Pick<typeof typings, 'Argument' | 'Command' | 'Option'>;

export const { Argument, Command, Option } = typed;

type Values = typings.OptionValues;
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- what commander's types begin with: no options yet
type None = Record<never, never>;

/** A command with the types of its arguments and of what its options give. */
export type Command<Args extends unknown[] = [], Own extends Values = None> = typings.Command<Args, Own>;

/** What the options give that a function describes, by their names. Absent is not given. */
export type OptionsOf<Describe extends (command: Command) => unknown> =
  ReturnType<Describe> extends typings.Command<[], infer Own> ? Readonly<Own> : never;

/** Adds to a command the options that a function describes, which takes it for one that has none yet. */
export function withOptions<Args extends unknown[], Own extends Values, More extends Values>(
  command: Command<Args, Own>,
  describe: (command: Command) => Command<[], More>,
): Command<Args, Own & More> {
  const described = describe(command as unknown as Command).optionsGroup('');
  return described as unknown as Command<Args, Own & More>;
}

/** A tree of commands for those who only read it: names, help, what is visible. */
export function untyped(command: typings.CommandUnknownOpts): plain.Command {
  return command as unknown as plain.Command;
}
