// The flags that describe a cloud, as OpenStack's clients have them: `--os-auth-url`, `--os-project-name` …
import { type Command, Option } from 'commander';

/** Shown in help; the others are taken too. */
const shown: Readonly<Record<string, string>> = {
  cloud: 'a cloud of clouds.yaml; env: OS_CLOUD',
  'region-name': 'region; env: OS_REGION_NAME',
  interface: 'public, internal or admin; env: OS_INTERFACE',
};

const names = [
  'cloud',
  'region-name',
  'interface',
  'auth-type',
  'auth-url',
  'auth-methods',
  'username',
  'user-id',
  'user-domain-id',
  'user-domain-name',
  'password',
  'passcode',
  'token',
  'auth-token',
  'project-id',
  'project-name',
  'project-domain-id',
  'project-domain-name',
  'tenant-id',
  'tenant-name',
  'domain-id',
  'domain-name',
  'default-domain',
  'system-scope',
  'trust-id',
  'application-credential-id',
  'application-credential-name',
  'application-credential-secret',
  'identity-provider',
  'protocol',
  'access-token',
  'access-token-endpoint',
  'access-token-type',
  'discovery-endpoint',
  'client-id',
  'client-secret',
  'openid-scope',
  'endpoint',
  'endpoint-type',
] as const;

/** Secrets: on a command line every user of the machine can read them. */
const secrets: ReadonlySet<string> = new Set([
  'password',
  'passcode',
  'token',
  'auth-token',
  'application-credential-secret',
  'client-secret',
  'access-token',
]);

/** Adds the flags to the program. */
export function addCloudOptions(program: Command): void {
  for (const name of names) {
    const description = shown[name];
    const option = new Option(`--os-${name} <value>`, description).helpGroup('Cloud:');
    program.addOption(description === undefined ? option.hideHelp() : option);
  }
  program.addOption(new Option('--no-token-cache', 'neither use nor keep tokens of earlier runs').helpGroup('Cloud:'));
}

/** The flags that were given, by the names of clouds.yaml. */
export function readCloudFlags(options: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (const name of names) {
    const value = options[attributeOf(name)];
    if (typeof value === 'string' && value !== '') flags.set(name.replaceAll('-', '_'), value);
  }
  return flags;
}

/** The flags among those given whose value is a secret, as they are written. */
export function secretFlags(options: Readonly<Record<string, unknown>>): readonly string[] {
  return names
    .filter((name) => secrets.has(name) && options[attributeOf(name)] !== undefined)
    .map((name) => `--os-${name}`);
}

/** What commander calls the value of the flag. */
function attributeOf(name: string): string {
  return `os-${name}`.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
