// The profile whose settings count, from `config` and `credentials`, merged like AWS's command line tool does.
import { GlanceError } from '../../errors.ts';
import type { Section } from './ini.ts';
import { type AwsPlace, readSharedFile, type SharedFile, variable } from './place.ts';

/** A value and its source. */
export interface Setting {
  readonly value: string;
  /** Its name in messages: `AWS_REGION`, `region of profile default`. */
  readonly source: string;
}

/** The profile of a run. A missing one has no settings. */
export interface Profile {
  readonly name: string;
  /** Merged from both files; `credentials` takes precedence. */
  readonly settings: Section;
  /** The settings of each file: keys come from one file, and never with the token of the other. */
  readonly credentials: Section;
  readonly config: Section;
  /** The `[services NAME]` section that the profile names; empty if it names none, null if that section is missing. */
  readonly services: Section | null;
  /** One sentence about what each of the files contained. */
  readonly found: readonly string[];
  /** Warnings about oddities that are no reason to stop. */
  readonly warnings: readonly string[];
}

const none: Section = new Map();
/** Maximum number of names in a message. */
const maxNames = 10;
const secretNames = ['aws_secret_access_key', 'aws_session_token', 'aws_security_token'];

/**
 * Reads both files, and picks the profile: `AWS_PROFILE`, `AWS_DEFAULT_PROFILE` or `default`.
 * @throws GlanceError `config.invalid` for a malformed file, and for a named profile that is missing; `io.limit`; the
 * signal's reason
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export async function readProfile(place: AwsPlace, signal: AbortSignal): Promise<Profile> {
  const config = await readSharedFile(place, 'config', signal);
  const credentials = await readSharedFile(place, 'credentials', signal);
  const variableName = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'].find((name) => variable(place, name) !== null);
  const name = variableName === undefined ? 'default' : (variable(place, variableName) ?? 'default');
  const inConfig = findSection(config, 'profile', name) ?? (name === 'default' ? config.sections.get(name) : undefined);
  const inCredentials = credentials.sections.get(name);
  if (variableName !== undefined && inConfig === undefined && inCredentials === undefined) {
    throw missingProfile(variableName, name, config, credentials);
  }
  const settings: Section = new Map([...(inConfig ?? none), ...(inCredentials ?? none)]);
  return {
    name,
    settings,
    credentials: inCredentials ?? none,
    config: inConfig ?? none,
    services: findServices(settings, config),
    found: [config, credentials].map((file) => file.problem ?? `${file.path} has no keys in profile ${name}`),
    warnings: [config, credentials].flatMap((file) => warnOf(file)),
  };
}

/** A setting of the profile; null if it is unset, empty or not text. */
export function profileSetting({ settings, name }: Profile, key: string): Setting | null {
  const value = settings.get(key);
  return typeof value !== 'string' || value === '' ? null : { value, source: `${key} of profile ${name}` };
}

/** A variable, or else a setting of the profile; null if neither is set. */
export function findAwsSetting(
  place: AwsPlace,
  profile: Profile,
  names: readonly string[],
  key: string,
): Setting | null {
  const name = names.find((each) => variable(place, each) !== null);
  if (name === undefined) return profileSetting(profile, key);
  return { value: variable(place, name) ?? '', source: name };
}

/** `[KIND NAME]`, where the name may be in quotes. */
function findSection({ sections }: SharedFile, kind: string, name: string): Section | undefined {
  const title = [...sections.keys()].find((each) => nameIn(each, kind) === name);
  return title === undefined ? undefined : sections.get(title);
}

/** The name in a section's title; null for another kind of section. */
function nameIn(title: string, kind: string): string | null {
  const rest = title.startsWith(kind) ? title.slice(kind.length) : '';
  if (rest.trimStart() === rest) return null;
  const name = rest.trim();
  const quote = name.slice(0, 1);
  return name.length > 1 && ['"', "'"].includes(quote) && name.endsWith(quote) ? name.slice(1, -1) : name;
}

function findServices(settings: Section, config: SharedFile): Section | null {
  const name = settings.get('services');
  if (typeof name !== 'string' || name === '') return none;
  return findSection(config, 'services', name) ?? null;
}

function missingProfile(source: string, name: string, config: SharedFile, credentials: SharedFile): GlanceError {
  const inConfig = [...config.sections.keys()].map((title) => (title === 'default' ? title : nameIn(title, 'profile')));
  const names = [...new Set([...inConfig, ...credentials.sections.keys()])].filter((each) => each !== null);
  const shown = names.length > maxNames ? `${names.slice(0, maxNames).join(', ')} …` : names.join(', ');
  const problems = [config, credentials].map(({ problem }) => problem).filter((problem) => problem !== null);
  const why = problems.length === 0 ? '' : `; ${problems.join('; ')}`;
  return new GlanceError('config.invalid', `${source}: there is no profile "${name}"${why}`, {
    hint: shown === '' ? `unset ${source}, or write the profile` : `profiles are ${shown}`,
  });
}

function warnOf(file: SharedFile): readonly string[] {
  if (file.problem !== null) return file.isMissing && !file.named ? [] : [file.problem];
  const isSecret = [...file.sections.values()].some((section) => secretNames.some((name) => section.has(name)));
  if (!file.isOpen || !isSecret) return [];
  return [`${file.path} holds secret keys, and others can read it: chmod 600 ${file.path}`];
}
