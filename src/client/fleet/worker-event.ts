// What a worker tells while it works.
import type { JobKind } from '../../queue/job.ts';

/** What happens in a worker, in order. Bytes are of image data. */
export type WorkerEvent =
  | {
      readonly event: 'job';
      readonly id: string;
      readonly kind: JobKind;
      readonly image: string;
      readonly name: string | null;
      /** Null for a report that goes back to whoever planned it. */
      readonly place: string | null;
    }
  | {
      readonly event: 'job_end';
      readonly id: string;
      readonly kind: JobKind;
      readonly image: string;
      /** `superseded`: its record is another meanwhile; `back`: another worker is to do it. */
      readonly outcome: 'done' | 'superseded' | 'failed' | 'back' | 'lost';
      readonly bytes: number;
      readonly seconds: number;
      /** Why it failed, or was handed back; null otherwise. */
      readonly code: string | null;
      readonly message: string | null;
    }
  /** So many bytes more were read: of image data, for this job. */
  | { readonly event: 'progress'; readonly id: string; readonly kind: JobKind; readonly bytes: number }
  /** A transfer is tried again. */
  | { readonly event: 'retry'; readonly id: string; readonly kind: JobKind; readonly code: string }
  /** The queue cannot be reached for now. */
  | { readonly event: 'trouble'; readonly code: string; readonly message: string };
