// Events from a worker.
import type { ErrorCode } from '../../../errors.ts';
import type { JobKind } from '../../../queue/job.ts';
import type { Timed } from '../../download/progress-event.ts';

/** What is the same in all events about a job. */
interface OfJob {
  /** Its id, as `queue failed` prints it. */
  readonly job: string;
  readonly kind: JobKind;
}

/** What a worker tells, without the time. Bytes are of image data. */
export type WorkerNews =
  | (OfJob & {
      readonly event: 'job';
      /** Id of the image. */
      readonly image: string;
      readonly name: string | null;
      /** Null for a report that is returned to the planner. */
      readonly place: string | null;
    })
  | (OfJob & {
      readonly event: 'job_end';
      readonly image: string;
      /** `superseded`: the record has changed since; `back`: left for another worker. */
      readonly outcome: 'done' | 'superseded' | 'failed' | 'back' | 'lost';
      readonly bytes: number;
      readonly seconds: number;
      /** Why it failed or was handed back; null otherwise. */
      readonly code: ErrorCode | null;
      readonly message: string | null;
    })
  /** This many more bytes of image data were read for the job. */
  | (OfJob & { readonly event: 'job_progress'; readonly bytes: number })
  /** A transfer is being retried, because of an error with this code. */
  | (OfJob & { readonly event: 'job_retry'; readonly code: string })
  /** The worker takes no more jobs, and finishes those in progress: so many. */
  | { readonly event: 'drain'; readonly jobs: number }
  /** The queue is unreachable for now. */
  | { readonly event: 'trouble'; readonly code: ErrorCode; readonly message: string };

/** Something that happened in a worker, in order. */
export type WorkerEvent = Timed & WorkerNews;
