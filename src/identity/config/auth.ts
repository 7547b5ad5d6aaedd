// Merges the `auth` part of a cloud from its layers, decides between settings that exclude each other, and fills in
// implicit domains. Pure.
import { findSetting, findText, type Layer, type Setting } from './layer.ts';
import { authSettings } from './names.ts';

/**
 * Settings that exclude each other. If a stronger layer has one of a group, those of weaker layers are dropped: with
 * `--os-project-name`, the file's project_id must not win.
 */
const alternatives: readonly (readonly string[])[] = [
  ['auth.project_id', 'auth.project_name', 'auth.system_scope', 'auth.trust_id'],
  ['auth.user_id', 'auth.username'],
  ['auth.user_domain_id', 'auth.user_domain_name'],
  ['auth.project_domain_id', 'auth.project_domain_name'],
  ['auth.domain_id', 'auth.domain_name'],
  ['auth.application_credential_id', 'auth.application_credential_name'],
];

/** The `auth` settings by their full names, each from the strongest layer. @param layers the strongest first */
export function mergeAuth(layers: readonly Layer[]): Map<string, Setting> {
  const merged = new Map<string, Setting>();
  for (const name of authSettings) {
    const ways = alternatives.find((names) => names.includes(name)) ?? [name];
    const owner = layers.find(({ settings }) => ways.some((way) => settings.has(way)));
    const setting = owner?.settings.get(name);
    if (setting !== undefined) merged.set(name, setting);
  }
  return merged;
}

/** The authentication type, inferred from the settings if none is configured. */
export function chooseAuthType(layers: readonly Layer[], auth: ReadonlyMap<string, Setting>): Setting {
  const setting = findSetting(layers, 'auth_type');
  if (setting !== undefined) return { ...setting, value: normalizeType(String(setting.value)) };
  return { value: typeBySettings(auth), source: 'default' };
}

/** An application credential includes its user, so anything else that proves a user belongs to another login. */
function typeBySettings(auth: ReadonlyMap<string, Setting>): string {
  const hasCredential = ['id', 'name'].some((name) => auth.has(`auth.application_credential_${name}`));
  if (hasCredential && auth.has('auth.application_credential_secret') && !auth.has('auth.password')) {
    return 'v3applicationcredential';
  }
  return !auth.has('auth.username') && auth.has('auth.token') ? 'token' : 'password';
}

function normalizeType(written: string): string {
  const type = written.trim().toLowerCase();
  return type === 'token_endpoint' ? 'admin_token' : type;
}

/** Types that identify a user by name. The others do not send a user, and get no domain for one. */
const userTypes: ReadonlySet<string> = new Set([
  'password',
  'v3password',
  'v3totp',
  'v3multifactor',
  'v3applicationcredential',
]);
/** Types without domains. */
const typesWithoutDomains: ReadonlySet<string> = new Set([
  'none',
  'http_basic',
  'admin_token',
  'v2password',
  'v2token',
]);

/**
 * Fills in the domains of user and project. `domain_*` beside a project stands for both domains, and is then removed. A
 * user or project that is given by name and still has no domain gets the default domain, by id.
 */
export function fillDomains(auth: Map<string, Setting>, layers: readonly Layer[], authType: string): void {
  if (auth.has('auth.project_id') || auth.has('auth.project_name')) shareDomain(auth);
  if (typesWithoutDomains.has(authType)) return;
  const fallback: Setting = {
    value: findText(layers, 'default_domain') ?? 'default',
    source: findSetting(layers, 'default_domain')?.source ?? 'default',
  };
  if (userTypes.has(authType) && needsDomain(auth, 'user', 'username')) auth.set('auth.user_domain_id', fallback);
  if (authType !== 'v3applicationcredential' && needsDomain(auth, 'project', 'project_name')) {
    auth.set('auth.project_domain_id', fallback);
  }
}

function needsDomain(auth: ReadonlyMap<string, Setting>, kind: 'user' | 'project', name: string): boolean {
  return auth.has(`auth.${name}`) && !auth.has(`auth.${kind}_id`) && !hasDomain(auth, kind);
}

function hasDomain(auth: ReadonlyMap<string, Setting>, kind: 'user' | 'project'): boolean {
  return auth.has(`auth.${kind}_domain_id`) || auth.has(`auth.${kind}_domain_name`);
}

function shareDomain(auth: Map<string, Setting>): void {
  for (const kind of ['user', 'project'] as const) {
    if (hasDomain(auth, kind)) continue;
    for (const form of ['id', 'name']) {
      const shared = auth.get(`auth.domain_${form}`);
      if (shared !== undefined) auth.set(`auth.${kind}_domain_${form}`, shared);
    }
  }
  auth.delete('auth.domain_id');
  auth.delete('auth.domain_name');
}
