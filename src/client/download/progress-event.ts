// What happens while image data moves, as `--progress json` prints it (schemas/progress-event.json).
import type { Clock } from '../../clock.ts';
import type { TransferEvent, TransferListener } from '../../transfer/flow/events.ts';

/** One thing that happened in a transfer. */
export type ProgressEvent = TransferEvent & {
  /** When, in ISO 8601, UTC. */
  readonly time: string;
  /** Of several images the one it is about, by what it was asked for. */
  readonly image?: string;
};

/** A listener that passes every event on with the time, and with the image where there are several. */
export function stamp(clock: Clock, tell: (event: ProgressEvent) => void, image?: string): TransferListener {
  const which = image === undefined ? {} : { image };
  return (event) => tell({ ...event, ...which, time: new Date(clock.wallTime()).toISOString() });
}
