// The names of settings: those that clouds.yaml uses today, and their old spellings.
// See https://docs.openstack.org/keystoneauth/latest/authentication-plugins.html

/** What a login is for: settings under `auth`. */
export const scopeNames = [
  'project_id',
  'project_name',
  'project_domain_id',
  'project_domain_name',
  'domain_id',
  'domain_name',
  'system_scope',
  'trust_id',
] as const;

const authNames = [
  'auth_url',
  'username',
  'user_id',
  'user_domain_id',
  'user_domain_name',
  'password',
  'passcode',
  'token',
  ...scopeNames,
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
  'endpoint',
  'identity_provider',
  'protocol',
  'access_token',
  'client_id',
  'client_secret',
  'discovery_endpoint',
  'access_token_endpoint',
  'access_token_type',
  'openid_scope',
  'oauth2_endpoint',
  'oauth2_client_id',
  'oauth2_client_secret',
  'redirect_port',
  'redirect_path',
] as const;

const otherNames = [
  'auth_type',
  'auth_methods',
  'default_domain',
  'region_name',
  'interface',
  'verify',
  'insecure',
  'cacert',
  'cert',
  'key',
  'api_timeout',
  'force_ipv4',
  'status_code_retries',
  'profile',
  'image_interface',
  'image_endpoint_override',
  'image_api_version',
  'image_service_type',
  'image_service_name',
  'image_region_name',
  'image_status_code_retries',
] as const;

const names: ReadonlyMap<string, string> = new Map([
  ...authNames.map((name) => [name, `auth.${name}`] as const),
  ...otherNames.map((name) => [name, name] as const),
]);

/** `image_url` is python-glanceclient's; the token_endpoint plugin called `endpoint` `url`. */
const oldNames: ReadonlyMap<string, string> = new Map([
  ['tenant_id', 'auth.project_id'],
  ['tenant_name', 'auth.project_name'],
  ['user_name', 'auth.username'],
  ['auth_token', 'auth.token'],
  ['url', 'auth.endpoint'],
  ['auth_plugin', 'auth_type'],
  ['endpoint_type', 'interface'],
  ['image_endpoint_type', 'image_interface'],
  ['image_endpoint', 'image_endpoint_override'],
  ['image_url', 'image_endpoint_override'],
  ['cloud', 'profile'],
  ['broken_ipv6', 'force_ipv4'],
]);

/** Settings under `auth`, in the order of this list. */
export const authSettings: readonly string[] = authNames.map((name) => `auth.${name}`);

/** Settings that may be lists. */
export const listNames: ReadonlySet<string> = new Set(['interface', 'image_interface', 'auth_methods', 'region_name']);

/** Secret settings: templates in them are not filled in, and a file with one should be readable only by its owner. */
export const secretNames: ReadonlySet<string> = new Set([
  'auth.password',
  'auth.passcode',
  'auth.token',
  'auth.access_token',
  'auth.client_secret',
  'auth.oauth2_client_secret',
  'auth.application_credential_secret',
]);

/**
 * Our name for a setting that is written with dashes or underscores; null for an unknown one.
 * `isOld` says whether there is a newer spelling.
 */
export function canonicalName(written: string): { readonly name: string; readonly isOld: boolean } | null {
  const plain = written.replaceAll('-', '_');
  const name = names.get(plain);
  if (name !== undefined) return { name, isOld: false };
  const old = oldNames.get(plain);
  return old === undefined ? null : { name: old, isOld: true };
}

/** Whether a setting is a secret, by any spelling of its name. */
export function isSecretSetting(written: string): boolean {
  return secretNames.has(canonicalName(written)?.name ?? written);
}
