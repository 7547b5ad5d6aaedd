// What the descriptions of commands have in common.
import type { Context } from '../context.ts';
import type { Command } from '../options/commander.ts';

/** What a command does. */
export type Work = (context: Context) => Promise<void>;

/** Runs what the command does that was called, with what it needs. */
export type Execute = (work: Work) => Promise<void>;

/** Describes a command that so far has its name only: arguments, options, help, and what it does. */
export type Describe = (command: Command, execute: Execute) => void;

/** How an image may be named. */
export const imageArgument = 'id, name, NAME@ALG:HEX (pinned), or full URI of an image; or a pattern, such as ubuntu-*';

/** How several may be named. */
export const imagesArgument = `${imageArgument}, that means all it matches; filters may stand in its place`;
