// Events for a caller that waits for a fleet. The names are those of `--progress json`.
import type { ProgressEvent, Timed } from '../download/progress-event.ts';

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

/** An event of a transfer by one of the workers. */
type Transferred<E extends ProgressEvent['event']> = Extract<ProgressEvent, { readonly event: E }> & {
  /** Its id. */
  readonly image: string;
};

/** Something that happened in a fleet. The seconds of `done` count from when the last worker to have the image began. */
export type FleetEvent =
  | Transferred<'start'>
  | (Transferred<'progress' | 'done' | 'failed'> & {
      /** The worker that has the image; absent if not known. */
      readonly worker?: string;
    })
  /** A worker lost an image, which another worker takes over. */
  | (Timed & { readonly event: 'lost'; readonly image: string; readonly worker: string | null })
  /** The progress of all workers together. */
  | (Timed & { readonly event: 'fleet' } & FleetStatus);
