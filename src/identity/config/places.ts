// Where to look for clouds.yaml and its relatives.
// See https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html#config-files
import { expandPath, homeOf, pathsOf, type UserPlace } from '../../local/places.ts';

/** The machine on which to look for files. */
export interface ConfigPlace extends UserPlace {
  /** Stops waiting for a pipe that a variable names in place of a file. */
  readonly signal?: AbortSignal;
}

const suffixes = ['.yaml', '.yml', '.json'] as const;

/**
 * The paths to try, in order and without duplicates.
 * @param stem `clouds`, `secure`, `clouds-public`
 * @param variable the variable that names a file to try first; null if there is none
 */
export function searchPaths(place: ConfigPlace, stem: string, variable: string | null): readonly string[] {
  const path = pathsOf(place);
  const named = variable === null ? undefined : place.env[variable];
  const here = place.cwd === null ? [] : [place.cwd];
  const directories = [...here, ...userDirectories(place), ...siteDirectories(place)];
  const paths = directories.flatMap((directory) => suffixes.map((suffix) => path.join(directory, stem + suffix)));
  return [...new Set([...(named === undefined || named === '' ? [] : [expandPath(place, named)]), ...paths])];
}

/** Maximum number of places to name in a message. Users with more have put them into `XDG_CONFIG_DIRS`. */
const maxNamed = 8;

/** The paths at which clouds.yaml is searched for, in words: each with one of its three suffixes. */
export function describeSearch(place: ConfigPlace): string {
  const named = place.env['OS_CLIENT_CONFIG_FILE'] ?? '';
  const paths = searchPaths(place, 'clouds', null).filter((path) => path.endsWith(suffixes[0]));
  const more = paths.length > maxNamed ? ` and ${String(paths.length - maxNamed)} more` : '';
  const given = named === '' ? [] : [`${expandPath(place, named)} (OS_CLIENT_CONFIG_FILE)`];
  return `${[...given, ...paths.slice(0, maxNamed)].join(', ')}${more} (or .yml, .json)`;
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
