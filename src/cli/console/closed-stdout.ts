// Detects whether a shell's `>&-` closed stdout. Node opens /dev/null for reading and writing in place of a closed
// descriptor, so output would be lost silently. Other programs open exactly that on purpose, to discard our output.
import { fstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';

const shells: ReadonlySet<string> = new Set(['ash', 'bash', 'busybox', 'dash', 'fish', 'ksh', 'mksh', 'sh', 'zsh']);

/**
 * Whether the program was started without a standard output, as far as can be detected, which is only possible on Linux. A
 * shell's `>/dev/null` is open only for writing. If it is open for both, it is either Node's, or comes from a program that is
 * not a shell.
 * @param parentId process id of whoever started us
 */
export function isStdoutClosed(parentId: number): boolean {
  try {
    const { rdev } = fstatSync(1);
    if (!fstatSync(1).isCharacterDevice() || rdev !== statSync('/dev/null').rdev) return false;
    if (!/^flags:\s+\d*2$/m.test(readFileSync('/proc/self/fdinfo/1', 'utf8'))) return false;
    const parent = `/proc/${String(parentId)}`;
    const inherited = readLink(`${parent}/fd/1`);
    if (inherited === null) return true;
    return inherited !== '/dev/null' && shells.has(readFileSync(`${parent}/comm`, 'utf8').trim());
  } catch {
    return false;
  }
}

/** Null if there is none of that name. Other users' descriptors cannot be examined, which is an error. */
function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
