// What the descriptions of commands have in common.
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { AllOptions } from '../options/options.ts';

/** Runs one command with what it needs. */
export type Execute = (options: AllOptions, work: (context: Context) => Promise<void>) => Promise<void>;

/** How an image may be named. */
export const imageArgument = 'id, name, NAME@ALG:HEX (pinned), or full URI of an image';

/** The options of the program, of one of its commands. */
export function globalsOf(command: Command): AllOptions {
  return (command.parent ?? command).opts<AllOptions>();
}
