// Builds a cloud from the layers that describe it. Pure.
import { chooseAuthType, fillDomains, mergeAuth } from './auth.ts';
import { findSetting, type Layer, type Setting } from './layer.ts';
import { secretNames } from './names.ts';
import { expandPath } from '../../local/places.ts';
import type { ConfigPlace } from './places.ts';
import {
  fillTemplate,
  listOf,
  readApiVersion,
  readCount,
  readInterfaces,
  readSeconds,
  readSwitch,
  textOf,
} from './values.ts';
import type { Cloud, Source } from './cloud.ts';

const names = [
  'region_name',
  'interface',
  'image_endpoint_override',
  'image_api_version',
  'image_service_type',
  'image_service_name',
  'verify',
  'insecure',
  'cacert',
  'cert',
  'key',
  'api_timeout',
  'force_ipv4',
  'status_code_retries',
  'cache.auth',
] as const;

/** Settings that the image service may have for itself. They take precedence over those for all services. */
const imageNames: ReadonlyMap<string, string> = new Map([
  ['region_name', 'image_region_name'],
  ['interface', 'image_interface'],
  ['status_code_retries', 'image_status_code_retries'],
]);

/**
 * Builds the cloud.
 * @param layers the strongest first
 * @throws GlanceError `config.invalid` for values that a setting cannot have
 */
export function buildCloud(name: string, layers: readonly Layer[], place: ConfigPlace): Omit<Cloud, 'warnings'> {
  const auth = mergeAuth(layers);
  const authType = chooseAuthType(layers, auth);
  fillDomains(auth, layers, String(authType.value));
  const fill = templateOf(layers, auth);
  const found = new Map([...findAll(layers)].map(([key, setting]) => [key, fill(key, setting)]));
  const text = (key: string): string | null => textOf(found.get(key));
  const path = (key: string): string | null => (found.has(key) ? expandPath(place, text(key) ?? '') : null);
  const methods = findSetting(layers, 'auth_methods');
  const isInsecure = readSwitch('insecure', found.get('insecure')) === true;
  const verify = readSwitch('verify', found.get('verify')) !== false && !isInsecure;
  const switchedBy = isInsecure ? 'insecure' : 'verify';
  return {
    name,
    authType: String(authType.value),
    authMethods: authType.value === 'v3multifactor' ? listOf(methods) : [],
    auth: new Map([...auth].map(([key, setting]) => [key.slice('auth.'.length), textOf(fill(key, setting)) ?? ''])),
    regionName: text('region_name'),
    interfaces: readInterfaces('interface', found.get('interface')),
    imageEndpointOverride: text('image_endpoint_override'),
    imageApiVersion: readApiVersion('image_api_version', found.get('image_api_version')),
    imageServiceType: text('image_service_type') ?? 'image',
    imageServiceName: text('image_service_name'),
    verify,
    unverifiedBy: verify ? null : nameSwitch(switchedBy, found.get(switchedBy)?.source ?? ''),
    cacert: verify ? path('cacert') : null,
    cert: path('cert'),
    key: path('key'),
    apiTimeoutMs: readSeconds('api_timeout', found.get('api_timeout')),
    forceIpv4: readSwitch('force_ipv4', found.get('force_ipv4')) ?? false,
    statusRetries: readCount('status_code_retries', found.get('status_code_retries')),
    cacheAuth: readSwitch('cache.auth', found.get('cache.auth')) ?? true,
    sources: sourcesOf([...auth, ['auth_type', authType], ['auth_methods', methods], ...found]),
  };
}

/** Names a switch for messages. An option or a variable identifies it; for a file, the setting is named too. */
function nameSwitch(name: string, source: Source): string {
  return /^(?:--|OS_)/.test(source) ? source : `${name} in ${source}`;
}

function findAll(layers: readonly Layer[]): ReadonlyMap<string, Setting> {
  const found = new Map<string, Setting>();
  for (const name of names) {
    const setting = findSetting(layers, imageNames.get(name) ?? name, name);
    if (setting !== undefined) found.set(name, setting);
  }
  return found;
}

function templateOf(
  layers: readonly Layer[],
  auth: ReadonlyMap<string, Setting>,
): (key: string, setting: Setting) => Setting {
  const find = (name: string): string | null =>
    secretNames.has(`auth.${name}`) ? null : textOf(findSetting(layers, name) ?? auth.get(`auth.${name}`));
  return (key, setting) => {
    if (secretNames.has(key) || typeof setting.value !== 'string') return setting;
    return { ...setting, value: fillTemplate(setting.value, find) };
  };
}

function sourcesOf(settings: readonly (readonly [string, Setting | undefined])[]): ReadonlyMap<string, Source> {
  return new Map(settings.flatMap(([name, setting]) => (setting === undefined ? [] : [[name, setting.source]])));
}
