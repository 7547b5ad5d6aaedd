// What follows from an error code alone. Every code is named, so that a new one has to be decided about.
import { describe, expect, it } from 'vitest';
import { errorCodes, isFinalForImage, isLasting, isPassing, isRetryable } from '../../src/errors.ts';

const passing = [
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
  'proxy.refused',
  'proxy.failed',
  'place.unavailable',
  'queue.unavailable',
  'wait.timeout',
];

const lasting = [
  'usage.option',
  'usage.argument',
  'usage.terminal',
  'usage.unsupported',
  'config.missing',
  'config.invalid',
  'http.redirect.downgrade',
  'tls.expired',
  'tls.name',
  'tls.untrusted',
];

const finalForImage = [
  'image.not_found',
  'image.ambiguous',
  'image.no_data',
  'cloud.not_found',
  'cloud.region',
  'cloud.no_service',
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
  'unsafe.image',
];

/** What speaks for itself, or depends on who asks, where and when: it is in none of these groups. */
const neither = [
  'place.missing',
  'place.denied',
  'place.unsupported',
  'image.deactivated',
  'auth.missing',
  'auth.failed',
  'auth.required',
  'auth.forbidden',
  'auth.expired',
  'http.status',
  'http.range',
  'http.protocol',
  'http.not_image',
  'http.bad_header',
  'http.headers_too_large',
  'http.encoding',
  'http.redirect.loop',
  'http.redirect.refused',
  'http.redirect.invalid',
  'json.invalid',
  'metadata.invalid',
  'page.loop',
  'page.limit',
  'api.version',
  'proxy.denied',
  'tls.protocol',
  'data.empty',
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
  'queue.missing',
  'queue.denied',
  'worker.died',
  'contents.unreadable',
  'contents.not_found',
  'contents.limit',
  'partial',
  'interrupted',
  'pipe.closed',
];

describe('every error code', () => {
  it('belongs to exactly one group', () => {
    expect([...passing, ...lasting, ...finalForImage, ...neither].toSorted()).toEqual([...errorCodes].toSorted());
  });

  it.each([
    ['isPassing', isPassing, passing],
    ['isRetryable', isRetryable, passing.filter((code) => code !== 'net.timeout.total')],
    ['isLasting', isLasting, lasting],
    ['isFinalForImage', isFinalForImage, finalForImage],
  ])('is judged by %s', (_name, question, expected) => {
    expect(errorCodes.filter(question)).toEqual(expected);
  });
});
