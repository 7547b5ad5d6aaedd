// Parses s3://BUCKET[/PREFIX], and builds the URL of an object in a store.
import { GlanceError } from '../errors.ts';
import { maskLocation } from '../http/secrets/redact.ts';
import type { S3Access } from './access.ts';

const scheme = 's3://';

/** What the keys of one place have in common. */
interface S3Place {
  readonly bucket: string;
  /** Empty, or ends with a slash: all keys of the place begin with it. */
  readonly prefix: string;
}

/**
 * Amazon's names have 3 to 63 lower-case letters, digits, dots and hyphens; older buckets and other stores allow more.
 */
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;

/** Whether a text looks like a place in a store. The case of the scheme does not matter. */
export function isS3Url(text: string): boolean {
  return text.slice(0, scheme.length).toLowerCase() === scheme;
}

/**
 * Parses `s3://BUCKET[/PREFIX]`. Everything is taken literally, as in AWS's tools: `%` and `?` are ordinary characters.
 * @throws GlanceError `usage.argument` for anything else
 */
export function parseS3Url(text: string): S3Place {
  const hint = 'write s3://BUCKET or s3://BUCKET/PREFIX';
  if (!isS3Url(text))
    throw new GlanceError('usage.argument', `not an address in a bucket: "${maskLocation(text)}"`, { hint });
  const path = text.slice(scheme.length);
  const slash = path.indexOf('/');
  const bucket = slash < 0 ? path : path.slice(0, slash);
  if (!bucketName.test(bucket) || bucket.includes('..')) {
    const what = bucket.includes('@') ? 'no URL of a bucket has a login' : `a bucket cannot have the name "${bucket}"`;
    throw new GlanceError('usage.argument', `${what}: "${maskLocation(text)}"`, { hint });
  }
  const parts =
    slash < 0
      ? []
      : path
          .slice(slash)
          .split('/')
          .filter((part) => part !== '');
  const prefix = parts.map((part) => `${part}/`).join('');
  if (!isSendable(prefix)) {
    throw new GlanceError('usage.argument', `no request can carry the prefix "${prefix}", in "${text}"`, {
      hint: 'leave out the parts that are . or ..',
    });
  }
  return { bucket, prefix };
}

/** The place as a URL. */
export function formatS3Url({ bucket, prefix }: S3Place): string {
  return prefix === '' ? `${scheme}${bucket}` : `${scheme}${bucket}/${prefix.slice(0, -1)}`;
}

/**
 * The URL of a key, or of the bucket if the key is empty, with a query. At Amazon, the bucket is part of the host,
 * unless a dot in its name would not fit the certificate; everywhere else, it is part of the path.
 * @throws GlanceError `io.name` for a key that no URL can express; `config.invalid` for an invalid region
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function objectUrl(
  { endpoint, region }: Pick<S3Access, 'endpoint' | 'region'>,
  bucket: string,
  key: string,
  query: readonly (readonly [name: string, value: string])[] = [],
): URL {
  if (!isSendable(key)) throw new GlanceError('io.name', `no request can carry the key "${key}"`);
  const isInHost = endpoint === null && !bucket.includes('.');
  const url = endpoint === null ? amazonUrl(region, isInHost ? bucket : null) : new URL(endpoint);
  const path = isInHost ? key : `${bucket}/${key}`;
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path.split('/').map(encode).join('/')}`;
  url.search = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  url.hash = '';
  return url;
}

/**
 * Maximum number of parts of an upload that Amazon accepts, and that every other store accepts: Swift's S3 API accepts 1,000 by
 * default.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 * @see https://docs.openstack.org/swift/latest/config/proxy_server_config.html max_upload_part_num
 */
export function mostPartsOf({ endpoint }: Pick<S3Access, 'endpoint'>): number {
  return endpoint === null || endpoint.hostname.endsWith('.amazonaws.com') ? 10_000 : 1000;
}

/** The form of every region, Amazon's and others', as in botocore's validate_region_name. */
const regionName = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;

/** Whether a text can be the name of a region. It becomes part of a host name, and a server may have chosen it. */
export function isRegion(text: string): boolean {
  return regionName.test(text);
}

/**
 * Amazon's domains by the start of a region; all other regions use `amazonaws.com`. From botocore's partitions.json.
 */
const domains: readonly (readonly [region: string, domain: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
];

/** The domain of Amazon's services in a region. */
export function amazonDomain(region: string): string {
  return domains.find(([start]) => region.startsWith(start))?.[1] ?? 'amazonaws.com';
}

/** Amazon's own URL in a region. */
function amazonUrl(region: string, bucket: string | null): URL {
  if (!isRegion(region)) throw new GlanceError('config.invalid', `not a region: "${region}"`);
  return new URL(`https://${bucket === null ? '' : `${bucket}.`}s3.${region}.${amazonDomain(region)}`);
}

/** A URL cannot express a segment of dots, and text that is not valid Unicode cannot be in a key. */
function isSendable(key: string): boolean {
  const hasDots = key.split('/').some((part) => part === '.' || part === '..');
  return !hasDots && Buffer.from(key).toString() === key;
}

/**
 * RFC 3986: encodes everything except letters, digits and `-._~`. Such a query means the same even to servers that take
 * `+` for a space.
 */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
