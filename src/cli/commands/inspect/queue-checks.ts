// Checks which options of `inspect` make sense together if workers inspect.
import { namesQueue } from '../../../client/fleet/open-queue.ts';
import { GlanceError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import type { InspectOptions } from '../../options/image-options.ts';

/** Whether workers should inspect. */
export function isForWorkers({ connection }: Context, options: InspectOptions): boolean {
  return options.all === true && namesQueue(connection, options);
}

/** @throws GlanceError `usage.option` for contradictory options */
export function checkQueueOptions(context: Context, options: InspectOptions): void {
  const { all, queue, queueFile, detach, to, jobs, sarif, failOn, html } = options;
  if (all !== true && (queue !== undefined || queueFile !== undefined)) {
    throw refusal('named or filtered images are inspected without a queue', 'add --all, or leave the queue out');
  }
  if (!isForWorkers(context, options)) {
    const lone = detach === true ? '--detach' : to === undefined ? null : '--to';
    if (lone !== null) throw refusal(`${lone} works only with --all and a queue`, 'leave it out');
    return;
  }
  if (jobs !== undefined) {
    throw refusal('--jobs does not work with a queue: workers inspect the images', 'set it on the workers');
  }
  if (detach !== true) {
    if (to !== undefined)
      throw refusal('--to works with --detach only: otherwise the reports are printed', 'add --detach');
    return;
  }
  if (to === undefined) throw refusal('--detach needs a place for the reports', 'name one with --to');
  const printed =
    sarif === true ? '--sarif' : html !== undefined ? '--html' : failOn === undefined ? null : '--fail-on';
  if (printed !== null)
    throw refusal(`${printed} does not work with --detach, which does not wait for the reports`, 'leave it out');
}

function refusal(message: string, hint: string): GlanceError {
  return new GlanceError('usage.option', message, { hint });
}
