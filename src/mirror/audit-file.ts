// audit/<id>.json in a place: the report on an image, as workers of a fleet leave it. Pure.
import { GlanceError } from '../errors.ts';
import { isSafeId } from './index-file.ts';

/** Relative to the place. No image there can have this id. */
export const auditDirectory = 'audit';

/** Path of a report, relative to the place. @throws GlanceError `io.name` if the id cannot be a file name */
export function auditPath(id: string): string {
  if (isSafeId(id)) return `${auditDirectory}/${id}.json`;
  throw new GlanceError('io.name', 'its id cannot be the name of a file', { image: id });
}

/** Whether a path relative to the place is that of a report. */
export function isAuditPath(path: string): boolean {
  const [directory, name = '', ...more] = path.split('/');
  return directory === auditDirectory && more.length === 0 && name.endsWith('.json') && isSafeId(name.slice(0, -5));
}
