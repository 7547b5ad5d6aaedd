// Finding and reading clouds.yaml and its relatives. Nothing in them is believed to be of any type but text, list or map.
// See https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { GlanceError } from '../errors.ts';

/** What a YAML file holds. Numbers and booleans stay the text that was written. */
export type ConfigNode = string | readonly ConfigNode[] | ReadonlyMap<string, ConfigNode>;

/** The machine that files are looked for on. */
export interface ConfigPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly homedir: string;
}

export interface ConfigFile {
  readonly path: string;
  readonly root: ReadonlyMap<string, ConfigNode>;
}

const maxFileBytes = 1024 * 1024;
const maxAliases = 50;
const suffixes = ['.yaml', '.yml', '.json'] as const;

/**
 * Where a file is looked for, the first place first.
 * @param stem `clouds`, `secure`, `clouds-public`
 * @param variable that names a file to look at before all others
 */
export function searchPaths(place: ConfigPlace, stem: string, variable: string | null): readonly string[] {
  const named = variable === null ? undefined : place.env[variable];
  const directories = [place.cwd, ...userDirectories(place), ...siteDirectories(place)];
  const paths = directories.flatMap((directory) => suffixes.map((suffix) => join(directory, stem + suffix)));
  return [...new Set([...(named === undefined || named === '' ? [] : [expandPath(place, named)]), ...paths])];
}

function userDirectories({ env, platform, homedir }: ConfigPlace): readonly string[] {
  const home = env['SNAP_REAL_HOME'] ?? homedir;
  const fallback = join(home, '.config', 'openstack');
  if (platform === 'darwin') return [join(home, 'Library', 'Application Support', 'openstack'), fallback];
  if (platform === 'win32')
    return [join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'OpenStack', 'openstack'), fallback];
  const base = env['XDG_CONFIG_HOME'];
  return base === undefined || base === '' ? [fallback] : [join(base, 'openstack'), fallback];
}

function siteDirectories({ env, platform }: ConfigPlace): readonly string[] {
  if (platform === 'darwin') return ['/Library/Application Support/openstack', '/etc/openstack'];
  if (platform === 'win32') return ['C:\\ProgramData\\OpenStack\\openstack'];
  const dirs = (env['XDG_CONFIG_DIRS'] ?? '/etc/xdg').split(':').filter(isAbsolute);
  return [...dirs.map((directory) => join(directory, 'openstack')), '/etc/openstack'];
}

/** A path as a person writes it: `~`, relative to the working directory. */
export function expandPath({ cwd, env, homedir }: ConfigPlace, path: string): string {
  return resolve(cwd, path.replace(/^~(?=$|[/\\])/, env['SNAP_REAL_HOME'] ?? homedir));
}

/** The first file that can be read and understood. The others are passed over, with a warning if they are there. */
export async function readFirst(paths: readonly string[], warn: (message: string) => void): Promise<ConfigFile | null> {
  for (const path of paths) {
    // oxlint-disable-next-line no-await-in-loop -- the first one wins
    const text = await readSmall(path, warn);
    if (text === null) continue;
    try {
      return { path, root: parseConfig(text) };
    } catch (error) {
      if (!(error instanceof GlanceError)) throw error;
      warn(`${path} is passed over: ${error.message}`);
    }
  }
  return null;
}

async function readSmall(path: string, warn: (message: string) => void): Promise<string | null> {
  try {
    if ((await stat(path)).size > maxFileBytes) {
      warn(`${path} is passed over: it is larger than 1 MiB`);
      return null;
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!['ENOENT', 'ENOTDIR'].includes(errno)) warn(`${path} is passed over: it cannot be read (${errno})`);
    return null;
  }
}

/**
 * Parses YAML, of which JSON is a part. Scalars stay text: a password `0123` is no number.
 * @throws GlanceError `config.invalid`
 */
export function parseConfig(text: string): ReadonlyMap<string, ConfigNode> {
  try {
    const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent' });
    const [problem] = document.errors;
    if (problem !== undefined) throw problem;
    const root = toNode(document.toJS({ mapAsMap: true, maxAliasCount: maxAliases }), 0);
    if (root instanceof Map) return root as ReadonlyMap<string, ConfigNode>;
  } catch (error) {
    if (error instanceof GlanceError) throw error;
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new GlanceError('config.invalid', `it is not YAML that can be understood (${first})`);
  }
  throw new GlanceError('config.invalid', 'it holds no settings');
}

const maxDepth = 20;

function toNode(value: unknown, depth: number): ConfigNode {
  if (depth > maxDepth) throw new GlanceError('config.invalid', 'it is nested too deeply');
  if (Array.isArray(value)) return value.map((item: unknown) => toNode(item, depth + 1));
  if (value instanceof Map) {
    return new Map([...(value as Map<unknown, unknown>)].map(([key, item]) => [String(key), toNode(item, depth + 1)]));
  }
  return typeof value === 'string' ? value : '';
}

/** The map under a key, or an empty one. */
export function mapAt(node: ConfigNode | undefined, key: string): ReadonlyMap<string, ConfigNode> {
  const found = node instanceof Map ? (node.get(key) as ConfigNode | undefined) : undefined;
  return found instanceof Map ? (found as ReadonlyMap<string, ConfigNode>) : new Map();
}
