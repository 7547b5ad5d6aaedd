// Whether files are what they were: one against digests, its record, or an image of a Glance.
import { countOf } from '../text/count.ts';
import { type Digest, parseDigest } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { digestsOf } from '../image/data-answer.ts';
import { type Expected, expectedOf, readSidecar, type Verdict, verifyFile as compareFile } from '../mirror/verify.ts';
import { absolutePath } from '../local/places.ts';
import { isDirectory, isThere } from '../transfer/files/target.ts';
import type { CallOptions, FindOptions } from './call-options.ts';
import { bareSystem, type System } from './system.ts';
import type { Found } from './find.ts';
import { parsePlace } from './places/place-name.ts';

export { type Verdict, verdictKeys, type VerifyStatus } from '../mirror/verify.ts';

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

/** Why a file is not what it should be, or null. */
export function verdictFailure(verdict: Verdict): GlanceError | null {
  const { path, status, size, expected_size, algorithm, expected, actual } = verdict;
  if (status === 'ok') return null;
  if (status === 'unproven') {
    const hint = 'give `expect: ALG:HEX`';
    return new GlanceError('integrity.unprovable', `${path}: there is no digest to compare with`, { hint });
  }
  if (status === 'size') {
    const text = `${path} has ${countOf(size ?? 0, 'byte')}; it should have ${String(expected_size)}`;
    return new GlanceError('integrity.size', text);
  }
  const text = `the ${String(algorithm)} of ${path} is ${String(actual)}; it should be ${String(expected)}`;
  return new GlanceError('integrity.digest', text);
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
