// Where AWS's shared files are, and how to read the files that settings name.
import { join } from 'node:path';
import { GlanceError } from '../../errors.ts';
import { errnoOf, isNotThere } from '../../local/errno.ts';
import {
  decodeText,
  isOpenToOthers,
  type NamedFile,
  readFileAtOnce,
  readNamedFile,
  unreadable,
} from '../../local/named-file.ts';
import { isOutOfFiles, outOfFiles } from '../../local/out-of-files.ts';
import { expandPath, homeOf, type UserPlace } from '../../local/places.ts';
import { parseIni, type Sections } from './ini.ts';

/** The machine and the user, as far as access to a bucket is concerned. */
export interface AwsPlace extends UserPlace {
  /** Our user id; null if files have no such permissions. */
  readonly uid: number | null;
}

/** One of the two shared files. */
export interface SharedFile {
  /** Absolute. */
  readonly path: string;
  /** Whether a variable names it. */
  readonly named: boolean;
  /** Empty if the file is missing or cannot be read. */
  readonly sections: Sections;
  /** A sentence on why nothing was read; null if it was. */
  readonly problem: string | null;
  readonly isMissing: boolean;
  /** Whether users other than its owner can read it. */
  readonly isOpen: boolean;
}

const maxSharedBytes = 1024 * 1024;
/** STS takes tokens of up to 20,000 characters. */
const maxTokenBytes = 64 * 1024;

const variables = { config: 'AWS_CONFIG_FILE', credentials: 'AWS_SHARED_CREDENTIALS_FILE' } as const;

/** Whether a text can be sent in a header as it is: printable ASCII. */
export function isHeaderText(text: string): boolean {
  return !/[^\x20-\x7e]/.test(text);
}

/** The value of a variable; null if it is unset. */
export function variable({ env }: AwsPlace, name: string): string | null {
  return env[name]?.trim() || null;
}

/**
 * Reads `~/.aws/config` or `~/.aws/credentials`, or the file that a variable names instead.
 * @throws GlanceError `config.invalid` for a malformed file; `io.limit`; the signal's reason
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html
 */
export async function readSharedFile(
  place: AwsPlace,
  kind: 'config' | 'credentials',
  signal: AbortSignal,
): Promise<SharedFile> {
  const named = variable(place, variables[kind]);
  const path = named === null ? join(homeOf(place), '.aws', kind) : expandPath(place, named);
  const source = named === null ? path : `${variables[kind]}: ${path}`;
  const nothing = { path, named: named !== null, sections: new Map<string, never>(), isOpen: false };
  let file: NamedFile;
  try {
    // Only a file named by a variable may be a pipe.
    file = named === null ? readFileAtOnce(path, maxSharedBytes) : await readNamedFile(path, maxSharedBytes, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (isOutOfFiles(error)) throw outOfFiles(path, error);
    return { ...nothing, problem: `${source} ${describe(error)}`, isMissing: isNotThere(error) };
  }
  const sections = parse(file.bytes, source);
  return {
    ...nothing,
    sections,
    problem: null,
    isMissing: false,
    isOpen: place.uid !== null && isOpenToOthers(file.stats, place.uid),
  };
}

/**
 * Reads a file that contains a single secret, such as a token.
 * @param source the variable or setting that names the file
 * @throws GlanceError `config.invalid`; `io.limit`; the signal's reason
 */
export async function readTokenFile(
  place: AwsPlace,
  source: string,
  file: string,
  signal: AbortSignal,
): Promise<string> {
  const text = (await readText(place, source, file, maxTokenBytes, signal)).trim();
  if (text !== '' && isHeaderText(text)) return text;
  const what = text === '' ? 'is empty' : 'does not hold a token: there are line breaks or other odd characters in it';
  throw new GlanceError('config.invalid', `${source}: ${file} ${what}`);
}

/** Reads the text of a file that a setting names. @throws as {@link readTokenFile} */
export async function readText(
  place: AwsPlace,
  source: string,
  file: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  try {
    return (await readNamedFile(expandPath(place, file), maxBytes, signal)).bytes.toString();
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(source, file, error);
  }
}

function parse(bytes: Uint8Array, shown: string): Sections {
  try {
    return parseIni(decodeText(bytes));
  } catch (error) {
    throw error instanceof GlanceError ? new GlanceError(error.code, `${shown}: ${error.message}`) : error;
  }
}

/** Describes system errors, and paths that are not files. */
function describe(error: unknown): string {
  if (isNotThere(error)) return 'is not there';
  if (error instanceof GlanceError) return `is ignored: ${error.message}`;
  if (errnoOf(error) === '') throw error;
  return `cannot be read (${errnoOf(error)})`;
}
