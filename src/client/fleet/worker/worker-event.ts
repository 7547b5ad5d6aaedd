// Events from a worker.
import type { JobKind } from '../../../queue/job.ts';

/** Something that happened in a worker, in order. Bytes are of image data. */
export type WorkerEvent =
  | {
      readonly event: 'job';
      readonly id: string;
      readonly kind: JobKind;
      readonly image: string;
      readonly name: string | null;
      /** Null for a report that is returned to the planner. */
      readonly place: string | null;
    }
  | {
      readonly event: 'job_end';
      readonly id: string;
      readonly kind: JobKind;
      readonly image: string;
      /** `superseded`: the record has changed since; `back`: left for another worker. */
      readonly outcome: 'done' | 'superseded' | 'failed' | 'back' | 'lost';
      readonly bytes: number;
      readonly seconds: number;
      /** Why it failed or was handed back; null otherwise. */
      readonly code: string | null;
      readonly message: string | null;
    }
  /** This many more bytes of image data were read for the job. */
  | { readonly event: 'progress'; readonly id: string; readonly kind: JobKind; readonly bytes: number }
  /** A transfer is being retried. */
  | { readonly event: 'retry'; readonly id: string; readonly kind: JobKind; readonly code: string }
  /** The worker takes no more jobs, and finishes those in progress: so many. */
  | { readonly event: 'drain'; readonly jobs: number }
  /** The queue is unreachable for now. */
  | { readonly event: 'trouble'; readonly code: string; readonly message: string };
