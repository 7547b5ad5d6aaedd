// What the descriptions of commands share.
import type { Context } from '../context.ts';
import type { Command } from '../options/commander.ts';

/** What a command does when it runs. */
export type Work = (context: Context) => Promise<void>;

/** Runs the command that was called, and passes it what it needs. */
export type Execute = (work: Work) => Promise<void>;

/** Adds arguments, options, help and work to a command that has only a name so far. */
export type Describe = (command: Command, execute: Execute) => void;

/** How an image can be given. */
export const imageArgument = 'id, name, NAME@ALG:HEX (pinned), or full URI of an image; or a pattern, such as ubuntu-*';

/** How several images can be given. */
export const imagesArgument = `${imageArgument}, for all that it matches; filters can be given instead`;

/** A description of several paragraphs. */
export function paragraphs(...texts: readonly string[]): string {
  return texts.join('\n\n');
}

/** Prints the program's own text, such as help, without loading what the context of other commands needs. */
export function printOwn(command: Command, text: string): void {
  command.configureOutput().writeOut?.(text);
}
