// What whoever waits for a fleet is told, as values. The names are those of `--progress json`.
import type { ProgressEvent } from '../download/progress-event.ts';

/** What one worker has done, and does. */
export interface WorkerStatus {
  /** Its name. */
  readonly worker: string;
  /** Images that it is at. */
  readonly jobs: number;
  /** Images that it has finished since this was begun. */
  readonly finished: number;
  /** Bytes of image data that it has moved since then. */
  readonly bytes: number;
}

/** How far a fleet is. */
export interface FleetStatus {
  /** Images that were planned so far. */
  readonly images: number;
  readonly finished: number;
  readonly failed: number;
  /** Leases that were lost: an image that a worker did not finish, and another one has. */
  readonly lost: number;
  /** Bytes of image data that there are; 0 where images are not read whole. */
  readonly bytes: number;
  /** Bytes there will be; null as long as a size is not known, and where images are not read whole. */
  readonly total: number | null;
  /** Workers that listen to the queue; null as long as nobody has asked. */
  readonly workers: number | null;
  /** Those that had something to do, by name. */
  readonly by_worker: readonly WorkerStatus[];
}

/** What happens in a fleet. `image` is an id; the seconds of `done` count from when its last worker began. */
export type FleetEvent =
  | (ProgressEvent & { readonly image: string; readonly worker?: string })
  | { readonly event: 'lost'; readonly time: string; readonly image: string; readonly worker: string | null }
  | ({ readonly event: 'fleet'; readonly time: string } & FleetStatus);
