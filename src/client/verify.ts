// Whether files are what they were: one against digests, its record or an image of a Glance; a mirror against its index.
import { countOf } from '../text/count.ts';
import { type Digest, parseDigest } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { digestsOf } from '../image/data-answer.ts';
import { indexName } from '../mirror/index-file.ts';
import type { Comparison } from '../mirror/places/place.ts';
import {
  type Expected,
  expectedOf,
  noVerdict,
  readSidecar,
  type Verdict,
  verifyFile as compareFile,
} from '../mirror/verify.ts';
import { absolutePath } from '../local/places.ts';
import { isDirectory, isThere } from '../transfer/files/target.ts';
import type { CallOptions, FindOptions } from './call-options.ts';
import { type ProgressEvent, stamp } from './download/progress-event.ts';
import { bareSystem, type System } from './system.ts';
import type { Found } from './find.ts';
import { openPlace, parsePlace } from './places/open-place.ts';

export { type Verdict, verdictKeys, type VerifyStatus } from '../mirror/verify.ts';

/** What happens while a mirror is compared. Bytes are of image data. */
export type VerifyEvent =
  | Extract<ProgressEvent, { readonly event: 'start' | 'progress' }>
  /** The index is none that a mirror wrote; why. */
  | { readonly event: 'forged'; readonly message: string };

/** Of every comparison. */
export interface VerifyOptions extends CallOptions {
  /** Where relative paths start, and the time. Absent: those of this machine. */
  readonly system?: Pick<System, 'cwd' | 'clock'>;
}

export interface VerifyFileOptions extends VerifyOptions {
  /** Digests that the file has to have, such as `sha256:…`. Absent or empty: what the record `FILE.json` beside it says. */
  readonly expect?: readonly (string | Digest)[];
}

/** Of a comparison with an image. */
export interface VerifyImageOptions extends FindOptions {
  /** Digests that the file has to have too, such as `sha256:…`. */
  readonly expect?: readonly string[];
}

export interface VerifyMirrorOptions extends VerifyOptions {
  /** Files at once, ≥ 1. Absent: 4. */
  readonly jobs?: number | undefined;
  /** Told what happens, in order. Must not throw. */
  readonly onEvent?: (event: VerifyEvent) => void;
}

const defaultJobs = 4;

/**
 * Whether a path is that of a mirror, or of anything that is not compared as one file.
 * @throws GlanceError `usage.argument` for a URL of a kind that is not known
 */
export async function isMirrorPath(path: string, system: Pick<System, 'cwd'>): Promise<boolean> {
  const { kind, name } = parsePlace(path, system.cwd);
  return kind !== 'directory' || (await isDirectory(name));
}

/**
 * Compares a file with digests that are given, or with the record that `download` with `metadata` wrote beside it. Needs no
 * network.
 * @param path absolute, or from the working directory
 * @returns what it was found to be; `unproven` where the record has no digest
 * @throws GlanceError `io.missing` without the file, or without a record and `expect`; `io.*`; `json.invalid`,
 * `metadata.invalid` for the record; `usage.argument` for what is no digest; the signal's reason
 */
export async function verifyFile(path: string, options: VerifyFileOptions = {}): Promise<Verdict> {
  const digests = givenDigests(options);
  return await compare(path, options, async (target) =>
    digests.length > 0 ? { size: null, digests } : expectedOf(await readSidecar(target)),
  );
}

/**
 * Compares a file with an image: its size, all of its digests, those of a pin, and those that are given.
 * @param find finds the image; not asked if there is no file
 * @throws as {@link verifyFile}; what `find` throws
 */
export async function verifyImageFile(
  path: string,
  find: () => Promise<Found>,
  options: VerifyFileOptions,
): Promise<Verdict> {
  const given = givenDigests(options);
  return await compare(path, options, async () => {
    const { image, pin } = await find();
    return { size: image.size, digests: [...given, ...(pin === null ? [] : [pin.digest]), ...digestsOf(image)] };
  });
}

/**
 * Compares every file of a mirror with its index, and finds what does not belong there. Needs no network.
 * @param place a directory, absolute or from the working directory, or `s3://BUCKET/PREFIX`
 * @returns a verdict for each image, in the order of the index, then one for each other finding; `unlisted` is no damage: the
 * next run of the mirror lists it
 * @throws GlanceError `usage.argument` for a URL of another kind; `io.missing` where there is no mirror, `io.*` if it cannot be
 * read; the signal's reason
 */
