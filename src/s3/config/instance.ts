// Keys of a virtual machine at Amazon, from its metadata service. Uses only the second version of the service, which requires a
// token: the first would give keys to anybody who can make a server on the machine request them.
// See https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
import { GlanceError } from '../../errors.ts';
import { readHttpUrl } from '../../http/text/url-text.ts';
import { askService, fieldsOfJson, type KeyAnswer, type KeyWire } from './key-service.ts';
import { type AwsPlace, variable } from './place.ts';
import { findAwsSetting, type Profile } from './profile.ts';
import { type FetchKeys, isKeyText, readTemporaryKeys, type TemporaryKeys } from './temporary-keys.ts';

const usualAddress = { ipv4: 'http://169.254.169.254/', ipv6: 'http://[fd00:ec2::254]/' } as const;
/** Duration of a session with the service in seconds; six hours is the longest. */
const sessionSeconds = '21600';
const rolesPath = 'latest/meta-data/iam/security-credentials/';

/**
 * How to get keys from the metadata service; null if `AWS_EC2_METADATA_DISABLED` is `true`.
 * @throws GlanceError `config.invalid` for malformed settings
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
 */
export function findInstanceKeys(place: AwsPlace, profile: Profile, wire: KeyWire): FetchKeys | null {
  if (variable(place, 'AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true') return null;
  const address = findAddress(place, profile);
  const timeoutMs = 1000 * readCount(place, profile, 'metadata_service_timeout', 1, 60);
  const retries = readCount(place, profile, 'metadata_service_num_attempts', 1, 10) - 1;
  const service = {
    name: "the instance's metadata service",
    hint: 'does the instance have a role?',
    tls: { verify: true },
    // Never through a proxy.
    env: {},
    timeoutMs,
    retries,
  };
  return async (signal) =>
    await askService(wire, service, signal, async (ask) => {
      const get = async <T>(path: string, token: string, read: (answer: KeyAnswer) => T): Promise<T> =>
        await ask(
          { method: 'GET', url: new URL(path, address), accept: '*/*', extraHeaders: [[tokenHeader, token]] },
          read,
        );
      const token = await ask(
        {
          method: 'PUT',
          url: new URL('latest/api/token', address),
          accept: '*/*',
          extraHeaders: [[`${tokenHeader}-ttl-seconds`, sessionSeconds]],
        },
        readToken,
      );
      const role = await get(rolesPath, token, readRole);
      return await get(rolesPath + role, token, readKeys);
    });
}

const tokenHeader = 'x-aws-ec2-metadata-token';

function findAddress(place: AwsPlace, profile: Profile): URL {
  const key = 'ec2_metadata_service_endpoint';
  const setting = findAwsSetting(place, profile, [`AWS_${key.toUpperCase()}`], key);
  const mode = findAwsSetting(place, profile, [`AWS_${key.toUpperCase()}_MODE`], `${key}_mode`);
  const kind = mode?.value.toLowerCase() ?? 'ipv4';
  if (kind !== 'ipv4' && kind !== 'ipv6') {
    throw new GlanceError('config.invalid', `${mode?.source ?? key} is neither IPv4 nor IPv6`);
  }
  if (setting === null) return new URL(usualAddress[kind]);
  const url = readHttpUrl(setting.value, setting.source, 'write it as http://HOST[:PORT]');
  // Paths are resolved below it.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function readCount(place: AwsPlace, profile: Profile, key: string, usual: number, most: number): number {
  const setting = findAwsSetting(place, profile, [`AWS_${key.toUpperCase()}`], key);
  if (setting === null) return usual;
  const count = /^\d{1,3}$/.test(setting.value) ? Number(setting.value) : 0;
  if (count >= 1 && count <= most) return count;
  throw new GlanceError('config.invalid', `${setting.source} is not a number from 1 to ${String(most)}`);
}

function readToken({ text }: KeyAnswer): string {
  if (isKeyText(text.trim())) return text.trim();
  throw new GlanceError('json.invalid', 'it returned no token');
}

/** The first role in the list; there is at most one. */
function readRole({ text }: KeyAnswer): string {
  const role = text.trim().split('\n', 1)[0]?.trim() ?? '';
  // The names that IAM allows: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
  if (/^[\w+=,.@-]{1,64}$/.test(role) && !/^\.+$/.test(role)) return role;
  throw new GlanceError('json.invalid', 'it names no role');
}

/** A failure arrives as a 200 with a code: `AssumeRoleUnauthorizedAccess`. */
function readKeys({ text }: KeyAnswer): TemporaryKeys {
  const find = fieldsOfJson(text);
  const code = find('Code') ?? 'Success';
  if (code === 'Success') return readTemporaryKeys(find, 'Token');
  const shown = /^\w{1,60}$/.test(code) ? ` (${code})` : '';
  throw new GlanceError('place.denied', `it has no keys for the role${shown}`);
}
