// Where a store is: its endpoint, its region, and the authorities to trust.
import { X509Certificate } from 'node:crypto';
import { GlanceError } from '../../errors.ts';
import type { TlsSettings } from '../../http/connect/dispatchers.ts';
import { readHttpUrl } from '../../http/text/url-text.ts';
import { maxPemBytes } from '../../local/named-file.ts';
import { isRegion } from '../url.ts';
import { type AwsPlace, readText, variable } from './place.ts';
import { findAwsSetting, type Profile, profileSetting, type Setting } from './profile.ts';

/** Also used if the region does not matter: the store names the right one, and other endpoints rarely check it. */
const usualRegion = 'us-east-1';

/**
 * The region to sign for.
 * @throws GlanceError `config.invalid` for text that cannot be part of a host name
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
 */
export function readRegion(place: AwsPlace, profile: Profile): string {
  const setting = findAwsSetting(place, profile, ['AWS_REGION', 'AWS_DEFAULT_REGION'], 'region');
  if (setting === null) return usualRegion;
  if (isRegion(setting.value)) return setting.value;
  throw new GlanceError('config.invalid', `${setting.source} is not the name of a region`, {
    hint: 'it is a word such as us-east-1, of letters, digits and hyphens',
  });
}

/**
 * The endpoint of a service; null for Amazon's own.
 * @param option the value of `--s3-endpoint`; null if not given
 * @throws GlanceError `config.invalid` if it is not an http or https URL
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function readEndpoint(
  place: AwsPlace,
  profile: Profile,
  service: 's3' | 'sts',
  option: string | null,
): URL | null {
  const setting =
    option === null ? configuredEndpoint(place, profile, service) : { value: option, source: '`s3Endpoint`' };
  if (setting === null) return null;
  const { source, value } = setting;
  const hint = 'write it as https://HOST[:PORT]';
  const url = readHttpUrl(value, source, hint);
  if (url.username !== '' || url.password !== '') {
    const what = `${source} has a user or a password in it, which no S3 API accepts`;
    throw new GlanceError('config.invalid', what, { hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY' });
  }
  if (url.search === '' && url.hash === '') return url;
  throw new GlanceError('config.invalid', `${source} has a query or a fragment, which an endpoint cannot have`, {
    hint,
  });
}

function configuredEndpoint(place: AwsPlace, profile: Profile, service: 's3' | 'sts'): Setting | null {
  const ignored = findAwsSetting(
    place,
    profile,
    ['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'],
    'ignore_configured_endpoint_urls',
  );
  if (ignored?.value.toLowerCase() === 'true') return null;
  const variables = [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, 'AWS_ENDPOINT_URL'];
  const isByVariable = variables.some((name) => variable(place, name) !== null);
  const ofService = isByVariable ? null : serviceEndpoint(profile, service);
  return ofService ?? findAwsSetting(place, profile, variables, 'endpoint_url');
}

function serviceEndpoint(profile: Profile, service: string): Setting | null {
  const named = profileSetting(profile, 'services');
  if (profile.services === null) {
    throw new GlanceError(
      'config.invalid',
      `${named?.source ?? 'services'}: there is no [services ${named?.value ?? ''}]`,
      {
        hint: 'add the section to the config file, or take the setting out',
      },
    );
  }
  const own = profile.services.get(service);
  const value = own instanceof Map ? (own as ReadonlyMap<string, string>).get('endpoint_url') : undefined;
  if (value === undefined || value === '') return null;
  return { value, source: `endpoint_url of services ${service} of profile ${profile.name}` };
}

/**
 * The TLS settings for the store. An unusable bundle becomes the `problem` with which connecting over TLS fails, since
 * a store without TLS needs no bundle.
 * @throws GlanceError `io.limit`; the signal's reason
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html
 */
export async function readTls(place: AwsPlace, profile: Profile, signal: AbortSignal): Promise<TlsSettings> {
  const setting = findAwsSetting(place, profile, ['AWS_CA_BUNDLE'], 'ca_bundle');
  if (setting === null) return { verify: true };
  try {
    const ca = await readText(place, setting.source, setting.value, maxPemBytes, signal);
    checkCertificate(ca, setting);
    return { verify: true, ca };
  } catch (error) {
    if (!(error instanceof GlanceError) || error.code !== 'config.invalid') throw error;
    return { verify: true, problem: error };
  }
}

function checkCertificate(pem: string, { source, value }: Setting): void {
  try {
    // Checks only the first certificate.
    void new X509Certificate(pem);
  } catch (cause) {
    throw new GlanceError('config.invalid', `${source}: ${value} holds no certificate that can be read`, {
      hint: 'it has to be PEM, text with "-----BEGIN" in it',
      cause,
    });
  }
}
