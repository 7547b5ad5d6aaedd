// Flags of open(2) that some systems lack.
import { constants } from 'node:fs';

/** Each is 0 if the system has no such flag, as on Windows. @param known what Node knows about the system */
export function openFlags(
  known: Partial<typeof constants>,
): Record<'O_NOFOLLOW' | 'O_NONBLOCK' | 'O_DIRECTORY', number> {
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0 } = known;
  return { O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY };
}

/**
 * `O_NOFOLLOW`: do not follow a symbolic link. `O_NONBLOCK`: do not wait for the other end of a FIFO. `O_DIRECTORY`: open only a
 * directory.
 */
export const { O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = openFlags(constants);
