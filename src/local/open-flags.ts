// Flags of open(2) that some systems lack.
import { constants } from 'node:fs';

const known: Partial<typeof constants> = constants;

/** Do not follow a symbolic link; 0 if the system has no such flag, as on Windows. */
export const O_NOFOLLOW = known.O_NOFOLLOW ?? 0;
/** Do not wait for the other end of a FIFO; 0 if the system has no such flag. */
export const O_NONBLOCK = known.O_NONBLOCK ?? 0;
/** Open only a directory; 0 if the system has no such flag. */
export const O_DIRECTORY = known.O_DIRECTORY ?? 0;
