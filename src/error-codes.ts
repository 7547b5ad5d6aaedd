// The closed set of error codes, and what follows from a code alone.

/**
 * Every code an error can carry. Codes are public interface: scripts match on them, so one is never renamed.
 * The part before the dot says whose fault it is; cli/console/exit-codes.ts maps each to an exit code.
 */
export const errorCodes = [
  'usage.option',
  'usage.argument',
  'usage.terminal',
  'usage.unsupported',
  'config.missing',
  'config.invalid',
  'image.not_found',
  'image.ambiguous',
  'image.no_data',
  'image.deactivated',
  'cloud.not_found',
  'cloud.region',
  'cloud.no_service',
  'auth.missing',
  'auth.failed',
  'auth.required',
  'auth.forbidden',
  'auth.expired',
  'net.refused',
  'net.dns',
  'net.unreachable',
  'net.reset',
  'net.stall',
  'net.slow',
  'net.timeout.connect',
  'net.timeout.headers',
  'net.timeout.total',
  'http.truncated',
  'http.429',
  'http.500',
  'http.502',
  'http.503',
  'http.504',
  'http.unavailable',
  'http.status',
  'http.range',
  'http.protocol',
  'http.not_image',
  'http.bad_header',
  'http.headers_too_large',
  'http.encoding',
  'http.redirect.loop',
  'http.redirect.refused',
  'http.redirect.downgrade',
  'http.redirect.invalid',
  'json.invalid',
  'metadata.invalid',
  'page.loop',
  'page.limit',
  'api.version',
  'proxy.refused',
  'proxy.denied',
  'proxy.failed',
  'tls.expired',
  'tls.name',
  'tls.untrusted',
  'tls.protocol',
  'data.empty',
  'integrity.digest',
  'integrity.size',
  'integrity.excess',
  'integrity.contradiction',
  'integrity.changed',
  'integrity.pin',
  'integrity.unprovable',
  'signature.invalid',
  'signature.missing',
  'signature.untrusted',
  'signature.unsupported',
  'io.exists',
  'io.missing',
  'io.permission',
  'io.readonly',
  'io.nospace',
  'io.limit',
  'io.busy',
  'io.closed',
  'io.not_regular',
  'io.name',
  'io.port',
  'io.error',
  'unsafe.image',
  'place.missing',
  'place.denied',
  'place.unavailable',
  'place.unsupported',
  'queue.missing',
  'queue.denied',
  'queue.unavailable',
  'worker.died',
  'wait.timeout',
  'contents.unreadable',
  'contents.not_found',
  'contents.limit',
  'partial',
  'interrupted',
  'pipe.closed',
] as const;

/** One of {@link errorCodes}. */
export type ErrorCode = (typeof errorCodes)[number];

const retryableCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'net.refused',
  'net.dns',
  'net.unreachable',
  'net.reset',
  'net.stall',
  'net.slow',
  'net.timeout.connect',
  'net.timeout.headers',
  'http.truncated',
  'http.429',
  'http.500',
  'http.502',
  'http.503',
  'http.504',
  'http.unavailable',
  'proxy.refused',
  'proxy.failed',
  'place.unavailable',
  'queue.unavailable',
  'wait.timeout',
]);

/** Whether the same call may succeed later without any change. */
export function isRetryable(code: ErrorCode): boolean {
  return retryableCodes.has(code);
}

/**
 * Whether it is a temporary problem of the network or a server: whatever {@link isRetryable} covers, and an expired time
 * limit for the whole call.
 */
export function isPassing(code: ErrorCode): boolean {
  return code === 'net.timeout.total' || isRetryable(code);
}

const lastingGroups = new Set(['usage', 'config', 'tls']);

/** Whether the same call is pointless or unwise, however much later: wrong calls, and servers that are not trusted. */
export function isLasting(code: ErrorCode): boolean {
  if (code === 'http.redirect.downgrade') return true;
  return code !== 'tls.protocol' && lastingGroups.has(groupOf(code));
}

const imageGroups = new Set(['image', 'cloud', 'integrity', 'signature', 'unsafe']);

/** Whether an image that failed in this way fails again while its record is unchanged. */
export function isFinalForImage(code: ErrorCode): boolean {
  // Whoever deactivated the image may reactivate it without any change to its record.
  return code !== 'image.deactivated' && imageGroups.has(groupOf(code));
}

/** The part before the dot. */
function groupOf(code: ErrorCode): string {
  return code.split('.', 1)[0] ?? code;
}
