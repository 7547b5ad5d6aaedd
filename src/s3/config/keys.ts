// Chooses the keys, in the order of AWS's command line tool: variables, web identity, profile, container, instance.
// See https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html, and create_credential_resolver in
// botocore's credentials.py.
import { GlanceError, HttpError, isRetryable } from '../../errors.ts';
import type { TlsSettings } from '../../http/connect/dispatchers.ts';
import type { S3Access, S3Keys } from '../access.ts';
import { findContainerKeys } from './container.ts';
import type { Section } from './ini.ts';
import { findInstanceKeys } from './instance.ts';
import type { KeyWire } from './key-service.ts';
import { type AwsPlace, variable } from './place.ts';
import type { Profile } from './profile.ts';
import { type FetchKeys, isKeyText, RenewedKeys } from './temporary-keys.ts';
import { findWebIdentityKeys } from './web-identity.ts';

/** What the search for keys needs in addition to settings. */
interface KeySearch {
  readonly place: AwsPlace;
  readonly profile: Profile;
  readonly wire: KeyWire;
  readonly region: string;
  readonly tls: TlsSettings;
}

type GetKeys = S3Access['keys'];

/**
 * Finds out how a run gets its keys. Asks no service yet. Enters every secret in the register.
 * @throws GlanceError `config.invalid` for half a pair and for malformed settings; `usage.unsupported` for a profile
 * that needs AWS's own tool; `config.missing` if there are no keys anywhere
 */
export function findKeys(search: KeySearch): GetKeys {
  const { place, profile, wire, tls } = search;
  const keys = variableKeys(place) ?? profileKeys(search);
  if (keys !== null) return 'accessKeyId' in keys ? lasting(keys, wire) : renewed(keys.fetch, wire);
  const container = findContainerKeys(place, wire, tls);
  if (container !== null) return renewed(container, wire);
  const instance = findInstanceKeys(place, profile, wire);
  if (instance === null) throw noKeys(profile, 'AWS_EC2_METADATA_DISABLED is set');
  return renewed(fetchOrNone(instance, profile), wire);
}

function variableKeys(place: AwsPlace): S3Keys | null {
  const [id, secret] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
  const sessionToken = variable(place, 'AWS_SESSION_TOKEN') ?? variable(place, 'AWS_SECURITY_TOKEN');
  return pairOf([id, variable(place, id)], [secret, variable(place, secret)], sessionToken, '');
}

/** The keys of the profile, searched in the order of botocore's providers. */
function profileKeys(search: KeySearch): S3Keys | { readonly fetch: FetchKeys } | null {
  const { place, profile, wire } = search;
  const { settings, credentials } = profile;
  if (settings.has('role_arn') && !settings.has('web_identity_token_file')) {
    throw unsupported(profile, 'assumes a role with the keys of another profile (role_arn)');
  }
  const fetch = findWebIdentityKeys(place, profile, wire, search);
  if (fetch !== null) return { fetch };
  if (settings.has('sso_account_id') || settings.has('sso_role_name')) {
    throw unsupported(profile, 'logs in by IAM Identity Center, SSO (sso_account_id, sso_role_name)');
  }
  const inCredentials = sectionKeys(credentials, profile);
  if (inCredentials !== null) return inCredentials;
  if (settings.has('login_session')) throw unsupported(profile, 'logs in by "aws login" (login_session)');
  if (settings.has('credential_process'))
    throw unsupported(profile, 'has its keys from a program (credential_process)');
  return sectionKeys(profile.config, profile);
}

function sectionKeys(section: Section, { name }: Profile): S3Keys | null {
  const read = (key: string): string | null => {
    const value = section.get(key);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const [id, secret] = ['aws_access_key_id', 'aws_secret_access_key'] as const;
  const sessionToken = read('aws_session_token') ?? read('aws_security_token');
  return pairOf([id, read(id)], [secret, read(secret)], sessionToken, ` in profile ${name}`);
}

type Named = readonly [name: string, value: string | null];

/**
 * Null without an id: AWS's tools also ignore a secret without one.
 * @throws GlanceError `config.invalid` for an id without a secret, and for text that no header can carry
 */
function pairOf(id: Named, secret: Named, sessionToken: string | null, where: string): S3Keys | null {
  const [accessKeyId, secretAccessKey] = [id[1], secret[1]];
  if (accessKeyId === null) return null;
  if (secretAccessKey === null) {
    const what = `${id[0]} is set${where}, and ${secret[0]} is not`;
    throw new GlanceError('config.invalid', what, { hint: 'a key is an id and a secret: set both, or neither' });
  }
  for (const [name, value] of [id, secret, ['the session token', sessionToken] as const]) {
    if (value === null || isKeyText(value)) continue;
    const what = `${name}${where} holds blanks, line breaks or other characters that no key has`;
    throw new GlanceError('config.invalid', what, { hint: 'was something copied along with the key?' });
  }
  return { accessKeyId, secretAccessKey, sessionToken };
}

function enter({ secrets }: KeyWire, { secretAccessKey, sessionToken }: S3Keys): void {
  secrets.add(secretAccessKey);
  secrets.add(sessionToken);
}

function lasting(keys: S3Keys, wire: KeyWire): GetKeys {
  enter(wire, keys);
  return () => Promise.resolve(keys);
}

function renewed(fetch: FetchKeys, wire: KeyWire): GetKeys {
  const source = new RenewedKeys(wire.clock, async (signal) => {
    const got = await fetch(signal);
    enter(wire, got.keys);
    return got;
  });
  return (refused, signal) => source.get(refused, signal);
}

/** No setting asked for the metadata service, so if it never provides keys, the error is that there are none. */
function fetchOrNone(fetch: FetchKeys, profile: Profile): FetchKeys {
  let hadKeys = false;
  return async (signal) => {
    try {
      const got = await fetch(signal);
      hadKeys = true;
      return got;
    } catch (error) {
      const mayPass = error instanceof HttpError && isRetryable(error.code);
      if (!(error instanceof GlanceError) || signal.aborted || hadKeys || mayPass) throw error;
      throw noKeys(profile, error.message, error);
    }
  };
}

function noKeys({ found }: Profile, instance: string, cause?: GlanceError): GlanceError {
  const looked = ['AWS_ACCESS_KEY_ID is not set', ...found, 'no container has a credentials service', instance];
  const advice = 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE';
  // In a container, responses of the service are lost if their hop limit is 1.
  const isLost = cause?.cause instanceof GlanceError && cause.cause.code === 'net.timeout.headers';
  const hint = isLost ? `${advice}; in a container on EC2, set the metadata's hop limit to 2` : advice;
  return new GlanceError('config.missing', `there are no keys for the bucket: ${looked.join('; ')}`, { hint, cause });
}

function unsupported({ name }: Profile, what: string): GlanceError {
  return new GlanceError('usage.unsupported', `profile ${name} ${what}, which only AWS's own tools can do`, {
    hint: `aws configure export-credentials --profile ${name} --format env prints keys: set them as variables`,
  });
}
