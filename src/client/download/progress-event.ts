// Events of a transfer of image data, as `--progress json` prints them (schemas/progress-event.json).
import type { Clock } from '../../clock.ts';
import type { TransferEvent, TransferListener } from '../../transfer/flow/events.ts';

/** One event of a transfer. */
export type ProgressEvent = TransferEvent & {
  /** Time of the event, in ISO 8601, UTC. */
  readonly time: string;
  /** With several images, the one that it concerns, by the name that was asked for. */
  readonly image?: string;
};

/** Returns a listener that passes every event on with the time and, if there are several images, the image. */
export function stamp(clock: Clock, tell: (event: ProgressEvent) => void, image?: string): TransferListener {
  const which = image === undefined ? {} : { image };
  return (event) => tell({ ...event, ...which, time: new Date(clock.wallTime()).toISOString() });
}
