// A piece of work, as a value that outlives whoever planned it. It names its subject and holds no secret. Anybody who can write
// to a queue can put jobs into it, so everything read from one is checked.
import { createHash } from 'node:crypto';
import { GlanceError } from '../errors.ts';

/** Requirements for the images of a plan. */
interface CopyPolicy {
  readonly requireSafe: boolean;
  readonly requireChecksum: boolean;
  /** Ids of the stores to prefer as sources. Empty: the server chooses. */
  readonly preferStore: readonly string[];
}

/** What a report should cover. */
export interface AuditPolicy {
  /** Whether to look inside the disk. */
  readonly contents: boolean;
  /** Maximum number of bytes to read for that; null: the default. */
  readonly contentsLimit: number | null;
  /** Whether to download an image for it if its store does not support ranges. */
  readonly spool: boolean;
  /** The release of Glance to check it against; null: none. */
  readonly target: string | null;
}

interface VerifyPolicy {
  /** Whether to compare without reading the data. */
  readonly quick: boolean;
}

interface JobFacts {
  /** Id of the image. */
  readonly image: string;
  readonly name: string | null;
  /** Bytes; null if unknown. */
  readonly size: number | null;
  /** SHA-256 of the record it was planned from. */
  readonly record: string;
}

/** An image to copy to a place. */
export interface CopyJob extends JobFacts {
  readonly kind: 'copy';
  /** The mirror's: an absolute path, or the URL of a bucket. */
  readonly place: string;
  /** Glance's, as the worker's own login finds it. */
  readonly endpoint: string;
  /** The strongest digest that the cloud states; null if it states none. */
  readonly digest: string | null;
  readonly policy: CopyPolicy;
}

/** An image to inspect without copying it. */
export interface AuditJob extends JobFacts {
  readonly kind: 'audit';
  /** Where to store its report; null: it is returned to whoever planned it. */
  readonly place: string | null;
  readonly endpoint: string;
  readonly policy: AuditPolicy;
}

/** An image in a place, to compare with what the place's index says about it. */
export interface VerifyJob extends JobFacts {
  readonly kind: 'verify';
  readonly place: string;
  readonly endpoint: null;
  readonly size: number;
  /** Its data file, relative to the place. */
  readonly file: string;
  /** Digests of its data, as `ALGORITHM:HEX`. */
  readonly digests: readonly string[];
  readonly policy: VerifyPolicy;
}

export type Job = CopyJob | AuditJob | VerifyJob;
export type JobKind = Job['kind'];

/** The progress of a job. */
export interface JobProgress {
  /** Bytes of image data received. */
  readonly bytes: number;
  /** The worker that has the job. */
  readonly worker: string;
}

/** Longest text of a job, in bytes: its names and paths are bounded. */
const maxJobBytes = 16 * 1024;
/** Longest result of a job, in characters: the contents of a report come from strangers' disks. */
export const maxResultLength = 256 * 1024;
const maxNameLength = 255;
const maxDigests = 16;
const resultsForMs = 24 * 3600 * 1000;

/**
 * Identifies a job by place, Glance, image, record and policy. Planned twice, it is the same job.
 * @returns letters, digits and hyphens
 */
export function jobId(job: Job): string {
  const { kind, place, endpoint, image, record } = job;
  const about = JSON.stringify([place, endpoint, image, record, ...policyOf(job)]);
  return `${kind}-${createHash('sha256').update(about).digest('hex').slice(0, 32)}`;
}

function policyOf(job: Job): readonly unknown[] {
  if (job.kind === 'copy') {
    const { requireSafe, requireChecksum, preferStore } = job.policy;
    return [requireSafe, requireChecksum, ...preferStore];
  }
  if (job.kind === 'audit') {
    const { contents, contentsLimit, spool, target } = job.policy;
    return [contents, contentsLimit, spool, target];
  }
  return [job.policy.quick, job.file, job.size, job.digests];
}

/** Whether the job leaves a text for whoever planned it. */
export function hasResult({ kind, place }: Job): boolean {
  return kind === 'verify' || (kind === 'audit' && place === null);
}

/**
 * How long an uncollected result stays valid, in milliseconds, for example after a planner was killed. A result about an
 * image holds as long as its record does; the contents of a place have to be checked again.
 */
export function resultCountsForMs({ kind }: Pick<Job, 'kind'>): number {
  return kind === 'audit' ? resultsForMs : 0;
}

/** The form in which a job is put into a queue. */
export function formatJob(job: Job): object {
  return { schema: 1, ...job, name: job.name?.slice(0, maxNameLength) ?? null };
}

/** @throws GlanceError `metadata.invalid` if it is not a job of this version */
export function parseJob(value: unknown): Job {
  const job = isObject(value) ? toBoundedJob(value) : null;
  if (job !== null) return job;
  throw new GlanceError('metadata.invalid', 'the queue holds a job that this version does not understand', {
    hint: 'use the same version of glance-cli everywhere',
  });
}

/** A result may be left from an earlier attempt. */
function toBoundedJob({ result: _result, ...value }: Readonly<Record<string, unknown>>): Job | null {
  return JSON.stringify(value).length <= maxJobBytes ? toJob(value) : null;
}

function toJob(value: Readonly<Record<string, unknown>>): Job | null {
  const { schema, kind, image, name, size, record, place, endpoint, policy } = value;
  if (schema !== 1 || typeof image !== 'string' || typeof record !== 'string' || !isObject(policy)) return null;
  if (!isText(name) || !(size === null || isCount(size))) return null;
  const facts = { image, name, size, record };
  if (kind === 'verify') return toVerifyJob(facts, value, policy);
  if (typeof endpoint !== 'string') return null;
  if (kind === 'audit') {
    const { contents, contentsLimit, spool, target = null } = policy;
    if (!isText(place) || typeof contents !== 'boolean' || typeof spool !== 'boolean') return null;
    if (!isText(target)) return null;
    if (contentsLimit !== null && !(isCount(contentsLimit) && contentsLimit > 0)) return null;
    return { kind, place, endpoint, ...facts, policy: { contents, contentsLimit, spool, target } };
  }
  const { digest } = value;
  // Jobs from older planners do not have it.
  const { requireSafe, requireChecksum, preferStore = [] } = policy;
  if (kind !== 'copy' || typeof place !== 'string' || !isText(digest) || !isTexts(preferStore)) return null;
  if (typeof requireSafe !== 'boolean' || typeof requireChecksum !== 'boolean') return null;
  return { kind, place, endpoint, ...facts, digest, policy: { requireSafe, requireChecksum, preferStore } };
}

function toVerifyJob(
  facts: JobFacts,
  { place, endpoint, file, digests }: Readonly<Record<string, unknown>>,
  { quick }: Readonly<Record<string, unknown>>,
): VerifyJob | null {
  const { size } = facts;
  if (typeof place !== 'string' || endpoint !== null || typeof file !== 'string' || size === null) return null;
  if (typeof quick !== 'boolean' || !isTexts(digests) || digests.length > maxDigests) return null;
  return { kind: 'verify', place, endpoint, ...facts, size, file, digests, policy: { quick } };
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
