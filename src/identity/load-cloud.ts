// The cloud that flags, environment and files describe, by the precedence of the project:
// flags, then (for a named cloud) a few variables, region values, secure.yaml, clouds.yaml, profile, defaults.
import { stat } from 'node:fs/promises';
import { GlanceError } from '../errors.ts';
import { buildCloud } from './build-cloud.ts';
import type { Cloud } from './cloud.ts';
import { type ConfigFile, type ConfigNode, type ConfigPlace, mapAt, readFirst, searchPaths } from './clouds-yaml.ts';
import { environmentLayer, type Layer, layerOf, mergeLayers, type Setting, textOf } from './config-layer.ts';

export interface CloudSources extends ConfigPlace {
  /** By the names of clouds.yaml. */
  readonly flags: ReadonlyMap<string, string>;
  readonly uid: number | null;
  /** Every variable wins over the file, as with OpenStack's own client. */
  readonly mergeAll: boolean;
  /** Gets the JSON of a profile that is a URL. */
  readonly fetchJson: (url: URL) => Promise<unknown>;
}

/** Variables that count beside a named cloud. */
const alwaysTaken: ReadonlySet<string> = new Set([
  'region_name',
  'interface',
  'cacert',
  'cert',
  'key',
  'insecure',
  'image_endpoint_override',
  'image_api_version',
]);
/** Variables that count beside a named cloud which lacks them. */
const takenIfMissing: ReadonlySet<string> = new Set(['auth.password', 'auth.passcode', 'auth.token']);

/**
 * Reads it all.
 * @returns null if nothing is configured
 * @throws GlanceError `config.*`, `cloud.not_found`, `cloud.region`
 */
export async function loadCloud(sources: CloudSources): Promise<Cloud | null> {
  const warnings: string[] = [];
  const files = await readFiles(sources, (message) => warnings.push(message));
  const environment = environmentLayer(sources.env);
  const flags = flagLayer(sources.flags);
  const name = chooseName(sources, files.clouds, environment, flags);
  if (name === null) return null;
  const layers = await cloudLayers(sources, files, name, environment, flags, warnings);
  const settings = applyRegion(mergeLayers(layers.below), layers.above);
  await warnOfReaders(files, warnings);
  return buildCloud(sources, name, settings, warnings);
}

/** The names of all clouds in clouds.yaml. */
export async function listCloudNames(place: ConfigPlace): Promise<readonly string[]> {
  const clouds = await readFirst(searchPaths(place, 'clouds', 'OS_CLIENT_CONFIG_FILE'), () => undefined);
  return [...mapAt(clouds?.root, 'clouds').keys()];
}

interface Files {
  readonly clouds: ConfigFile | null;
  readonly secure: ConfigFile | null;
  readonly vendors: ConfigFile | null;
}

async function readFiles(place: ConfigPlace, warn: (message: string) => void): Promise<Files> {
  const [clouds, secure, vendors] = await Promise.all([
    readFirst(searchPaths(place, 'clouds', 'OS_CLIENT_CONFIG_FILE'), warn),
    readFirst(searchPaths(place, 'secure', 'OS_CLIENT_SECURE_FILE'), warn),
    readFirst(searchPaths(place, 'clouds-public', null), warn),
  ]);
  return { clouds, secure, vendors };
}

function flagLayer(flags: ReadonlyMap<string, string>): Layer {
  const layer = new Map<string, Setting>();
  for (const [name, value] of flags) {
    if (name === 'cloud') continue;
    for (const [key, setting] of layerOf(new Map([[name, value]]), `--os-${name.replaceAll('_', '-')}`))
      layer.set(key, setting);
  }
  return layer;
}

/** Which cloud: named, made of variables or flags, or the only one in the file. */
function chooseName(sources: CloudSources, clouds: ConfigFile | null, environment: Layer, flags: Layer): string | null {
  const entries = mapAt(clouds?.root, 'clouds');
  const named = sources.flags.get('cloud') ?? sources.env['OS_CLOUD'];
  if (named !== undefined && named !== '') {
    if (entries.has(named)) return named;
    throw unknownCloud(named, clouds, entries);
  }
  // A token alone belongs to a bare endpoint, or to the cloud of the file.
  const makesCloud = [...environment.keys(), ...flags.keys()].some(
    (key) => (key.startsWith('auth.') && key !== 'auth.token') || key === 'auth_type',
  );
  if (makesCloud) {
    const own = sources.env['OS_CLOUD_NAME'] ?? 'envvars';
    if (!entries.has(own)) return own;
    throw new GlanceError(
      'config.invalid',
      `variables describe a cloud, and ${clouds?.path ?? ''} has one of the same name, ${own}`,
      {
        hint: 'unset the OS_ variables, or choose a cloud with --os-cloud',
      },
    );
  }
  const [only, second] = entries.keys();
  if (second === undefined) return only ?? null;
  throw new GlanceError(
    'config.missing',
    `${clouds?.path ?? ''} has several clouds: ${[...entries.keys()].join(', ')}`,
    {
      hint: 'choose one with --os-cloud or OS_CLOUD',
    },
  );
}

