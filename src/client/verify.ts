// Compares a file with digests, with its record, or with an image of a Glance.
import { basename } from 'node:path';
import { countOf } from '../text/count.ts';
import { quoteForShell } from '../text/quote-shell.ts';
import { shorten } from '../text/shorten.ts';
import { type Digest, parseDigest } from '../digests.ts';
import { type ErrorFacts, GlanceError, IntegrityError } from '../errors.ts';
import { digestsOf } from '../image/data-answer.ts';
import { type Expected, expectedOf, readSidecar, type Verdict, compareFile } from '../mirror/verify.ts';
import { absolutePath } from '../local/places.ts';
import { isDirectory, isThere } from '../transfer/files/target.ts';
import type { Calls } from './calls.ts';
import type { CallOptions, FindOptions } from './library/call-options.ts';
import { locate } from './library/locate.ts';
import type { Image } from '../image/image.ts';
import { listedDigests } from './checksums/listed-digests.ts';
import type { ConnectOptions } from './connect-options.ts';
import type { Connection } from './connection.ts';
import type { System } from './system.ts';
import type { Found } from './find.ts';
import { parsePlace } from './places/place-name.ts';

export { type Verdict, verdictKeys } from '../mirror/verify.ts';

/** Options of every comparison. */
export interface VerifyOptions extends CallOptions {
  /** Where relative paths start, and the clock. Absent: those of this machine. */
  readonly system?: Pick<System, 'cwd' | 'clock'>;
}

/** Options for a vendor's list of checksums. */
interface AgainstOptions {
  /**
   * A list such as `SHA256SUMS` or `*.sha512`, or one in BSD's style: an http or https URL, or a path. It is read
   * without any token, and its signature is not checked. Absent: none.
   */
  readonly against?: string | undefined;
  /** Name of the entry in that list. Absent: the name of the file. */
  readonly againstName?: string | undefined;
}

/** The image with which a file is compared, as far as it is known. */
export interface ComparedImage {
  readonly id: string | null;
  readonly name: string | null;
}

/** Options of a comparison over a connection. */
interface CompareOptions extends Omit<VerifyFileOptions, 'connect' | 'system'> {
  /** Called with the image with which the file is compared, even if only a record names it. */
  readonly onImage?: (image: ComparedImage) => void;
}

export interface VerifyFileOptions extends VerifyOptions, AgainstOptions {
  /**
   * Digests that the file must have, such as `sha256:…`. If this is absent or empty and there is no `against`, the
   * record `FILE.json` beside the file decides.
   */
  readonly expect?: readonly (string | Digest)[];
  /** How to reach a list: proxies, time limits, retries. Absent: as {@link system} says. */
  readonly connect?: ConnectOptions;
}

/** Options of a comparison with an image. */
export interface VerifyImageOptions extends FindOptions, AgainstOptions {
  /** Digests that the file must have in addition, such as `sha256:…`. */
  readonly expect?: readonly string[];
}

/**
 * Whether a path is a mirror, or anything else that is not compared as a single file.
 * @throws GlanceError `usage.argument` for a URL of an unknown kind
 */
export async function isMirrorPath(path: string, system: Pick<System, 'cwd'>): Promise<boolean> {
  const { kind, name } = parsePlace(path, system.cwd);
  return kind !== 'directory' || (await isDirectory(name));
}

/**
 * Compares a file with given digests, with a vendor's list, or with the record that `download` with `metadata` wrote
 * beside it. Needs the network only for such a list.
 * @param connection need not lead to a Glance
 * @param path absolute, or relative to the working directory
 * @returns the verdict; `unproven` if the record has no digest
 * @throws GlanceError `io.missing` without the file, or without a record and `expect`; `io.*`; `json.invalid`,
 * `metadata.invalid` for the record or the list; `usage.argument` for an invalid digest or list;
 * `integrity.unprovable`, `integrity.contradiction` for the list; what fetching it fails with; the signal's reason
 */
export async function verifyFileOver(connection: Connection, path: string, options: CompareOptions): Promise<Verdict> {
  const given = givenDigests(options);
  return await compare(connection, path, options, async (target) => {
    const digests = [...given, ...(await listed(connection, target, options))];
    if (digests.length > 0) return { size: null, digests };
    const record = await readSidecar(target);
    options.onImage?.({ id: record.id ?? null, name: record.name ?? null });
    return expectedOf(record);
  });
}

