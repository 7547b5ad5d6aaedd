// The flags that describe a cloud, named as in OpenStack's clients: `--os-auth-url`, `--os-project-name` …
import { type Command, Option } from './commander.ts';

/** Those that help shows; the others work too. */
const shown: Partial<Readonly<Record<Name, string>>> = {
  cloud: 'a cloud from clouds.yaml; env: OS_CLOUD',
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
  'oauth2-endpoint',
  'oauth2-client-id',
  'oauth2-client-secret',
  'redirect-port',
  'redirect-path',
  'endpoint',
  'endpoint-type',
] as const;

type Name = (typeof names)[number];

/** What commander calls the value of a flag: `osAuthUrl`. */
type Attribute<Flag extends string> = Flag extends `${infer Head}-${infer Tail}`
  ? Attribute<`${Head}${Capitalize<Tail>}`>
  : Flag;

/**
 * The values of the flags, mapped from the list of names: forty calls of `option()` would say the same, and commander's types
 * cannot follow the loop that makes them.
 */
export type CloudOptions = { readonly [Each in Name as Attribute<`os-${Each}`>]?: string } & {
  readonly tokenCache?: boolean;
};

/** The secrets: on a command line, every user of the machine can read them. */
const secrets: ReadonlySet<Name> = new Set<Name>([
  'password',
  'passcode',
  'token',
  'auth-token',
  'application-credential-secret',
  'client-secret',
  'oauth2-client-secret',
  'access-token',
]);

/** The flags. */
export function cloudOptions(command: Command): Command<[], CloudOptions> {
  command.optionsGroup('Cloud:');
  for (const name of names) {
    const description = shown[name];
    const option = new Option(`--os-${name} <value>`, description);
    command.addOption(description === undefined ? option.hideHelp() : option);
  }
  return command.option('--no-token-cache', 'do not use or store cached tokens');
}

/** The flags that were given, by the names of clouds.yaml. */
export function readCloudFlags(options: CloudOptions): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (const name of names) {
    const value = options[attributeOf(name)];
    if (value !== undefined && value !== '') flags.set(name.replaceAll('-', '_'), value);
  }
  return flags;
}

/** The flag for a setting, by its name in clouds.yaml. */
export function cloudFlag(setting: string): string {
  return `--os-${setting.replaceAll('_', '-')}`;
}

/** The flags among those given whose value is a secret, as typed. */
export function secretFlags(options: CloudOptions): readonly string[] {
  return names
    .filter((name) => secrets.has(name) && options[attributeOf(name)] !== undefined)
    .map((name) => `--os-${name}`);
}

function attributeOf(name: Name): Attribute<`os-${Name}`> {
  return `os-${name}`.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as Attribute<`os-${Name}`>;
}
