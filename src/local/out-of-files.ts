// A process and a machine can open only so many files. Beyond that, failures occur anywhere, with the error of whatever
// needed one more: a module, a socket, a thread.
import { GlanceError } from '../errors.ts';

/** Maximum number of nested causes to look at. */
const maxDepth = 8;

/** Whether an error, or one of its causes, means that no more files can be opened. */
export function isOutOfFiles(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth === maxDepth) return false;
  const code = 'code' in error ? error.code : '';
  if (code === 'EMFILE' || code === 'ENFILE') return true;
  if (code === 'ERR_WORKER_INIT_FAILED' && /\bE[MN]FILE\b/.test(error.message)) return true;
  const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return causes.some((cause) => isOutOfFiles(cause, depth + 1));
}

/** The error for that. @param what could not be done, if known */
export function outOfFiles(what: string | null, cause: unknown): GlanceError {
  const text = 'no more files can be opened';
  return new GlanceError('io.limit', what === null ? text : `${what}: ${text}`, { hint: 'see ulimit -n', cause });
}