export async function* verifyMirror(
  place: string,
  options: VerifyMirrorOptions = {},
): AsyncGenerator<Verdict, void, undefined> {
  const { jobs = defaultJobs, signal = endless(), onEvent = () => undefined } = options;
  const system = { ...bareSystem(), ...options.system };
  let comparison: Comparison;
  try {
    comparison = await openPlace(place, system).compare(signal);
  } catch (error) {
    if (!(error instanceof GlanceError) || error.code !== 'metadata.invalid') throw error;
    onEvent({ event: 'forged', message: error.message });
    yield { ...noVerdict, path: indexName, status: 'forged' };
    return;
  }
  const total = comparison.bytes;
  let bytes = 0;
  const tell = stamp(system.clock, (event) =>
    event.event === 'start' || event.event === 'progress' ? onEvent(event) : undefined,
  );
  tell({ event: 'start', name: countOf(comparison.images, 'image'), total, kept: 0 });
  const onBytes = (count: number): void => {
    bytes += count;
    tell({ event: 'progress', bytes, total });
  };
  yield* comparison.verdicts({ jobs, signal, onBytes });
}

/** Why a file is not what it should be, or null. */
export function verdictFailure(verdict: Verdict): GlanceError | null {
  const { path, status, size, expected_size, algorithm, expected, actual } = verdict;
  if (status === 'ok') return null;
  if (status === 'unproven') {
    const hint = 'give --expect ALG:HEX';
    return new GlanceError('integrity.unprovable', `${path}: there is no digest to compare with`, { hint });
  }
  if (status === 'size') {
    const text = `${path} has ${countOf(size ?? 0, 'byte')}; it should have ${String(expected_size)}`;
    return new GlanceError('integrity.size', text);
  }
  const text = `the ${String(algorithm)} of ${path} is ${String(actual)}; it should be ${String(expected)}`;
  return new GlanceError('integrity.digest', text);
}

/** How many verdicts about a mirror there are of each kind; `bad` is what is not as it should be and can be read. */
export interface VerdictCounts {
  good: number;
  unlisted: number;
  unreadable: number;
  bad: number;
}

/** The count that a verdict belongs to. */
export function kindOf({ status }: Verdict): keyof VerdictCounts {
  if (status === 'ok') return 'good';
  return status === 'unlisted' || status === 'unreadable' ? status : 'bad';
}

/** Why a mirror is not what its index says, or null. @param place its name, as {@link parsePlace} gives it */
export function mirrorFailure(place: string, { unreadable, bad }: Readonly<VerdictCounts>): GlanceError | null {
  if (bad > 0) {
    return new GlanceError('integrity.digest', `${place}: ${filesAre(bad)} not as it should be`, {
      hint: 'remove what is damaged and run mirror again: it fetches what is missing',
    });
  }
  return unreadable > 0 ? new GlanceError('io.error', `${place}: ${filesAre(unreadable)} unreadable`) : null;
}

function filesAre(count: number): string {
  return `${countOf(count, 'file')} ${count === 1 ? 'is' : 'are'}`;
}

/** @param expectedAt what the file at an absolute path should be; asked only if it is there */
async function compare(
  path: string,
  options: VerifyOptions,
  expectedAt: (target: string) => Promise<Expected>,
): Promise<Verdict> {
  const target = targetOf(path, options);
  if (!(await isThere(target))) throw missing(path);
  const verdict = await compareFile(target, path, await expectedAt(target), { signal: options.signal ?? endless() });
  if (verdict.status === 'missing') throw missing(path);
  return verdict;
}

function missing(path: string): GlanceError {
  return new GlanceError('io.missing', `${path}: there is no such file`, { hint: 'check the path' });
}

function givenDigests({ expect = [] }: VerifyFileOptions): readonly Digest[] {
  return expect.map((digest) => (typeof digest === 'string' ? parseDigest(digest) : digest));
}

function targetOf(path: string, { system = bareSystem() }: VerifyOptions): string {
  return absolutePath(system.cwd, path);
}

function endless(): AbortSignal {
  return new AbortController().signal;
}
