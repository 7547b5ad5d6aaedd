// Which exit codes each command can end with.
import type { Command } from 'commander';
import { type CommandName, entryOf } from './command-tree.ts';

/** For any command: done, a bug, wrong usage, a full disk behind stdout, signals. */
const any = [0, 1, 2, 8, 129, 130, 143];
/** For commands that talk to a Glance. */
const online = [3, 4, 5, 7, 10];
/** For commands that accept an image with a pinned digest. */
const pinned = [6];

/** By command, in no order. */
export const commandExits: Readonly<Record<CommandName, readonly number[]>> = {
  list: [...any, ...online, 9],
  show: [...any, ...online, ...pinned],
  download: [...any, ...online, ...pinned, 9, 11, 141],
  inspect: [...any, ...online, ...pinned, 9, 11],
  files: [...any, ...online, ...pinned, 9],
  cat: [...any, ...online, ...pinned, 9, 141],
  verify: [...any, ...online, ...pinned],
  mirror: [...any, ...online, ...pinned, 9, 11],
  members: [...any, ...online, ...pinned],
  stores: [...any, ...online],
  // A bucket may be missing, denied or unreachable.
  serve: [...any, 3, 4, 5, 7],
  worker: [...any, ...online],
  queue: [...any, 3, 4, 5],
  doctor: [...any, ...online],
  logout: any,
  completion: any,
  version: any,
};

/** Whether a command talks to a Glance. */
export function isOnline(command: Command): boolean {
  return online.every((exit) => entryOf(commandExits, command)?.includes(exit) === true);
}
