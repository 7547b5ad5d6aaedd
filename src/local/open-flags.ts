// Flags of open(2) that not every system has.
import { constants } from 'node:fs';

const known: Partial<typeof constants> = constants;

/** A symbolic link is not followed; 0 where the system has no such flag, as Windows has none. */
export const O_NOFOLLOW = known.O_NOFOLLOW ?? 0;
/** A FIFO is not waited for; 0 where the system has no such flag. */
export const O_NONBLOCK = known.O_NONBLOCK ?? 0;
/** Only a directory is opened; 0 where the system has no such flag. */
export const O_DIRECTORY = known.O_DIRECTORY ?? 0;
