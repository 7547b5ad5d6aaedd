// Merged settings as a Cloud: interpreted, with what may be left out filled in. Pure.
import { plainInterface } from './catalog.ts';
import type { Cloud } from './cloud.ts';
import { type ConfigNode, type ConfigPlace, expandPath } from './clouds-yaml.ts';
import { type Layer, type Setting, textOf } from './config-layer.ts';

const templated = /\{(\w+)\}/g;

/** The cloud that settings describe. @param place for relative paths and `~` */
export function buildCloud(
  place: ConfigPlace,
  name: string,
  settings: Map<string, Setting>,
  warnings: readonly string[],
): Cloud {
  const text = (key: string): string | null => {
    const value = textOf(settings, key);
    return value === undefined ? null : fillTemplate(value, settings);
  };
  const path = (key: string): string | null => {
    const value = text(key);
    return value === null ? null : expandPath(place, value);
  };
  const auth = new Map<string, string>();
  for (const key of settings.keys()) {
    const value = key.startsWith('auth.') ? textOf(settings, key) : undefined;
    if (value === undefined) continue;
    const authName = key.slice('auth.'.length);
    auth.set(authName, /password|secret|passcode|token/.test(authName) ? value : fillTemplate(value, settings));
  }
  const authType = (text('auth_type') ?? defaultAuthType(auth)).toLowerCase();
  fillDomains(auth, authType);
  const seconds = Number(text('api_timeout') ?? Number.NaN);
  return {
    name,
    authType,
    authMethods: listOf(settings.get('auth_methods')?.value),
    auth,
    regionName: text('image_region_name') ?? text('region_name'),
    interfaces: interfacesOf(settings),
    imageEndpointOverride: text('image_endpoint_override'),
    imageApiVersion: text('image_api_version'),
    imageServiceType: text('image_service_type') ?? 'image',
    imageServiceName: text('image_service_name'),
    verify: isTrue(text('insecure')) ? false : !isFalse(text('verify')),
    cacert: isFalse(text('verify')) ? null : path('cacert'),
    cert: path('cert'),
    key: path('key'),
    apiTimeoutMs: seconds > 0 ? seconds * 1000 : null,
    cacheAuth: !isFalse(cacheAuthOf(settings)),
    sources: new Map([...settings].map(([key, { source }]) => [key, source])),
    warnings,
  };
}

function fillTemplate(value: string, settings: Layer): string {
  return value.replace(
    templated,
    (whole, name: string) => textOf(settings, name) ?? textOf(settings, `auth.${name}`) ?? whole,
  );
}

function defaultAuthType(auth: ReadonlyMap<string, string>): string {
  if (auth.has('username') || auth.has('user_id')) return 'password';
  return auth.has('token') ? 'token' : 'password';
}

/** `domain_*` of a login for a project means the domains of user and project; without any, `default`. */
function fillDomains(auth: Map<string, string>, authType: string): void {
  const hasProject = auth.has('project_id') || auth.has('project_name');
  const fallback = auth.get('default_domain') ?? 'default';
  auth.delete('default_domain');
  for (const kind of ['user_domain', 'project_domain']) {
    if (auth.has(`${kind}_id`) || auth.has(`${kind}_name`)) continue;
    const needs = kind === 'user_domain' ? auth.has('username') : auth.has('project_name');
    if (!needs || /^none$|^http_basic$/.test(authType)) continue;
    const id = hasProject ? auth.get('domain_id') : undefined;
    const name = hasProject ? auth.get('domain_name') : undefined;
    if (id !== undefined) auth.set(`${kind}_id`, id);
    else if (name !== undefined) auth.set(`${kind}_name`, name);
    else auth.set(`${kind}_id`, fallback);
  }
}

function interfacesOf(settings: Layer): readonly string[] {
  const own = listOf(settings.get('image_interface')?.value ?? settings.get('interface')?.value).map(plainInterface);
  return own.length === 0 ? ['public'] : own;
}

function listOf(value: ConfigNode | undefined): readonly string[] {
  if (typeof value === 'string')
    return value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return Array.isArray(value) ? (value as readonly ConfigNode[]).filter((part) => typeof part === 'string') : [];
}

function cacheAuthOf(settings: Layer): string | null {
  const cache = settings.get('cache')?.value;
  const auth = cache instanceof Map ? (cache as ReadonlyMap<string, ConfigNode>).get('auth') : undefined;
  return typeof auth === 'string' ? auth : null;
}

function isTrue(text: string | null): boolean {
  return text !== null && /^(?:true|yes|on|1)$/i.test(text);
}

function isFalse(text: string | null): boolean {
  return text !== null && /^(?:false|no|off|0)$/i.test(text);
}
