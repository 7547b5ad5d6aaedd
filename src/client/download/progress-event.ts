// Events of a transfer of image data, as `--progress json` prints them (schemas/progress-event.json), and the time of every event.
import { type Clock, isoTime } from '../../clock.ts';
import type { TransferEvent, TransferListener } from '../../transfer/flow/events.ts';

/** What all events have. */
export interface Timed {
  /** Time of the event, in ISO 8601, UTC. */
  readonly time: string;
}

/** One event of a transfer. */
export type ProgressEvent = TransferEvent &
  Timed & {
    /** With several images, the one that it concerns, by the name that was asked for. */
    readonly image?: string;
  };

/** Returns a listener that passes every event on with its time. */
export function stamp<E extends { readonly event: string }>(
  clock: Clock,
  tell: (event: E & Timed) => void,
): (event: E) => void {
  return (event) => tell({ ...event, time: isoTime(clock) });
}

/** Returns a listener that passes every event on with its time and its image. */
export function stampImage(
  clock: Clock,
  tell: (event: TransferEvent & Timed & { readonly image: string }) => void,
  image: string,
): TransferListener {
  return (event) => tell({ ...event, image, time: isoTime(clock) });
}

/** Makes sure that the listener hears of a failure once: from the transfer if it had begun, otherwise from the caller. */
export function onceFailed(listen: TransferListener): TransferListener {
  let hasFailed = false;
  return (event) => {
    if (event.event === 'failed' && hasFailed) return;
    // An image that was replaced during the transfer fails and is started afresh.
    hasFailed = event.event === 'failed';
    listen(event);
  };
}
