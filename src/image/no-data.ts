// Explains in plain words why an image has no data. The same for v1 and v2.
import { GlanceError, HttpError } from '../errors.ts';
import { type Image, mayHaveData } from './image.ts';

const waiting: ReadonlySet<string> = new Set(['queued', 'saving', 'uploading', 'importing']);
const gone: ReadonlySet<string> = new Set(['killed', 'deleted', 'pending_delete']);

/** Whether an image has no data yet, but may have some later. */
export function hasDataToCome({ status }: Image): boolean {
  return status !== null && waiting.has(status);
}

/** Whether an image will never have data again. */
export function isGone({ status }: Image): boolean {
  return status !== null && gone.has(status);
}

/**
 * The error for an image without data.
 * @param answer the server's answer, or null if the record alone was enough
 */
export function noDataError(image: Image, answer: HttpError | null): GlanceError {
  const name = image.name === null ? image.id : `"${image.name}" (${image.id})`;
  if (mayHaveData(image.status)) {
    return new GlanceError(
      'image.no_data',
      `image ${name} is ${image.status ?? 'listed'}, but the server has lost its data`,
      {
        ...answer?.facts,
        image: image.id,
        hint: 'ask whoever runs the server to check its store',
      },
    );
  }
  const status = image.status ?? 'unknown';
  return new GlanceError('image.no_data', `image ${name} has no data: its status is ${status}`, {
    ...answer?.facts,
    image: image.id,
    hint: hasDataToCome(image)
      ? 'try again when its status is active; download with `waitMs: 3600000` waits for that'
      : undefined,
  });
}

/** Turns a 403 to a request for a deactivated image's data into `image.deactivated`; other errors stay as they are. */
export function explainRefusal(error: unknown, image: Image): unknown {
  if (!(error instanceof HttpError) || error.status !== 403 || image.status !== 'deactivated') return error;
  const text = `image ${image.id} is deactivated: its data is not given out`;
  return new GlanceError('image.deactivated', text, {
    ...error.facts,
    hint: 'an administrator has taken it out of use, and can reactivate it',
  });
}
