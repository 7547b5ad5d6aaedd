// Loads the cloud that flags, environment and files describe. Strongest first: flags, the variables that count, the
// region's values, secure.yaml, clouds.yaml, the vendor's profile, secrets that only the environment has, defaults.
import { mapAt } from './node.ts';
import type { Cloud } from './cloud.ts';
import { type ChosenCloud, chooseCloud, cloudNames } from './choice.ts';
import { buildCloud } from './build-cloud.ts';
import { type ConfigFile, type ConfigFiles, readConfigFiles } from './files.ts';
import { findText, type Layer, layerOf, type Setting, toLayer } from './layer.ts';
import { warnOfReaders } from './permissions.ts';
import type { ConfigPlace } from './places.ts';
import { loadProfile } from './profile.ts';
import { regionLayer } from './regions.ts';
import { divideVariables, environmentLayer, flagLayer } from './variables.ts';

/** Everything that can describe a cloud. */
export interface CloudSources extends ConfigPlace {
  /**
   * Flags by their names in clouds.yaml: `cloud`, `auth_url`, `region_name`, `insecure` … An empty one counts as unset.
   */
  readonly flags: ReadonlyMap<string, string>;
  /** What the user calls a flag, for messages and `doctor`. */
  readonly nameOf: (flag: string) => string;
  /** Id of the user who runs this; null if files have no such owner. */
  readonly uid: number | null;
  /** Whether every variable takes precedence over the file, even if a cloud is named, as in OpenStack's own client. */
  readonly mergeAll: boolean;
  /** Fetches the JSON at a URL. Called only for a profile that is a URL. */
  readonly fetchJson: (url: URL) => Promise<unknown>;
}

/**
 * Loads the configuration. Looks for the files each time.
 * @returns null if nothing at all is configured
 * @throws GlanceError `config.missing`, `config.invalid`, `cloud.not_found`, `cloud.region`, and what `fetchJson`
 * throws
 * @see https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 */
export async function loadCloud(sources: CloudSources): Promise<Cloud | null> {
  const files = await readConfigFiles(sources);
  const environment = environmentLayer(sources.env);
  const flags = flagLayer(sources.flags, sources.nameOf);
  const flag = sources.flags.get('cloud');
  const chosen = chooseCloud({ env: sources.env, flag, files, environment, flags });
  if (chosen === null) return null;
  const warnings = files.problems.map(({ message }) => message);
  const layers = await stackLayers(sources, files, chosen, { environment, flags }, warnings);
  const readers = chosen.isInFile ? warnOfReaders([files.clouds, files.secure], sources.uid) : null;
  if (readers !== null) warnings.push(readers);
  return { ...buildCloud(chosen.name, layers, sources), warnings };
}

/** The names of all clouds in clouds.yaml and secure.yaml, in the order of the files. Empty if there are no files. */
export async function listCloudNames(place: ConfigPlace): Promise<readonly string[]> {
  return cloudNames(await readConfigFiles(place));
}

/** The regions that the files name for a cloud. Empty if they name none, or do not have the cloud. */
export async function listRegionNames(place: ConfigPlace, cloud: string): Promise<readonly string[]> {
  const files = await readConfigFiles(place);
  const layers = [layerIn(files.secure, cloud), layerIn(files.clouds, cloud)];
  const listed = layers.flatMap(({ regions }) => regions ?? []).map(({ name }) => name);
  const own = findText(layers, 'region_name');
  return [...new Set([...listed, ...(own === null ? [] : [own])])];
}

async function stackLayers(
  sources: CloudSources,
  files: ConfigFiles,
  { name, isInFile }: ChosenCloud,
  { environment, flags }: { readonly environment: Layer; readonly flags: Layer },
  warnings: string[],
): Promise<readonly Layer[]> {
  const own = isInFile ? [layerIn(files.secure, name), layerIn(files.clouds, name), commonLayer(files.clouds)] : [];
  const profile = await loadProfile(findText([flags, ...(isInFile ? own : [environment])], 'profile'), {
    vendors: files.vendors,
    fetchJson: sources.fetchJson,
    warn: (message) => warnings.push(message),
  });
  const file = [...own, profile];
  const stack = (above: readonly Layer[], below: readonly Layer[]): readonly Layer[] => [
    ...above,
    regionLayer(name, above, file),
    ...file,
    ...below,
  ];
  if (sources.mergeAll || !isInFile) return stack([flags, environment], []);
  const region = regionLayer(name, [flags, environment], file);
  const { above, below, ignored } = divideVariables(environment, [region, ...file]);
  if (ignored.length > 0) warnings.push(describeIgnored(name, ignored));
  return stack([flags, above], [below]);
}

function layerIn(file: ConfigFile | null, cloud: string): Layer {
  return toLayer(mapAt(mapAt(file?.root, 'clouds'), cloud), file?.path ?? '');
}

/** What a file says for all its clouds: whether tokens may be kept, and whether to avoid IPv6. */
function commonLayer(file: ConfigFile | null): Layer {
  const source = file?.path ?? '';
  const settings = new Map<string, Setting>();
  const auth = mapAt(file?.root, 'cache').get('auth');
  if (typeof auth === 'string' && auth !== '') settings.set('cache.auth', { value: auth, source });
  const force = toLayer(mapAt(file?.root, 'client'), source).settings.get('force_ipv4');
  if (force !== undefined) settings.set('force_ipv4', force);
  return layerOf(settings);
}

function describeIgnored(cloud: string, variables: readonly string[]): string {
  return `cloud "${cloud}" is used as its file describes it; these variables are ignored: ${variables.join(', ')}`;
}
