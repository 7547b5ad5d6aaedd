// Turns file system errors into GlanceErrors.
import { errnoOf } from '../../local/errno.ts';
import { type ErrorCode, GlanceError } from '../../errors.ts';
import { isOutOfFiles, outOfFiles } from '../../local/out-of-files.ts';

const explanations: Readonly<Record<string, readonly [ErrorCode, string, string?]>> = {
  ENOSPC: ['io.nospace', 'there is no space left', 'make room and run the command again'],
  EDQUOT: ['io.nospace', 'the disk quota is used up', 'make room and run the command again'],
  EACCES: ['io.permission', 'permission denied', 'check the permissions of the directory'],
  EPERM: ['io.permission', 'operation not permitted', 'check the permissions of the directory'],
  EROFS: ['io.readonly', 'the file system is read-only', 'choose another directory'],
  EFBIG: [
    'io.limit',
    'the file would be too large',
    'see ulimit -f, and whether the file system takes files over 4 GiB',
  ],
  ENOENT: ['io.missing', 'there is no such directory', 'create it first'],
  ENOTDIR: ['io.missing', 'a part of the path is not a directory'],
  EEXIST: ['io.exists', 'it already exists', 'give `force` to replace it'],
  EISDIR: ['io.not_regular', 'it is a directory', 'remove it, or name another file'],
  ELOOP: ['io.not_regular', 'it is a symbolic link where none may be'],
  ENXIO: ['io.not_regular', 'nobody reads from it'],
  ENAMETOOLONG: ['io.name', 'the name is too long'],
};

/** Explanations that differ for a file to be read. */
const readExplanations: typeof explanations = {
  ENOENT: ['io.missing', 'there is no such file', 'check the path'],
  ENOTDIR: ['io.missing', 'there is no such file: a part of the path is not a directory', 'check the path'],
  EACCES: ['io.permission', 'permission denied', 'check its permissions, and those of the directories above it'],
  EPERM: ['io.permission', 'operation not permitted', 'check its permissions, and those of the directories above it'],
  EISDIR: ['io.not_regular', 'it is a directory', 'name a file'],
};

/**
 * Converts a failure with a file being written, or with its directory, to a GlanceError that names the path; a
 * GlanceError is returned as it is.
 */
export function toIoError(error: unknown, path: string): GlanceError {
  return explain(error, path, explanations);
}

/** The same as {@link toIoError}, for a file being read. */
export function toReadError(error: unknown, path: string): GlanceError {
  return explain(error, path, { ...explanations, ...readExplanations });
}

function explain(error: unknown, path: string, texts: typeof explanations): GlanceError {
  if (error instanceof GlanceError) return error;
  if (isOutOfFiles(error)) return outOfFiles(path, error);
  const errno = errnoOf(error);
  const [code, text, hint] = texts[errno] ?? ['io.error', `input/output error${errno === '' ? '' : ` (${errno})`}`];
  // If something else occupies the name of one of our auxiliary files, that path is the one to report.
  const place = code === 'io.not_regular' ? (placeOf(error) ?? path) : path;
  return new GlanceError(code, `${place}: ${text}`, { hint, cause: error });
}

/** The path in a system error of Node's; for a rename, the new name. */
function placeOf(error: unknown): string | null {
  const { path, dest } = error as { readonly path?: unknown; readonly dest?: unknown };
  return typeof dest === 'string' ? dest : typeof path === 'string' ? path : null;
}