/** {@link verifyImageFile} as a call of a GlanceClient. @throws also what finding the image throws */
export async function verifyCall(
  calls: Calls,
  path: string,
  image: Image | string,
  options: VerifyImageOptions,
): Promise<Verdict> {
  const { connection } = calls;
  const find = (): Promise<Found> => calls.explaining(() => locate(calls, image, options));
  const how = { ...options, signal: calls.signalOf(options) };
  return await verifyImageFile(connection, path, find, how);
}

/**
 * Compares a file with an image: its size, all its digests, those of a pin, and those given.
 * @param find finds the image; not called if the file does not exist
 * @throws as {@link verifyFileOver}; what `find` throws
 */
export async function verifyImageFile(
  connection: Connection,
  path: string,
  find: () => Promise<Found>,
  options: CompareOptions,
): Promise<Verdict> {
  const given = givenDigests(options);
  return await compare(connection, path, options, async (target) => {
    const demanded = [...given, ...(await listed(connection, target, options))];
    const { image, pins } = await find();
    options.onImage?.(image);
    return { size: image.size, digests: [...demanded, ...pins.map(({ digest }) => digest), ...digestsOf(image)] };
  });
}

async function listed(
  connection: Connection,
  target: string,
  { against, againstName, signal = endless() }: CompareOptions,
): Promise<readonly Digest[]> {
  return await listedDigests(connection, { from: against, entry: againstName }, basename(target), signal);
}

/**
 * Why a file is not what it should be, or null. The message does not repeat the digests, which are in the verdict.
 * @param image with which it was compared; null if it was not an image
 */
export function verdictFailure(verdict: Verdict, image: ComparedImage | null): GlanceError | null {
  const { path, status, size, expected_size, algorithm, expected, actual } = verdict;
  if (status === 'ok') return null;
  if (status === 'unproven') {
    const hint = 'give `expect: ALG:HEX`';
    return new GlanceError('integrity.unprovable', `${path}: there is no digest to compare with`, { hint });
  }
  const facts = {
    ...fetchAgain(path, image),
    ...(image === null || image.id === null ? {} : { image: image.id }),
  };
  const text = `${path} is not ${describeImage(image)}`;
  if (status === 'size') {
    return new GlanceError(
      'integrity.size',
      `${text}: it has ${countOf(size ?? 0, 'byte')}, not ${String(expected_size)}`,
      facts,
    );
  }
  const compared = {
    algorithm: String(algorithm),
    expected: String(expected),
    actual: String(actual),
    bytes: size ?? 0,
  };
  return new IntegrityError(`${text}: its ${String(algorithm)} differs`, compared, facts);
}

function describeImage(image: ComparedImage | null): string {
  const { id, name } = image ?? { id: null, name: null };
  if (name === null) return id === null ? 'what it should be' : `image ${shorten(id)}`;
  return `image ${shorten(name)}${id === null ? '' : ` (${shorten(id)})`}`;
}

/**
 * How to replace a file that is not what it should be. A stranger may have written the record beside the file, so only plain
 * text from it is offered for copying.
 */
function fetchAgain(path: string, image: ComparedImage | null): Pick<ErrorFacts, 'hint' | 'steps'> {
  const named = image?.id ?? image?.name ?? '';
  const shown = /^\w[\w.:@ -]{0,254}$/.test(named) ? quoteForShell(named) : 'IMAGE';
  const target = quoteForShell(path.startsWith('-') ? `./${path}` : path);
  return {
    hint: 'it is damaged, or the file of another image; to replace it:',
    steps: [`glance-cli download ${shown} -o ${target} \`force\``],
  };
}

/** @param expectedAt returns what the file at an absolute path should be; called only if it exists */
async function compare(
  { system }: Connection,
  path: string,
  options: CallOptions,
  expectedAt: (target: string) => Promise<Expected>,
): Promise<Verdict> {
  const target = absolutePath(system.cwd, path);
  if (!(await isThere(target))) throw missing(path);
  const verdict = await compareFile(target, path, await expectedAt(target), { signal: options.signal ?? endless() });
  if (verdict.status === 'missing') throw missing(path);
  return verdict;
}

function missing(path: string): GlanceError {
  return new GlanceError('io.missing', `${path}: there is no such file`, { hint: 'check the path' });
}

function givenDigests({ expect = [] }: CompareOptions): readonly Digest[] {
  return expect.map((digest) => (typeof digest === 'string' ? parseDigest(digest) : digest));
}

function endless(): AbortSignal {
  return new AbortController().signal;
}
