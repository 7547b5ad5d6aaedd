// Which exit codes each command can end with.

/** Of any command: done, a bug, wrong usage, a disk that is full behind stdout, signals. */
const any = [0, 1, 2, 8, 129, 130, 143];
/** Of those that ask a Glance. */
const online = [3, 4, 5, 7, 10];
/** Of those to which an image can be named with a pinned digest. */
const pinned = [6];

/** By command, in no order. A test demands an entry for every command. */
export const commandExits: Readonly<Record<string, readonly number[]>> = {
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
  // Of a bucket: missing, denied, not to be reached.
  serve: [...any, 3, 4, 5, 7],
  worker: [...any, ...online],
  queue: [...any, 3, 4, 5],
  doctor: [...any, ...online],
  logout: any,
  completion: any,
  version: any,
};

/** Whether a command asks a Glance. */
export function isOnline(command: string): boolean {
  return online.every((exit) => commandExits[command]?.includes(exit) === true);
}
