// A job that failed, as programs see it. The names are those of the JSON output.
import type { ErrorCode } from '../errors.ts';
import type { Job } from './job.ts';

/** A job that failed for good, or too often. Unset is null. */
export interface FailedJob {
  /** Its id. */
  readonly job: string;
  /** `copy`: for a mirror. */
  readonly kind: Job['kind'];
  /** Id of the image. */
  readonly image: string;
  readonly name: string | null;
  /** Null for a report that is returned to the planner. */
  readonly place: string | null;
  /** Why it failed. */
  readonly code: ErrorCode;
  readonly message: string;
}

/** Why a job failed. */
type Reason = Pick<FailedJob, 'code' | 'message'>;

/** What programs see of a job that failed. */
export function toFailedJob(id: string, { kind, image, name, place }: Job, { code, message }: Reason): FailedJob {
  return { job: id, kind, image, name, place, code, message };
}
