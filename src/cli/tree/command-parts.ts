// What the descriptions of commands have in common.
import type { Context } from '../context.ts';
import type { Command } from '../options/commander.ts';

/** The work of a command. */
export type Work = (context: Context) => Promise<void>;

/** Runs the work of the command that was called, and gives it what it needs. */
export type Execute = (work: Work) => Promise<void>;

/** Describes a command that so far has only a name: its arguments, options, help and work. */
export type Describe = (command: Command, execute: Execute) => void;

/** How an image may be named. */
export const imageArgument = 'id, name, NAME@ALG:HEX (pinned), or full URI of an image; or a pattern, such as ubuntu-*';

/** How several may be named. */
export const imagesArgument = `${imageArgument}, for all that it matches; filters can be given instead`;

/** A description of several paragraphs. */
export function paragraphs(...texts: readonly string[]): string {
  return texts.join('\n\n');
}
