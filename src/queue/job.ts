// A piece of work that outlives whoever planned it, as a value. It names what is meant and holds no secret. What comes out of
// a queue is anybody's who can write to it: nothing in it is believed that is not checked.
import { createHash } from 'node:crypto';
import { GlanceError } from '../errors.ts';

/** What is demanded of the images of a plan. */
export interface CopyPolicy {
  readonly requireSafe: boolean;
  readonly requireChecksum: boolean;
  /** Ids of the stores to take data from where they have it. Empty: the server chooses. */
  readonly preferStore: readonly string[];
}

/** What a report is to say. */
export interface AuditPolicy {
  /** Whether it is looked into the disk. */
  readonly contents: boolean;
  /** Bytes that are read for that at most; null: as many as are usual. */
  readonly contentsLimit: number | null;
  /** Whether an image whose store has no ranges is fetched for it. */
  readonly spool: boolean;
  /** The release of Glance that it is held against; null: none. */
  readonly target: string | null;
}

export interface VerifyPolicy {
  /** Whether data is compared without being read. */
  readonly quick: boolean;
}

interface JobFacts {
  /** Id of the image. */
  readonly image: string;
  readonly name: string | null;
  /** Bytes; null if nobody knows. */
  readonly size: number | null;
  /** SHA-256 of the record that it was planned by. */
  readonly record: string;
}

/** An image that is to be brought to a place. */
export interface CopyJob extends JobFacts {
  readonly kind: 'copy';
  /** Of the mirror: an absolute path, or the URL of a bucket. */
  readonly place: string;
  /** Of the Glance, as its own login leads there. */
  readonly endpoint: string;
  /** The strongest digest that the cloud names; null if it names none. */
  readonly digest: string | null;
  readonly policy: CopyPolicy;
}

/** An image that is to be inspected where it lies. */
export interface AuditJob extends JobFacts {
  readonly kind: 'audit';
  /** Where its report is kept; null: it goes back to whoever planned it. */
  readonly place: string | null;
  readonly endpoint: string;
  readonly policy: AuditPolicy;
}

/** An image in a place that is to be compared with what the index there says of it. */
export interface VerifyJob extends JobFacts {
  readonly kind: 'verify';
  readonly place: string;
  readonly endpoint: null;
  readonly size: number;
  /** Its data, below the place. */
  readonly file: string;
  /** Of its data, `ALGORITHM:HEX`. */
  readonly digests: readonly string[];
  readonly policy: VerifyPolicy;
}

export type Job = CopyJob | AuditJob | VerifyJob;
export type JobKind = Job['kind'];

/** How far a job is. */
export interface JobProgress {
  /** Bytes of image data that have come. */
  readonly bytes: number;
  /** Who is at it. */
  readonly worker: string;
}

/** Bytes that a job may have as text: its names and paths are bounded. */
const maxJobBytes = 16 * 1024;
/** Characters of the text that a job may leave for whoever planned it: what is in a report comes from the disks of strangers. */
export const maxResultLength = 256 * 1024;
const maxNameLength = 255;
const maxDigests = 16;
const resultsForMs = 24 * 3600 * 1000;

/**
 * What tells one job from another: place, Glance, image, record and policy. Planned twice it is the same job.
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

/** Whether it leaves a text for whoever planned it. */
export function hasResult({ kind, place }: Job): boolean {
  return kind === 'verify' || (kind === 'audit' && place === null);
}

/**
 * For how long a result counts that nobody has taken, as when a planner was killed, milliseconds. What an image is stays true
 * as long as its record does; what a place holds is to be seen anew.
 */
export function resultCountsForMs({ kind }: Pick<Job, 'kind'>): number {
  return kind === 'audit' ? resultsForMs : 0;
}

/** As it is put into a queue. */
export function formatJob(job: Job): object {
  return { schema: 1, ...job, name: job.name?.slice(0, maxNameLength) ?? null };
}

/** @throws GlanceError `metadata.invalid` for what is no job of this version */
export function parseJob(value: unknown): Job {
  const job = isObject(value) ? toBoundedJob(value) : null;
  if (job !== null) return job;
  throw new GlanceError('metadata.invalid', 'the queue holds a job that makes no sense to this version', {
    hint: 'use the same version of glance-cli everywhere',
  });
}

/** A result may be there of an earlier try. */
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
  // Jobs of a planner that did not know of it have none.
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
