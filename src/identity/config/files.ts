// Reads clouds.yaml, secure.yaml and clouds-public.yaml: for each, the first file that is readable and valid.
import { statSync } from 'node:fs';
import { GlanceError } from '../../errors.ts';
import { isOutOfFiles, outOfFiles } from '../../local/out-of-files.ts';
import { errnoOf, isNotThere } from '../../local/errno.ts';
import { decodeText, readFileAtOnce, readNamedFile } from '../../local/named-file.ts';
import type { ConfigMap } from './node.ts';
import { expandPath } from '../../local/places.ts';
import { type ConfigPlace, describeSearch, searchPaths } from './places.ts';

/** A file that was read. */
export interface ConfigFile {
  readonly path: string;
  readonly root: ConfigMap;
  /** Permission bits as returned by stat(2). */
  readonly mode: number;
  readonly uid: number;
}

/** The files of a run; null for one that does not exist. */
export interface ConfigFiles {
  readonly clouds: ConfigFile | null;
  readonly secure: ConfigFile | null;
  readonly vendors: ConfigFile | null;
  /** Where clouds.yaml was searched for, in words. */
  readonly searched: string;
  /** Files that were skipped, and why. */
  readonly problems: readonly FileProblem[];
}

/** Why a file was skipped. */
interface FileProblem {
  readonly message: string;
  /** True for a missing file that a variable names. */
  readonly isMissing: boolean;
}

const maxFileBytes = 1024 * 1024;

/** Looks for all three. Unusable files are among `problems`. @throws GlanceError `io.limit`; the signal's reason */
export async function readConfigFiles(place: ConfigPlace): Promise<ConfigFiles> {
  const problems: FileProblem[] = [];
  const read = async (stem: string, variable: string | null): Promise<ConfigFile | null> =>
    await readFirst(place, stem, variable, problems);
  return {
    clouds: await read('clouds', 'OS_CLIENT_CONFIG_FILE'),
    secure: await read('secure', 'OS_CLIENT_SECURE_FILE'),
    vendors: await read('clouds-public', null),
    searched: describeSearch(place),
    problems,
  };
}

async function readFirst(
  place: ConfigPlace,
  stem: string,
  variable: string | null,
  problems: FileProblem[],
): Promise<ConfigFile | null> {
  const value = variable === null ? undefined : place.env[variable];
  const named = value === undefined || value === '' ? null : expandPath(place, value);
  for (const path of searchPaths(place, stem, variable)) {
    try {
      return await readFile(path, path === named, place.signal);
    } catch (error) {
      place.signal?.throwIfAborted();
      if (isOutOfFiles(error)) throw outOfFiles(path, error);
      const isMissing = isNotThere(error);
      if (isMissing && path !== named) continue;
      const who = path === named ? `${variable}: ` : '';
      problems.push({ message: `${who}${path} is ignored: ${describeProblem(error)}`, isMissing });
    }
  }
  return null;
}

/** @param isNamed whether a variable names it: then it may be a pipe, such as a shell's `<(sops -d clouds.yaml)` */
async function readFile(path: string, isNamed: boolean, signal: AbortSignal | undefined): Promise<ConfigFile> {
  const isPipe = isNamed && statSync(path).isFIFO();
  const { bytes, stats } = isPipe
    ? await readNamedFile(path, maxFileBytes, signal)
    : readFileAtOnce(path, maxFileBytes);
  return { path, root: await parse(decodeText(bytes)), mode: stats.mode % 0o1000, uid: stats.uid };
}

/** Loads the YAML library only if there is a file to read. */
async function parse(text: string): Promise<ConfigMap> {
  const { parseConfig } = await import('./clouds-yaml.ts');
  return parseConfig(text);
}

function describeProblem(error: unknown): string {
  if (error instanceof GlanceError) return error.message;
  if (errnoOf(error) === '') throw error;
  return isNotThere(error) ? 'there is no such file' : `it cannot be read (${errnoOf(error)})`;
}