function unknownCloud(name: string, clouds: ConfigFile | null, entries: ReadonlyMap<string, ConfigNode>): GlanceError {
  const where =
    clouds === null ? 'no clouds.yaml was found' : `${clouds.path} has ${[...entries.keys()].join(', ') || 'none'}`;
  return new GlanceError('cloud.not_found', `there is no cloud ${name}: ${where}`, {
    hint: 'check OS_CLOUD and OS_CLIENT_CONFIG_FILE',
  });
}

async function cloudLayers(
  sources: CloudSources,
  files: Files,
  name: string,
  environment: Layer,
  flags: Layer,
  warnings: string[],
): Promise<{ below: readonly Layer[]; above: readonly Layer[] }> {
  const isInFile = mapAt(files.clouds?.root, 'clouds').has(name);
  if (!isInFile) return { below: [environment], above: [flags] };
  const own = layerOf(mapAt(mapAt(files.clouds?.root, 'clouds'), name), files.clouds?.path ?? '');
  const secure = layerOf(mapAt(mapAt(files.secure?.root, 'clouds'), name), files.secure?.path ?? '');
  const profile = await profileLayer(sources, files, textOf(own, 'profile'), warnings);
  const file = mergeLayers([profile, own, secure]);
  if (sources.mergeAll) return { below: [file], above: [environment, flags] };
  const taken = new Map(
    [...environment].filter(([key]) => alwaysTaken.has(key) || (takenIfMissing.has(key) && !file.has(key))),
  );
  const ignored = [...environment].filter(([key]) => !taken.has(key)).map(([, { source }]) => source);
  if (ignored.length > 0) {
    warnings.push(`cloud ${name} is used, so these variables are not: ${[...new Set(ignored)].join(', ')}`);
  }
  return { below: [file], above: [taken, flags] };
}

/** A profile is named in clouds-public.yaml, or is a URL that serves one. */
async function profileLayer(
  sources: CloudSources,
  files: Files,
  profile: string | undefined,
  warnings: string[],
): Promise<Layer> {
  if (profile === undefined) return new Map();
  const vendor = mapAt(mapAt(files.vendors?.root, 'public-clouds'), profile);
  if (vendor.size > 0) return layerOf(vendor, files.vendors?.path ?? '');
  if (!/^https?:\/\//.test(profile) || !URL.canParse(profile)) {
    warnings.push(`the profile ${profile} is not known: clouds-public.yaml does not have it`);
    return new Map();
  }
  const url = new URL('/.well-known/openstack/api', profile);
  const document = await sources.fetchJson(url);
  const { parseConfig } = await import('./clouds-yaml.ts');
  const root = parseConfig(JSON.stringify(document));
  return layerOf(mapAt(root, 'profile').size > 0 ? mapAt(root, 'profile') : root, url.href);
}

/** Picks the region, whose values stand above the file and below variables and flags. */
function applyRegion(below: ReadonlyMap<string, Setting>, above: readonly Layer[]): Map<string, Setting> {
  const top = mergeLayers(above);
  const regions = below.get('regions')?.value;
  const list = Array.isArray(regions) ? (regions as readonly ConfigNode[]) : [];
  const wanted = textOf(top, 'region_name') ?? textOf(below, 'region_name');
  const found = wanted === undefined ? list[0] : list.find((region) => nameOfRegion(region) === wanted);
  if (list.length > 0 && found === undefined) {
    throw new GlanceError(
      'cloud.region',
      `there is no region ${wanted ?? ''}: the cloud has ${list.map(nameOfRegion).join(', ')}`,
      {
        hint: 'check OS_REGION_NAME; capitals count',
      },
    );
  }
  const source = below.get('regions')?.source ?? '';
  const values = found instanceof Map ? layerOf(mapAt(found, 'values'), source) : new Map<string, Setting>();
  const chosen: Layer =
    found === undefined ? new Map() : new Map([['region_name', { value: nameOfRegion(found), source }]]);
  return mergeLayers([below, chosen, values, top]);
}

function nameOfRegion(region: ConfigNode): string {
  const name = region instanceof Map ? ((region as ReadonlyMap<string, ConfigNode>).get('name') ?? '') : region;
  return typeof name === 'string' ? name : '';
}

async function warnOfReaders(files: Files, warnings: string[]): Promise<void> {
  for (const file of [files.clouds, files.secure]) {
    if (file === null) continue;
    // oxlint-disable-next-line no-await-in-loop -- two files
    const mode = (await stat(file.path).catch(() => null))?.mode ?? 0;
    if (mode % 0o10 >= 4 && /password|secret/.test(JSON.stringify([...flatten(file.root)]))) {
      warnings.push(`${file.path} holds a secret and everybody can read it: chmod 600 ${file.path}`);
    }
  }
}

function* flatten(node: ConfigNode): Generator<string> {
  if (!(node instanceof Map)) return;
  for (const [key, value] of node as ReadonlyMap<string, ConfigNode>) {
    yield key;
    yield* flatten(value);
  }
}
