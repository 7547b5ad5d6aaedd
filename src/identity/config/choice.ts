// Chooses the cloud: one that is named, one made of variables or flags, or the only one configured. Pure.
import { GlanceError } from '../../errors.ts';
import { suggestNames } from '../../text/nearest.ts';
import { type ConfigMap, mapAt } from './node.ts';
import type { ConfigFiles } from './files.ts';
import type { Layer } from './layer.ts';
import { tellsWhere, tellsWho } from './variables.ts';

/** The cloud that was chosen. */
export interface ChosenCloud {
  readonly name: string;
  /** False: it consists of variables and flags alone. */
  readonly isInFile: boolean;
}

/** Names of the clouds in clouds.yaml, then of those that only secure.yaml has. */
export function cloudNames({ clouds, secure }: Pick<ConfigFiles, 'clouds' | 'secure'>): readonly string[] {
  const sections: readonly ConfigMap[] = [mapAt(clouds?.root, 'clouds'), mapAt(secure?.root, 'clouds')];
  return [...new Set(sections.flatMap((section) => [...section.keys()]))];
}

/** What the choice depends on. */
interface Candidates {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The value of `--os-cloud`; empty is unset. */
  readonly flag: string | undefined;
  readonly files: ConfigFiles;
  readonly environment: Layer;
  readonly flags: Layer;
}

/**
 * Chooses by, in this order: `--os-cloud`; `OS_CLOUD`; variables or flags that imply a login or an endpoint; the only
 * cloud in the file.
 * @returns null if nothing is configured
 * @throws GlanceError `cloud.not_found`; `config.missing` if there are several and none is named; `config.invalid` if a
 * file cannot be used and there is nothing else, or if a file's cloud has the name of the variables' cloud
 */
export function chooseCloud(candidates: Candidates): ChosenCloud | null {
  const { env, flag, files, environment, flags } = candidates;
  const names = cloudNames(files);
  const own = env['OS_CLOUD_NAME'] || 'envvars';
  const named = flag || env['OS_CLOUD'] || undefined;
  const fromVariables = tellsWho(environment);
  if (fromVariables && (named ?? own) === own && names.includes(own)) throw nameTaken(own, files);
  if (named !== undefined && names.includes(named)) return { name: named, isInFile: true };
  if (named !== undefined && (named !== own || !fromVariables)) throw notFound(named, names, files);
  if (fromVariables || tellsWhere(flags.settings)) return { name: own, isInFile: false };
  const [only, second] = names;
  if (second !== undefined) throw severalClouds(names, files);
  if (only !== undefined) return { name: only, isInFile: true };
  if (tellsWho(flags)) return { name: own, isInFile: false };
  const broken = files.problems.find(({ isMissing }) => !isMissing);
  if (broken !== undefined) throw brokenFile(broken.message);
  return null;
}

function pathsOf({ clouds, secure }: ConfigFiles): string {
  return clouds?.path ?? secure?.path ?? 'clouds.yaml';
}

function nameTaken(name: string, files: ConfigFiles): GlanceError {
  return new GlanceError(
    'config.invalid',
    `${pathsOf(files)} has a cloud "${name}", which is also the name of the cloud that the OS_ variables describe`,
    { hint: 'unset the variables, rename the cloud in the file, or set OS_CLOUD_NAME to another name' },
  );
}

function brokenFile(message: string): GlanceError {
  return new GlanceError('config.invalid', message, { hint: 'correct the file' });
}

/** If a file is broken, its contents are unknown, and the cloud may well be in it. */
function notFound(name: string, names: readonly string[], files: ConfigFiles): GlanceError {
  const broken = files.problems.filter(({ isMissing }) => !isMissing).map(({ message }) => message);
  if (files.clouds === null && broken.length > 0) {
    return brokenFile(`the cloud "${name}" cannot be found: ${broken.join('; ')}`);
  }
  const isRead = files.clouds !== null || files.secure !== null;
  const where = isRead
    ? `${pathsOf(files)} has ${names.join(', ') || 'none'}`
    : `none of these files is there: ${files.searched}`;
  const problems = files.problems.map(({ message }) => `; ${message}`).join('');
  return new GlanceError('cloud.not_found', `there is no cloud "${name}": ${where}${problems}`, {
    hint: suggestNames(name, names) ?? (isRead ? 'check `cloud` and OS_CLOUD' : howToHaveOne),
  });
}

const howToHaveOne =
  'describe the cloud in one of them (glance-cli help connection has an example), or name another file in OS_CLIENT_CONFIG_FILE';

function severalClouds(names: readonly string[], files: ConfigFiles): GlanceError {
  return new GlanceError('config.missing', `${pathsOf(files)} has several clouds: ${names.join(', ')}`, {
    hint: 'choose one with `cloud` or OS_CLOUD',
  });
}
