// Why an image has no data to give, in plain words. Same for v1 and v2.
import { GlanceError, type HttpError } from '../errors.ts';
import { type Image, mayHaveData } from './image.ts';

const waiting: ReadonlySet<string> = new Set(['queued', 'saving', 'uploading', 'importing']);

/**
 * The error for an image without data.
 * @param answer what the server said, or null if the record alone told
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
        hint: 'ask who runs the server to look into its store',
      },
    );
  }
  const status = image.status ?? 'unknown';
  return new GlanceError('image.no_data', `image ${name} has no data: its status is ${status}`, {
    ...answer?.facts,
    image: image.id,
    hint: waiting.has(status) ? 'try again when its status is active' : undefined,
  });
}
