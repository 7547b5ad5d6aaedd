// One source of settings — a file, the environment, flags — as flat settings of one spelling. Pure.
import type { ConfigNode } from './clouds-yaml.ts';
import type { Source } from './cloud.ts';

/** A setting's value and where it came from. */
export interface Setting {
  readonly value: ConfigNode;
  readonly source: Source;
}

/** Settings by name; those under `auth` as `auth.NAME`. */
export type Layer = ReadonlyMap<string, Setting>;

/** Everything that belongs under `auth`, wherever it was written. */
const authNames: ReadonlySet<string> = new Set([
  'auth_url',
  'username',
  'user_id',
  'user_domain_id',
  'user_domain_name',
  'password',
  'passcode',
  'token',
  'project_id',
  'project_name',
  'project_domain_id',
  'project_domain_name',
  'domain_id',
  'domain_name',
  'default_domain',
  'system_scope',
  'trust_id',
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
  'endpoint',
  'identity_provider',
  'protocol',
  'access_token',
  'access_token_endpoint',
  'access_token_type',
  'discovery_endpoint',
  'client_id',
  'client_secret',
  'openid_scope',
]);

const oldNames: ReadonlyMap<string, string> = new Map([
  ['tenant_id', 'project_id'],
  ['tenant_name', 'project_name'],
  ['tenant', 'project_name'],
  ['project', 'project_name'],
  ['user', 'username'],
  ['auth_token', 'token'],
  ['auth_plugin', 'auth_type'],
  ['endpoint_type', 'interface'],
  ['image_endpoint', 'image_endpoint_override'],
  ['image_url', 'image_endpoint_override'],
  ['cloud', 'profile'],
]);

/** The layer that a map of clouds.yaml makes. Empty texts are unset. */
export function layerOf(config: ReadonlyMap<string, ConfigNode>, source: Source): Layer {
  const layer = new Map<string, Setting>();
  const take = (rawName: string, value: ConfigNode): void => {
    if (value === '') return;
    const name = rawName.replaceAll('-', '_');
    const known = oldNames.get(name) ?? name;
    layer.set(authNames.has(known) ? `auth.${known}` : known, { value, source });
  };
  for (const [name, value] of config) if (name !== 'auth') take(name, value);
  const auth = config.get('auth');
  if (auth instanceof Map) for (const [name, value] of auth as ReadonlyMap<string, ConfigNode>) take(name, value);
  return layer;
}

/** Layers over one another, the weakest first. */
export function mergeLayers(layers: readonly Layer[]): Map<string, Setting> {
  return new Map(layers.flatMap((layer) => [...layer]));
}

/** Variables that choose a cloud or its files and make none. */
const selectors: ReadonlySet<string> = new Set([
  'OS_CLOUD',
  'OS_CLOUD_NAME',
  'OS_CLIENT_CONFIG_FILE',
  'OS_CLIENT_SECURE_FILE',
]);
const foreign = /^OS_(?:TEST|STD|LOG|DEBUG)/;

/** What the `OS_*` variables say, each with its own name as the source. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const layer = new Map<string, Setting>();
  for (const [variable, value] of Object.entries(env)) {
    if (
      !variable.startsWith('OS_') ||
      value === undefined ||
      value === '' ||
      selectors.has(variable) ||
      foreign.test(variable)
    )
      continue;
    const name = variable.slice('OS_'.length).toLowerCase();
    for (const [key, setting] of layerOf(new Map([[name, value]]), variable)) layer.set(key, setting);
  }
  return layer;
}

/** The text of a setting; undefined if it is unset or no text. */
export function textOf(settings: Layer, name: string): string | undefined {
  const value = settings.get(name)?.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
