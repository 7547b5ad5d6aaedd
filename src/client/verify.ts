// Compares a file with digests, with its record, or with an image of a Glance.
import { basename } from 'node:path';
import { countOf } from '../text/count.ts';
import { quoteForShell } from '../text/quote-shell.ts';
import { type Digest, parseDigest } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { digestsOf } from '../image/data-answer.ts';
import { type Expected, expectedOf, readSidecar, type Verdict, verifyFile as compareFile } from '../mirror/verify.ts';
import { absolutePath } from '../local/places.ts';
import { isDirectory, isThere } from '../transfer/files/target.ts';
import type { CallOptions, FindOptions } from './library/call-options.ts';
import { listedDigests } from './checksums/listed-digests.ts';
import type { ConnectOptions } from './connect-options.ts';
import { Connection } from './connection.ts';
import { bareSystem, type System } from './system.ts';
import type { Found } from './find.ts';
import { parsePlace } from './places/place-name.ts';

export { type Verdict, verdictKeys, type VerifyStatus } from '../mirror/verify.ts';

/** Of every comparison. */
export interface VerifyOptions extends CallOptions {
  /** Where relative paths start, and the time. Absent: those of this machine. */
  readonly system?: Pick<System, 'cwd' | 'clock'>;
}

/** A vendor's list of checksums. */
export interface AgainstOptions {
  /**
   * A list such as `SHA256SUMS`, `*.sha512` or one in BSD's style: an http or https URL, or a path. It is read without any token;
   * its signature is not checked. Absent: none.
   */
  readonly against?: string | undefined;
  /** Name of the entry in that list. Absent: the name of the file. */
  readonly againstName?: string | undefined;
}

export interface VerifyFileOptions extends VerifyOptions, AgainstOptions {
  /**
   * Digests that the file has to have, such as `sha256:…`. Absent or empty, and without `against`: what the record `FILE.json`
   * beside it says.
   */
  readonly expect?: readonly (string | Digest)[];
  /** How a list is reached: proxies, time limits, retries. Absent: as the system says. */
  readonly connect?: ConnectOptions;
}

/** Of a comparison with an image. */
export interface VerifyImageOptions extends FindOptions, AgainstOptions {
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
 * Compares a file with digests that are given or in a vendor's list, or with the record that `download` with `metadata` wrote
 * beside it. Needs no network but for such a list.
 * @param path absolute, or from the working directory
 * @returns what it was found to be; `unproven` where the record has no digest
 * @throws GlanceError `io.missing` without the file, or without a record and `expect`; `io.*`; `json.invalid`,
 * `metadata.invalid` for the record or the list; `usage.argument` for what is no digest or list; `integrity.unprovable`,
 * `integrity.contradiction` for the list; what fetching it fails with; the signal's reason
 */
export async function verifyFile(path: string, options: VerifyFileOptions = {}): Promise<Verdict> {
  const connection = new Connection(options.connect ?? { system: { ...bareSystem(), ...options.system } });
  try {
    return await verifyFileOver(connection, path, options);
  } finally {
    await connection.close();
  }
}

/** {@link verifyFile} over a connection, which need not lead to a Glance. */
export async function verifyFileOver(
  connection: Connection,
  path: string,
  options: Omit<VerifyFileOptions, 'connect'>,
): Promise<Verdict> {
  const given = givenDigests(options);
  return await compare(path, options, async (target) => {
    const digests = [...given, ...(await listed(connection, target, options))];
    return digests.length > 0 ? { size: null, digests } : expectedOf(await readSidecar(target));
  });
}

/**
 * Compares a file with an image: its size, all of its digests, those of a pin, and those that are given.
 * @param find finds the image; not asked if there is no file
 * @throws as {@link verifyFile}; what `find` throws
 */
export async function verifyImageFile(
  connection: Connection,
  path: string,
  find: () => Promise<Found>,
  options: Omit<VerifyFileOptions, 'connect'>,
): Promise<Verdict> {
  const given = givenDigests(options);
  return await compare(path, options, async (target) => {
    const demanded = [...given, ...(await listed(connection, target, options))];
    const { image, pins } = await find();
    return { size: image.size, digests: [...demanded, ...pins.map(({ digest }) => digest), ...digestsOf(image)] };
  });
}

async function listed(
  connection: Connection,
  target: string,
  { against, againstName, signal = endless() }: VerifyFileOptions,
): Promise<readonly Digest[]> {
  return await listedDigests(connection, { from: against, entry: againstName }, basename(target), signal);
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
    return new GlanceError('integrity.size', text, { hint: fetchAgain(path) });
  }
  const text = `the ${String(algorithm)} of ${path} is ${String(actual)}; it should be ${String(expected)}`;
  return new GlanceError('integrity.digest', text, { hint: fetchAgain(path) });
}

function fetchAgain(path: string): string {
  return `it is damaged, or the file of another image; to replace it: glance-cli download IMAGE -o ${quoteForShell(path)} \`force\``;
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
