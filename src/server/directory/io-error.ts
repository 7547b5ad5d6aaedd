// Converts file system errors about a served directory to GlanceErrors.
import { type ErrorCode, GlanceError } from '../../errors.ts';
import { errnoOf } from '../../local/errno.ts';

const explanations: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ['io.missing', 'there is no such directory'],
  ENOTDIR: ['io.missing', 'it is not a directory'],
  EACCES: ['io.permission', 'permission denied'],
  EPERM: ['io.permission', 'operation not permitted'],
  ELOOP: ['io.not_regular', 'it is a symbolic link where none may be'],
};

/** Converts any failure of a file to a GlanceError `io.*` that names the path; a GlanceError is returned as it is. */
export function toCatalogError(error: unknown, path: string): GlanceError {
  if (error instanceof GlanceError) return error;
  const errno = errnoOf(error);
  const [code, text] = explanations[errno] ?? ['io.error', `input/output error${errno === '' ? '' : ` (${errno})`}`];
  return new GlanceError(code, `${path}: ${text}`, { cause: error });
}

/** Whether a file does not exist. A sidecar's name may be too long for it ever to exist. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENAMETOOLONG'].includes(errnoOf(error));
}
