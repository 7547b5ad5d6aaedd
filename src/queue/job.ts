// A piece of work that outlives whoever planned it, as a value. It names what is meant and holds no secret. What comes out of
// a queue is anybody's who can write to it: nothing in it is believed that is not checked.
import { createHash } from 'node:crypto';
import { GlanceError } from '../errors.ts';

/** What is demanded of the images of a plan. */
export interface JobPolicy {
  readonly requireSafe: boolean;
  readonly requireChecksum: boolean;
  /** Ids of the stores to take data from where they have it. Empty: the server chooses. */
  readonly preferStore: readonly string[];
}

/** An image that is to be brought to a place. */
export interface CopyJob {
  readonly kind: 'copy';
  /** Of the mirror: an absolute path, or the URL of a bucket. */
  readonly place: string;
  /** Of the Glance, as its own login leads there. */
  readonly endpoint: string;
  /** Id of the image. */
  readonly image: string;
  readonly name: string | null;
  /** Bytes; null if nobody knows. */
  readonly size: number | null;
  /** The strongest digest that the cloud names; null if it names none. */
  readonly digest: string | null;
  /** SHA-256 of the record that it was planned by. */
  readonly record: string;
  readonly policy: JobPolicy;
}

export type Job = CopyJob;

/** How far a job is. */
export interface JobProgress {
  /** Bytes of image data that have come. */
  readonly bytes: number;
  /** Who is at it. */
  readonly worker: string;
}

/** Bytes that a job may have as text: its names and paths are bounded. */
const maxJobBytes = 16 * 1024;
const maxNameLength = 255;

/**
 * What tells one job from another: place, image, record and policy. Planned twice it is the same job.
 * @returns letters, digits and hyphens
 */
export function jobId({ kind, place, endpoint, image, record, policy }: Job): string {
  const { requireSafe, requireChecksum, preferStore } = policy;
  const demands = [requireSafe, requireChecksum, ...preferStore];
  const about = JSON.stringify([place, endpoint, image, record, ...demands]);
  return `${kind}-${createHash('sha256').update(about).digest('hex').slice(0, 32)}`;
}

/** As it is put into a queue. */
export function formatJob(job: Job): object {
  return { schema: 1, ...job, name: job.name?.slice(0, maxNameLength) ?? null };
}

/** @throws GlanceError `metadata.invalid` for what is no job of this version */
export function parseJob(value: unknown): Job {
  const job = isObject(value) && JSON.stringify(value).length <= maxJobBytes ? toJob(value) : null;
  if (job !== null) return job;
  throw new GlanceError('metadata.invalid', 'the queue holds a job that makes no sense to this version', {
    hint: 'use the same version of glance-cli everywhere',
  });
}

function toJob(value: Readonly<Record<string, unknown>>): Job | null {
  const { schema, kind, place, endpoint, image, name, size, digest, record, policy } = value;
  if (schema !== 1 || kind !== 'copy' || !isObject(policy)) return null;
  // Jobs of a planner that did not know of it have none.
  const { requireSafe, requireChecksum, preferStore = [] } = policy;
  if (!isTexts(preferStore)) return null;
  if (typeof requireSafe !== 'boolean' || typeof requireChecksum !== 'boolean') return null;
  if (typeof place !== 'string' || typeof endpoint !== 'string' || typeof image !== 'string') return null;
  if (typeof record !== 'string' || (digest !== null && typeof digest !== 'string')) return null;
  if (name !== null && typeof name !== 'string') return null;
  if (size !== null && (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)) return null;
  const demands = { requireSafe, requireChecksum, preferStore };
  return { kind, place, endpoint, image, name, size, digest, record, policy: demands };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
