// One source of settings (a file, the environment, flags) as flat settings in one spelling, and lookups in a stack of
// such layers. Pure.
import { GlanceError } from '../../errors.ts';
import type { ConfigMap, ConfigNode } from './node.ts';
import type { Source } from './cloud.ts';
import { canonicalName, listNames } from './names.ts';

/** A setting's value, never empty, and its source. */
export interface Setting {
  readonly value: string | readonly string[];
  readonly source: Source;
}

/** A region of a cloud. */
interface Region {
  readonly name: string;
  /** Settings that override the cloud's own in this region. */
  readonly values: Layer;
}

export interface Layer {
  /** By name; those under `auth` are `auth.NAME`, the cache's is `cache.auth`. */
  readonly settings: ReadonlyMap<string, Setting>;
  /** In the order of the file; null if it has no list. */
  readonly regions: readonly Region[] | null;
  /** Where the list of regions comes from. */
  readonly source: Source;
}

/**
 * Makes a layer from a cloud in clouds.yaml, or from another map with the same names. Unknown names are dropped, and an
 * empty value counts as unset. A newer spelling takes precedence over an older one, and a setting under `auth` over the
 * same one outside it.
 * @throws GlanceError `config.invalid` for a list or a map where text is required
 */
export function toLayer(config: ConfigMap, source: Source): Layer {
  const settings = new Map<string, Setting>();
  const take = (entries: ConfigMap, isOld: boolean): void => {
    for (const [written, node] of entries) {
      const name = canonicalName(written);
      if (name === null || name.isOld !== isOld || (isOld && settings.has(name.name))) continue;
      const value = readValue(name.name, node, source);
      if (value !== null) settings.set(name.name, { value, source });
    }
  };
  const auth = sectionOf(config, 'auth', source);
  for (const entries of [config, auth]) take(entries, false);
  for (const entries of [auth, config]) take(entries, true);
  const cache = readValue('cache.auth', sectionOf(config, 'cache', source).get('auth'), source);
  if (cache !== null) settings.set('cache.auth', { value: cache, source });
  return { settings, regions: readRegions(config.get('regions'), source) ?? splitRegions(settings), source };
}

/** A layer of single settings. */
export function layerOf(settings: ReadonlyMap<string, Setting>): Layer {
  return { settings, regions: null, source: '' };
}

/**
 * The setting under any of the names, from the strongest layer that has one. Within a layer, earlier names take
 * precedence.
 */
export function findSetting(layers: readonly Layer[], ...names: readonly string[]): Setting | undefined {
  for (const { settings } of layers) {
    for (const name of names) {
      const setting = settings.get(name);
      if (setting !== undefined) return setting;
    }
  }
  return undefined;
}

/** {@link findSetting} as text, or null. */
export function findText(layers: readonly Layer[], ...names: readonly string[]): string | null {
  const value = findSetting(layers, ...names)?.value;
  return value === undefined ? null : typeof value === 'string' ? value : value.join(',');
}

function sectionOf(config: ConfigMap, name: string, source: Source): ConfigMap {
  const section = config.get(name);
  if (section instanceof Map) return section as ConfigMap;
  // `OS_CACHE` and `OS_AUTH` mean nothing in an environment; `auth: text` in a file is a mistake worth reporting.
  if (name !== 'auth' || section === undefined || section === null || section === '') return new Map();
  throw misshapen(name, source, 'names and values');
}

function readValue(name: string, node: ConfigNode | undefined, source: Source): string | readonly string[] | null {
  if (node === undefined || node === null || node === '') return null;
  if (typeof node === 'string') return node;
  if (Array.isArray(node) && listNames.has(name)) {
    const items = (node as readonly ConfigNode[]).filter((item) => item !== null && item !== '');
    if (items.every((item) => typeof item === 'string')) return items.length === 0 ? null : items;
  }
  throw misshapen(name, source, listNames.has(name) ? 'text or a list of texts' : 'text');
}

function readRegions(node: ConfigNode | undefined, source: Source): readonly Region[] | null {
  if (node === undefined || node === null || node === '') return null;
  const list = Array.isArray(node) ? (node as readonly ConfigNode[]) : [node];
  const regions = list.map((item): Region => {
    if (typeof item === 'string') return { name: item, values: layerOf(new Map()) };
    const name = item instanceof Map ? (item as ConfigMap).get('name') : undefined;
    if (typeof name !== 'string') throw misshapen('regions', source, 'names, or maps with a name');
    const values = (item as ConfigMap).get('values') ?? new Map<string, ConfigNode>();
    if (!(values instanceof Map)) throw misshapen(`values of region ${name}`, source, 'names and values');
    return { name, values: toLayer(values as ConfigMap, source) };
  });
  return regions.length === 0 ? null : regions;
}

/** Several values in `region_name`, as a list or with commas, are the old form of `regions`. */
function splitRegions(settings: Map<string, Setting>): readonly Region[] | null {
  const setting = settings.get('region_name');
  if (setting === undefined) return null;
  const parts = typeof setting.value === 'string' ? setting.value.split(',') : setting.value;
  const names = parts.map((part) => part.trim()).filter((part) => part !== '');
  const [only = '', second] = names;
  if (second === undefined) {
    settings.set('region_name', { ...setting, value: only });
    return null;
  }
  settings.delete('region_name');
  return names.map((name) => ({ name, values: layerOf(new Map()) }));
}

function misshapen(name: string, source: Source, shape: string): GlanceError {
  return new GlanceError('config.invalid', `${source}: ${name} has to be ${shape}`, { hint: 'correct the file' });
}
