// Events for a caller that waits for a fleet. The names are those of `--progress json`.
import type { ProgressEvent } from '../download/progress-event.ts';

/** What one worker has done and is doing. */
export interface WorkerStatus {
  /** Its name. */
  readonly worker: string;
  /** Images in progress. */
  readonly jobs: number;
  /** Images finished since the run began. */
  readonly finished: number;
  /** Bytes of image data moved since then. */
  readonly bytes: number;
}

/** The progress of a fleet. */
export interface FleetStatus {
  /** Images planned so far. */
  readonly images: number;
  readonly finished: number;
  readonly failed: number;
  /** Leases lost: a worker did not finish an image, and another took it over. */
  readonly lost: number;
  /** Bytes of image data so far; 0 if images are not read whole. */
  readonly bytes: number;
  /** Bytes in all; null while a size is unknown, and if images are not read whole. */
  readonly total: number | null;
  /** Workers connected to the queue; null until they have been counted. */
  readonly workers: number | null;
  /** Workers that have had any work, by name. */
  readonly by_worker: readonly WorkerStatus[];
  /** Bytes per second, of all workers together; null if not known yet. */
  readonly bytes_per_second: number | null;
  /** Seconds until everything is done at this speed; null if that cannot be estimated. */
  readonly seconds_left: number | null;
}

/**
 * Something that happened in a fleet. `image` is an id; the seconds of `done` count from when the last worker to have the image
 * began.
 */
export type FleetEvent =
  | (ProgressEvent & { readonly image: string; readonly worker?: string })
  | { readonly event: 'lost'; readonly time: string; readonly image: string; readonly worker: string | null }
  | ({ readonly event: 'fleet'; readonly time: string } & FleetStatus);
