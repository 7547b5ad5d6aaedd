// Where clouds.yaml and its relatives are looked for.
// See https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html#config-files
import { posix, win32 } from 'node:path';
import { absolutePath } from '../../local/places.ts';

/** The machine that files are looked for on. */
export interface ConfigPlace {
  /** Environment variables. An empty one is unset. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path that relative ones start from; null if the working directory is gone. */
  readonly cwd: string | null;
  readonly platform: NodeJS.Platform;
  readonly homedir: string;
  /** Ends the wait for a pipe that a variable names in place of a file. */
  readonly signal?: AbortSignal;
}

const suffixes = ['.yaml', '.yml', '.json'] as const;

/**
 * Paths in the order in which they are tried; none is twice in it.
 * @param stem `clouds`, `secure`, `clouds-public`
 * @param variable that names a file to try before all others; null: there is none
 */
export function searchPaths(place: ConfigPlace, stem: string, variable: string | null): readonly string[] {
  const path = pathsOf(place);
  const named = variable === null ? undefined : place.env[variable];
  const here = place.cwd === null ? [] : [place.cwd];
  const directories = [...here, ...userDirectories(place), ...siteDirectories(place)];
  const paths = directories.flatMap((directory) => suffixes.map((suffix) => path.join(directory, stem + suffix)));
  return [...new Set([...(named === undefined || named === '' ? [] : [expandPath(place, named)]), ...paths])];
}

/** So many places are named in a message; who has more has put them into `XDG_CONFIG_DIRS`. */
const maxNamed = 8;

/** The paths of a clouds.yaml that are tried, in words: each with one ending in place of three. */
export function describeSearch(place: ConfigPlace): string {
  const named = place.env['OS_CLIENT_CONFIG_FILE'] ?? '';
  const paths = searchPaths(place, 'clouds', null).filter((path) => path.endsWith(suffixes[0]));
  const more = paths.length > maxNamed ? ` and ${String(paths.length - maxNamed)} more` : '';
  const given = named === '' ? [] : [`${expandPath(place, named)} (OS_CLIENT_CONFIG_FILE)`];
  return `${[...given, ...paths.slice(0, maxNamed)].join(', ')}${more} (or .yml, .json)`;
}

/**
 * A path as a person writes it, absolute: `~` is the home directory, relative ones start from the working directory.
 * @throws GlanceError `io.missing` for a relative one where that is gone
 */
export function expandPath(place: ConfigPlace, path: string): string {
  const isHome = path === '~' || path.startsWith('~/') || (place.platform === 'win32' && path.startsWith('~\\'));
  const written = isHome ? homeOf(place) + path.slice(1) : path;
  return place.cwd === null ? absolutePath(null, written) : pathsOf(place).resolve(place.cwd, written);
}

function pathsOf({ platform }: ConfigPlace): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

/** Snaps have a HOME of their own, and tell the user's apart. */
function homeOf({ env, homedir }: ConfigPlace): string {
  return env['SNAP_REAL_HOME'] || homedir;
}

function userDirectories(place: ConfigPlace): readonly string[] {
  const { env, platform } = place;
  const path = pathsOf(place);
  const home = homeOf(place);
  const common = path.join(home, '.config', 'openstack');
  if (platform === 'darwin') return [path.join(home, 'Library', 'Application Support', 'openstack'), common];
  if (platform === 'win32') {
    return [path.join(env['LOCALAPPDATA'] || path.join(home, 'AppData', 'Local'), 'OpenStack', 'openstack'), common];
  }
  const base = env['XDG_CONFIG_HOME'] ?? '';
  return path.isAbsolute(base) ? [path.join(base, 'openstack'), common] : [common];
}

function siteDirectories(place: ConfigPlace): readonly string[] {
  const { env, platform } = place;
  const path = pathsOf(place);
  if (platform === 'darwin') return ['/Library/Application Support/openstack', '/etc/openstack'];
  if (platform === 'win32') return [path.join(env['ProgramData'] || 'C:\\ProgramData', 'OpenStack', 'openstack')];
  const directories = (env['XDG_CONFIG_DIRS'] || '/etc/xdg')
    .split(':')
    .filter((directory) => path.isAbsolute(directory));
  return [...directories.map((directory) => path.join(directory, 'openstack')), '/etc/openstack'];
}
