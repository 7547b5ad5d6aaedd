// audit/<id>.json of a place: the report on an image, as an audit by many machines leaves it. Pure.
import { GlanceError } from '../errors.ts';
import { isSafeId } from './index-file.ts';

/** Below the place. No image has that id there. */
export const auditDirectory = 'audit';

/** Where a report is kept, below the place. @throws GlanceError `io.name` for an id that is none of a file */
export function auditPath(id: string): string {
  if (isSafeId(id)) return `${auditDirectory}/${id}.json`;
  throw new GlanceError('io.name', 'its id cannot be the name of a file', { image: id });
}

/** Whether a path below a place is one of a report. */
export function isAuditPath(path: string): boolean {
  const [directory, name = '', ...more] = path.split('/');
  return directory === auditDirectory && more.length === 0 && name.endsWith('.json') && isSafeId(name.slice(0, -5));
}
