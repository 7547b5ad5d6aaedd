// The settings from the environment, and which of them count in addition to a named cloud. Pure.
import type { ConfigMap } from './node.ts';
import { findSetting, type Layer, layerOf, type Setting, toLayer } from './layer.ts';
import { canonicalName } from './names.ts';

/** Variables that choose a cloud or its files, and are not settings. */
const selectors: ReadonlySet<string> = new Set([
  'OS_CLOUD',
  'OS_CLOUD_NAME',
  'OS_CLIENT_CONFIG_FILE',
  'OS_CLIENT_SECURE_FILE',
]);
const foreign = /^OS_(?:TEST|STD|LOG)/;

/** Settings that a variable changes for any cloud: they do not change the user. */
const takenAlways: ReadonlySet<string> = new Set([
  'region_name',
  'interface',
  'verify',
  'insecure',
  'cacert',
  'cert',
  'key',
  'image_endpoint_override',
  'image_api_version',
  'force_ipv4',
]);
/** Secrets that a variable may add to a cloud which lacks them. */
const takenIfMissing: ReadonlySet<string> = new Set(['auth.password', 'auth.passcode', 'auth.token']);

/** The `OS_*` variables as settings, each with its own name as the source. An empty variable is unset. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const layers = Object.entries(env)
    .filter(([variable]) => variable.startsWith('OS_') && !selectors.has(variable) && !foreign.test(variable))
    .map(([variable, value = '']) => singleLayer(variable.slice('OS_'.length).toLowerCase(), value, variable));
  return joinLayers(layers);
}

/**
 * The layer that flags make.
 * @param flags by their names in clouds.yaml; `cloud` is ignored
 * @param nameOf what the user calls a flag: its source
 */
export function flagLayer(flags: ReadonlyMap<string, string>, nameOf: (name: string) => string): Layer {
  const layers = [...flags]
    .filter(([name]) => name !== 'cloud')
    .map(([name, value]) => singleLayer(name, value, nameOf(name)));
  return joinLayers(layers);
}

/** How to divide the variables if a cloud is named. */
interface TakenVariables {
  /** Variables that take precedence over the file. */
  readonly above: Layer;
  /** Variables over which everything in the file takes precedence. */
  readonly below: Layer;
  /** Names of the variables that are ignored. */
  readonly ignored: readonly string[];
}

/** Divides the variables: a stray one from an openrc file must not change the user of a named cloud. */
export function divideVariables(environment: Layer, file: readonly Layer[]): TakenVariables {
  const above = new Map<string, Setting>();
  const below = new Map<string, Setting>();
  const ignored: string[] = [];
  for (const [name, setting] of environment.settings) {
    if (takenAlways.has(name)) above.set(name, setting);
    else if (takenIfMissing.has(name) && findSetting(file, name) === undefined) below.set(name, setting);
    else ignored.push(setting.source);
  }
  return { above: layerOf(above), below: layerOf(below), ignored };
}

/**
 * Whether settings imply a login or an endpoint, so that they form a cloud of their own. A token alone does not: it
 * belongs to a bare endpoint, or to the cloud in the file.
 */
export function tellsWho({ settings }: Layer): boolean {
  const isLogin = (name: string): boolean =>
    name === 'auth_type' || (name.startsWith('auth.') && name !== 'auth.token');
  return [...settings.keys()].some((name) => isLogin(name)) || tellsWhere(settings);
}

/** Whether settings say where to connect. A file's settings for another place must not be mixed with them. */
export function tellsWhere(settings: Layer['settings']): boolean {
  return ['auth.auth_url', 'auth.endpoint', 'image_endpoint_override', 'profile'].some((name) => settings.has(name));
}

function singleLayer(name: string, value: string, source: string): { layer: Layer; isOld: boolean } {
  const config: ConfigMap = new Map(canonicalName(name) === null ? [] : [[name, value]]);
  return { layer: toLayer(config, source), isOld: canonicalName(name)?.isOld ?? false };
}

/** A newer spelling takes precedence over an older one. */
function joinLayers(layers: readonly { layer: Layer; isOld: boolean }[]): Layer {
  const ordered = [...layers.filter(({ isOld }) => isOld), ...layers.filter(({ isOld }) => !isOld)];
  return layerOf(new Map(ordered.flatMap(({ layer }) => [...layer.settings])));
}
