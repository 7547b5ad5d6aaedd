// The system's names for errors.

/** The name of an errno, such as `ENOSPC`; '' if it is not a system error. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Whether the error means that nothing has that name. */
export function isNotThere(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error));
}

/** Errors of syncing a directory where that is impossible: on some network file systems, and on Windows (`EPERM`). */
export const unsyncable: readonly string[] = ['EINVAL', 'EISDIR', 'EPERM'];
