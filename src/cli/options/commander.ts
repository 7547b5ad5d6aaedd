// commander's classes with types that infer an option's value from its description. commander's authors publish these types as
// a separate package, none of whose code runs.
import type * as typings from '@commander-js/extra-typings';
import * as plain from 'commander';

const typed = {
  Argument: plain.Argument,
  Command: plain.Command,
  Option: plain.Option,
} as unknown as Pick<typeof typings, 'Argument' | 'Command' | 'Option'>;

export const { Argument, Command, Option } = typed;

type Values = typings.OptionValues;
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- commander's types begin without any options
type None = Record<never, never>;

/** A command with the types of its arguments and of the values of its options. */
export type Command<Args extends unknown[] = [], Own extends Values = None> = typings.Command<Args, Own>;

/** The values, by name, of the options that a function describes. Absent: not given. */
export type OptionsOf<Describe extends (command: Command) => unknown> =
  ReturnType<Describe> extends typings.Command<[], infer Own> ? Readonly<Own> : never;

/** Adds the options that a function describes to a command. The function sees the command's type as having no options yet. */
export function addOptions<Args extends unknown[], Own extends Values, More extends Values>(
  command: Command<Args, Own>,
  describe: (command: Command) => Command<[], More>,
): Command<Args, Own & More> {
  const described = describe(command as unknown as Command).optionsGroup('');
  return described as unknown as Command<Args, Own & More>;
}

/** A tree of commands for reading only: names, help, visibility. */
export function untyped(command: typings.CommandUnknownOpts): plain.Command {
  return command as unknown as plain.Command;
}
