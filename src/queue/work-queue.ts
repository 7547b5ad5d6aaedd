// A queue of work in our own words: who plans puts jobs in, workers take them under a lease. The queue is disposable: what is
// true is in the place, and planning again after any loss closes every gap.
import type { ErrorCode, GlanceError } from '../errors.ts';
import type { Job, JobProgress } from './job.ts';

/** How many jobs there are of each kind. */
export interface QueueCounts {
  readonly waiting: number;
  /** Under a lease. */
  readonly active: number;
  /** Tried again later. */
  readonly delayed: number;
  /** That nobody tries again by themselves. */
  readonly failed: number;
  readonly isPaused: boolean;
  readonly workers: number;
}

/** A job that failed. */
export interface FailedJob {
  readonly id: string;
  readonly job: Job;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What happens to jobs, as it happens; after a loss of the queue some of it is missing. */
export type QueueEvent =
  | { readonly event: 'leased' | 'finished' | 'lost'; readonly id: string }
  | { readonly event: 'progress'; readonly id: string; readonly progress: JobProgress }
  | { readonly event: 'failed'; readonly id: string; readonly code: ErrorCode; readonly message: string };

/**
 * Where a job is. `gone`: it is not in the queue, as it was finished, lost or never planned; `finished`: its result waits to be
 * taken; null for one that is larger than a result may be.
 */
export type JobState =
  | { readonly state: 'pending' | 'gone' }
  | { readonly state: 'finished'; readonly result: string | null }
  | { readonly state: 'failed'; readonly code: ErrorCode; readonly message: string };

/** A job that is being done. */
export interface Lease {
  readonly id: string;
  readonly job: Job;
  /** Ends when the lease is lost, or its worker drains: nothing may be committed from then on. */
  readonly signal: AbortSignal;
  /** Whether it was lost: somebody else has the job, or will have it. */
  readonly isLost: boolean;
  /** How far it is. What cannot be said is no error. */
  progress(progress: JobProgress): void;
  /** Whether the lease still holds, asked of the queue itself. */
  renew(): Promise<boolean>;
}

/**
 * What comes of a job: `done`, with what it leaves for whoever planned it; `failed`, for good or to be tried again later; `back`, to another worker, as this one cannot do
 * it; `slow`, to the queue, whose workers all wait for so many milliseconds.
 */
export type JobOutcome =
  | { readonly outcome: 'done'; readonly result: string | null }
  | { readonly outcome: 'failed'; readonly error: GlanceError; readonly isFinal: boolean }
  | { readonly outcome: 'back' }
  | { readonly outcome: 'slow'; readonly delayMs: number };

export interface WorkerOptions {
  /** For people, in progress. */
  readonly name: string;
  /** Jobs at once, ≥ 1. */
  readonly jobs: number;
  /** How long a lease lasts that is not renewed, milliseconds. */
  readonly leaseMs: number;
  /** Does a job. Does not throw, but for bugs. */
  readonly work: (lease: Lease) => Promise<JobOutcome>;
  /** Told of trouble with the queue that passes. */
  readonly onTrouble: (error: GlanceError) => void;
}

/** A worker that takes jobs until it is stopped. */
export interface QueueWorker {
  /** Jobs that it is at. */
  readonly active: number;
  /** Takes no more; what runs is finished, or after the time is up handed back. It ends even if the queue is not there. */
  drain(timeoutMs: number): Promise<void>;
}

/** Whoever asks it fails with GlanceError `queue.*` where the queue is not there, refuses, or is gone for longer than it is waited for. */
export interface WorkQueue {
  /** Its address without a password, for messages. */
  readonly name: string;
  /**
   * Puts in what is not there already; what failed before is tried again, and so is what was finished so long ago that its result
   * does not count any more.
   * @returns how many are new
   */
  plan(jobs: readonly Job[]): Promise<number>;
  /** Of these ids, those that are waiting, active or delayed. */
  pending(ids: readonly string[]): Promise<readonly string[]>;
  /** Where each of these is, in their order. At most some hundred: results come along. */
  states(ids: readonly string[]): Promise<readonly JobState[]>;
  /** Removes what is finished or failed. */
  discard(ids: readonly string[]): Promise<void>;
  counts(): Promise<QueueCounts>;
  failures(): AsyncIterable<readonly FailedJob[]>;
  /** Tries failed jobs again. @param ids of jobs or of their images; null: all @returns how many */
  retry(ids: readonly string[] | null): Promise<number>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Removes all jobs. @throws GlanceError `usage.option` if there are active ones, unless it is forced */
  clear(isForced: boolean): Promise<void>;
  /** Tells what happens from now on. @returns ends it */
  watch(onEvent: (event: QueueEvent) => void): Promise<() => Promise<void>>;
  startWorker(options: WorkerOptions): Promise<QueueWorker>;
  close(): Promise<void>;
}
