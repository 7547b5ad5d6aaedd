// Failures of a worker that say nothing about the image.
import { type ErrorCode, GlanceError } from '../../../errors.ts';

/** Codes for jobs that another worker may well be able to do: this one has the wrong login, keys or mounts, or none. */
const ofWorker: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'config.missing',
  'config.invalid',
  'cloud.not_found',
  'cloud.region',
  'cloud.no_service',
  'auth.missing',
  'auth.failed',
  'auth.required',
  'auth.expired',
  'place.missing',
  'place.denied',
  'io.missing',
  'io.permission',
  'io.readonly',
]);

/** Whether another worker may succeed where this one failed. */
export function isOfWorker(code: ErrorCode): boolean {
  return ofWorker.has(code);
}

/** The queue reports the loss itself, before the lease's signal does. */
export class LostError extends GlanceError {
  override readonly name = 'LostError';

  constructor() {
    super('interrupted', 'the lease was lost');
  }
}

/** This worker is configured for another Glance than the job's; another worker may be able to do it. */
export class MisconfiguredError extends GlanceError {
  override readonly name = 'MisconfiguredError';

  constructor(wanted: string, own: string) {
    super('config.invalid', `the job is about the Glance at ${wanted}; this worker is configured for ${own}`, {
      hint: 'start it with the cloud and region of the planner',
    });
  }
}
