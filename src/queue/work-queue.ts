// A queue of work, independent of what implements it: planners put jobs in, and workers take them under a lease. The
// queue is disposable: the place holds the truth, and planning again after any loss closes every gap.
import type { ErrorCode, GlanceError } from '../errors.ts';
import type { FailedJob } from './failed-job.ts';
import type { Job, JobProgress } from './job.ts';

/** How many jobs are in each state. */
export interface QueueCounts {
  readonly waiting: number;
  /** Under a lease. */
  readonly active: number;
  /** To be tried again later. */
  readonly delayed: number;
  /** Not tried again unless someone asks. */
  readonly failed: number;
  readonly paused: boolean;
  readonly workers: number;
}

/** Something that happened to a job, reported as it happens; if the queue loses data, some events are missing. */
export type QueueEvent =
  | { readonly event: 'leased' | 'finished' | 'lost'; readonly id: string }
  | { readonly event: 'progress'; readonly id: string; readonly progress: JobProgress }
  | { readonly event: 'failed'; readonly id: string; readonly code: ErrorCode; readonly message: string };

/**
 * The state of a job. `gone`: not in the queue, because it was finished, lost or never planned; `finished`: with its result,
 * which is waiting to be collected; null if that exceeds the limit.
 */
export type JobState =
  | { readonly state: 'pending' | 'gone' }
  | { readonly state: 'finished'; readonly result: string | null }
  | { readonly state: 'failed'; readonly code: ErrorCode; readonly message: string };

/** A job in progress. */
export interface Lease {
  readonly id: string;
  readonly job: Job;
  /** Aborted when the lease is lost or its worker drains: nothing may be committed after that. */
  readonly signal: AbortSignal;
  /** Whether the lease was lost, so that somebody else has the job or will get it. */
  readonly isLost: boolean;
  /** Reports progress. Failing to do so is not an error. */
  progress(progress: JobProgress): void;
  /** Asks the queue whether the lease still holds. */
  renew(): Promise<boolean>;
}

/**
 * How a job ended: `done`, with what it leaves for whoever planned it; `failed`, for good or until a later attempt; `back`, to
 * another worker, since this one cannot do it; `slow`, back to the queue, all of whose workers wait for that many milliseconds.
 */
export type JobOutcome =
  | { readonly outcome: 'done'; readonly result: string | null }
  | { readonly outcome: 'failed'; readonly error: GlanceError; readonly isFinal: boolean }
  | { readonly outcome: 'back' }
  | { readonly outcome: 'slow'; readonly delayMs: number };

export interface WorkerOptions {
  /** Shown to people in progress reports. */
  readonly name: string;
  /** Jobs at once, ≥ 1. */
  readonly jobs: number;
  /** How long a lease lasts without being renewed, in milliseconds. */
  readonly leaseMs: number;
  /** Does a job. Throws only because of bugs. */
  readonly work: (lease: Lease) => Promise<JobOutcome>;
  /** Called when the queue has temporary trouble. */
  readonly onTrouble: (error: GlanceError) => void;
}

/** A worker that takes jobs until it is stopped. */
export interface QueueWorker {
  /** Jobs in progress. */
  readonly active: number;
  /**
   * Takes no more jobs; those in progress are finished, or handed back when time is up. Ends even if the queue is
   * unreachable.
   */
  drain(timeoutMs: number): Promise<void>;
}

/**
 * What is in a queue, and how to deal with that. Methods throw GlanceError `queue.*` if the queue is unreachable, refuses, or
 * stays away for longer than they wait.
 */
export interface FleetQueue {
  /** Its address without a password, for messages. */
  readonly name: string;
  counts(): Promise<QueueCounts>;
  failures(): AsyncIterable<readonly FailedJob[]>;
  /** Tries failed jobs again. @param ids of jobs or of their images; null: all @returns how many */
  retry(ids: readonly string[] | null): Promise<number>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Removes all jobs. @throws GlanceError `usage.option` if some are active, unless forced */
  clear(isForced: boolean): Promise<void>;
}

/** A queue as planners and workers use it; its methods fail in the same way. */
export interface WorkQueue extends FleetQueue {
  /**
   * Adds the jobs that are not there already; retries those that failed before, and those that finished so long ago that
   * their results are no longer valid.
   * @returns how many are new
   */
  plan(jobs: readonly Job[]): Promise<number>;
  /** Returns those of the ids that are waiting, active or delayed. */
  pending(ids: readonly string[]): Promise<readonly string[]>;
  /** The state of each job, in order. Ask for some hundred at most, since results are included. */
  states(ids: readonly string[]): Promise<readonly JobState[]>;
  /** Removes finished and failed jobs. */
  discard(ids: readonly string[]): Promise<void>;
  /** Reports events from now on. @returns a function that stops it */
  watch(onEvent: (event: QueueEvent) => void): Promise<() => Promise<void>>;
  startWorker(options: WorkerOptions): Promise<QueueWorker>;
  close(): Promise<void>;
}
