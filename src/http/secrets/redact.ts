// What may be shown of a request. An allow-list: what is not known to be harmless is not printed.
import type { HeaderList } from '../text/headers.ts';
import { readUrl } from '../text/url-text.ts';

const redacted = '[redacted]';

const safeHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-ranges',
  'allow',
  'connection',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'etag',
  'host',
  'keep-alive',
  'range',
  'retry-after',
  'server',
  'transfer-encoding',
  'user-agent',
  'vary',
  'via',
  'x-amz-bucket-region',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-id-2',
  'x-amz-request-id',
  'x-openstack-request-id',
]);

/** Image fields in API v1 headers that never hold a secret. A custom property or a location can. */
const safeImageHeaders: ReadonlySet<string> = new Set(
  [
    'id',
    'name',
    'status',
    'size',
    'virtual-size',
    'checksum',
    'disk-format',
    'container-format',
    'min-disk',
    'min-ram',
    'is-public',
    'protected',
    'deleted',
    'owner',
    'created-at',
    'updated-at',
    'deleted-at',
  ].map((field) => `x-image-meta-${field}`),
);

const safeQueryKeys: ReadonlySet<string> = new Set([
  'limit',
  'marker',
  'name',
  'status',
  'visibility',
  'owner',
  'disk_format',
  'container_format',
  'size_min',
  'size_max',
  'sort',
  'sort_key',
  'sort_dir',
  'is_public',
  'protected',
  'os_hidden',
  'member_status',
  'tag',
  'created_at',
  'updated_at',
  'changes-since',
  // S3 API.
  'list-type',
  'prefix',
  'max-keys',
  'encoding-type',
  'uploads',
  'uploadId',
  'partNumber',
]);

/** Whether the value of this header may be shown. */
export function isSafeHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return safeHeaders.has(lower) || safeImageHeaders.has(lower.replaceAll('_', '-'));
}

/** `Name: value` lines, with values that might be secret replaced. URLs in `Location` are redacted, not hidden. */
export function redactHeaders(headers: HeaderList | ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  const pairs =
    headers instanceof Map ? [...headers].map(([name, value]) => ({ name, value })) : [...(headers as HeaderList)];
  for (const { name, value } of pairs) {
    if (name.toLowerCase() === 'location') lines.push(`${name}: ${redactUrl(value)}`);
    else lines.push(`${name}: ${isSafeHeader(name) ? value : redacted}`);
  }
  return lines;
}

/** Whether a text may be a URL with a login in it, even if it cannot be parsed. */
export function mayHoldLogin(text: string): boolean {
  const colon = text.indexOf(':');
  return colon >= 0 && text.includes('@', colon);
}

/**
 * The URL without user, password, fragment and the values of unknown query keys. Text that is not a URL is hidden
 * entirely.
 */
export function redactUrl(url: URL | string): string {
  const base = 'http://relative.invalid';
  const relative = typeof url === 'string' && url.startsWith('/') ? readUrl(url, new URL(base)) : null;
  if (relative !== null) {
    const shown = redactUrl(relative);
    // A path that begins with two slashes, or with a slash and an equivalent character, names a host.
    return shown.startsWith(`${base}/`) ? shown.slice(base.length) : shown.replace('http:', '');
  }
  const copy = readUrl(String(url));
  // `user:password@host` without a scheme is read as one whose scheme is the user.
  if (copy === null || (!copy.pathname.startsWith('/') && copy.pathname.includes('@'))) return redacted;
  if (copy.username !== '' || copy.password !== '') {
    copy.username = 'redacted';
    copy.password = '';
  }
  copy.hash = '';
  const pairs = [...copy.searchParams];
  const isSafe = (key: string): boolean => safeQueryKeys.has(key) || key.startsWith('property-');
  // If nothing has to be removed, the query keeps its spelling.
  if (!pairs.every(([key]) => isSafe(key))) {
    const shown = new Set(
      pairs.map(([key, value]) => new URLSearchParams([[key, isSafe(key) ? value : 'redacted']])).map(String),
    );
    copy.search = [...shown].join('&');
  }
  return copy.href;
}

/**
 * A store's location without anything that could be a credential: user, password and all query values. Also works on
 * text that is not a valid URL, since a location is whatever a store driver writes.
 */
export function maskLocation(location: string): string {
  const [scheme = ''] = /^[a-zA-Z][\w+.-]{0,63}:\/\//.exec(location) ?? [];
  const masked = maskUserInfo(location.slice(scheme.length));
  const query = masked.indexOf('?');
  if (query < 0) return scheme + masked;
  const keys = masked
    .slice(query + 1)
    .split('&')
    .map((pair) => `${pair.split('=', 1)[0] ?? ''}=***`);
  return `${scheme}${masked.slice(0, query)}?${keys.join('&')}`;
}

/**
 * Locations look like `user:key@host/…`, where the key may contain anything; the v1 specification has `account:key/…`.
 */
function maskUserInfo(path: string): string {
  const at = path.lastIndexOf('@');
  if (at >= 0) return `***:***@${path.slice(at + 1)}`;
  const slash = path.indexOf('/');
  const first = slash < 0 ? path : path.slice(0, slash);
  const colon = first.indexOf(':');
  const isHost = colon < 0 || /^\d{1,5}$/.test(first.slice(colon + 1));
  return isHost ? path : `***:***${path.slice(first.length)}`;
}
