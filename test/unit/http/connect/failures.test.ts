import { describe, expect, it } from 'vitest';
import {
  type FailureContext,
  proxyLoginError,
  ProxyFailure,
  toGlanceError,
} from '../../../../src/http/connect/failures.ts';

const context: FailureContext = {
  url: new URL('https://glance.example/v2'),
  phase: 'headers',
  proxy: null,
  facts: {},
  hide: (text) => text,
};

describe('toGlanceError', () => {
  it('lists the names of a certificate issued for another name', () => {
    const error = Object.assign(new Error('altname'), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      cert: { subjectaltname: 'DNS:other.example, IP Address:192.0.2.1' },
    });
    expect(toGlanceError(error, context)).toMatchObject({
      code: 'tls.name',
      message: 'glance.example: its certificate is for another name: it is for other.example, 192.0.2.1',
    });
  });

  it('says only that it is for another name if the names are unknown', () => {
    const error = Object.assign(new Error('altname'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(toGlanceError(error, context).message).toBe('glance.example: its certificate is for another name');
  });

  it.each([
    ['an error whose code is not text', Object.assign(new Error('odd'), { code: 7 })],
    ['an error without a code', new Error('odd')],
    ['something other than an error', { code: 'ENOTFOUND' }],
    ['null', null],
  ])('takes %s for a broken connection', (_what, error) => {
    expect(toGlanceError(error, context).code).toBe(toGlanceError(new Error('other'), context).code);
  });

  const failure = (code: string, message = 'words', more: object = {}): Error =>
    Object.assign(new Error(message), { code, ...more });

  it.each([
    ['ENOTFOUND', 'net.dns'],
    ['EAI_AGAIN', 'net.dns'],
    ['EHOSTUNREACH', 'net.unreachable'],
    ['ENETUNREACH', 'net.unreachable'],
    ['ETIMEDOUT', 'net.timeout.connect'],
    ['UND_ERR_CONNECT_TIMEOUT', 'net.timeout.connect'],
    ['ECONNREFUSED', 'net.refused'],
    ['ECONNRESET', 'net.reset'],
    ['EPIPE', 'net.reset'],
    ['UND_ERR_SOCKET', 'net.reset'],
    ['CERT_HAS_EXPIRED', 'tls.expired'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls.untrusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls.untrusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls.untrusted'],
    ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', 'config.invalid'],
    ['ERR_CRYPTO_INVALID', 'config.invalid'],
    ['EPROTO', 'tls.protocol'],
    ['ERR_SSL_TLSV1_ALERT', 'tls.protocol'],
    ['UND_ERR_HEADERS_OVERFLOW', 'http.headers_too_large'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'http.bad_header'],
    ['EWHATEVER', 'http.protocol'],
  ])('makes %s %s, and names host and cause', (code, expected) => {
    const cause = failure(code);
    const error = toGlanceError(new Error('fetch failed', { cause }), context);
    expect(error).toMatchObject({ code: expected, cause });
    expect(error.message).toMatch(/^glance\.example: ./);
    expect(toGlanceError(error, context)).toBe(error);
  });

  it('distinguishes what broke within an answer from what broke before it', () => {
    const body: FailureContext = { ...context, phase: 'body' };
    const codes = ['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'];
    expect(codes.map((code) => toGlanceError(failure(code), body).code)).toEqual([
      'net.reset',
      'http.truncated',
      'http.truncated',
    ]);
  });

  it.each([
    [
      'Response does not match the HTTP/1.1 protocol (Expected HTTP/)',
      'SSH-2.0-x\r\nmore',
      'headers',
      'Expected HTTP/',
      ': "SSH-2.0-x"',
    ],
    ['Expected (HTTP/', '', 'headers', 'Expected (HTTP/', ''],
    ['no brackets', 'x'.repeat(50), 'headers', 'no brackets', `: "${'x'.repeat(40)}"`],
    ['Invalid (character)', 'words', 'body', 'character', ''],
  ] as const)('repeats the reason of the parser: %s', (message, data, phase, reason, greeting) => {
    const error = Object.assign(failure('HPE_INVALID', message, { data }), { name: 'HTTPParserError' });
    expect(toGlanceError(error, { ...context, phase })).toMatchObject({
      code: 'http.protocol',
      message: `glance.example: the answer is not HTTP (${reason})${greeting}`,
    });
  });

  it('recognises an invalid header line, and an answer that ends within its chunks', () => {
    const of = (message: string, phase: 'headers' | 'body'): string =>
      toGlanceError(Object.assign(failure('HPE', message), { name: 'HTTPParserError' }), { ...context, phase }).code;
    expect(of('x (Invalid header value char)', 'headers')).toBe('http.bad_header');
    expect(of('x (Invalid EOF state)', 'body')).toBe('http.truncated');
    expect(of('x (Invalid EOF state)', 'headers')).toBe('http.protocol');
  });

  it('says whether a port does not speak TLS, or wants a client certificate', () => {
    const of = (code: string, message: string): object => toGlanceError(failure(code, message), context);
    expect(of('ERR_SSL_WRONG_VERSION_NUMBER', 'x')).toMatchObject({
      facts: { hint: 'is it http:// instead of https://?' },
    });
    expect(of('EPROTO', 'packet length too long')).toMatchObject({
      facts: { hint: 'is it http:// instead of https://?' },
    });
    expect(of('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'x')).toMatchObject({
      facts: { hint: 'it requires a client certificate: give `certFile` and `keyFile`' },
    });
    expect(of('ERR_SSL_OTHER', 'x')).toMatchObject({
      facts: { hint: undefined },
      message: expect.stringContaining('(ERR_SSL_OTHER)'),
    });
  });

  it('looks at the last of several addresses, and keeps a code that already says enough', () => {
    const several = new AggregateError([failure('ENOTFOUND'), failure('ECONNREFUSED')]);
    expect(toGlanceError(several, context).code).toBe('net.refused');
    const telling = Object.assign(new Error('x', { cause: failure('ENOTFOUND') }), { code: 'ECONNREFUSED' });
    expect(toGlanceError(telling, context).code).toBe('net.refused');
    for (const code of ['UND_ERR_SOCKET', 'UND_ERR_ABORTED']) {
      const vague = Object.assign(new Error('x', { cause: failure('ENOTFOUND') }), { code });
      expect(toGlanceError(vague, context).code).toBe('net.dns');
    }
  });

  describe('of a proxy', () => {
    const proxy = { url: new URL('http://proxy.example:3128'), variable: 'https_proxy', authorization: null };
    const through: FailureContext = { ...context, proxy };
    const of = (status: number | null, cause?: Error, used = through): object =>
      toGlanceError(new ProxyFailure('words', status, cause), used);

    it.each([
      ['refuses', null, failure('ECONNREFUSED'), 'proxy.refused', 'the proxy refused the connection'],
      ['hangs up', null, failure('ECONNRESET'), 'proxy.failed', 'the proxy closed the connection'],
      [
        'cannot be found',
        null,
        failure('ENOTFOUND'),
        'proxy.refused',
        'the proxy cannot be reached: the host name cannot be resolved',
      ],
      [
        'has an old certificate',
        null,
        failure('CERT_HAS_EXPIRED'),
        'tls.expired',
        'the proxy itself: its certificate has expired',
      ],
      ['says nothing else', null, undefined, 'proxy.failed', 'words'],
      ['denies', 403, undefined, 'proxy.denied', 'the proxy answered 403 when asked to connect'],
      ['fails', 500, undefined, 'proxy.failed', 'the proxy answered 500 when asked to connect'],
      ['fails just so', 499, undefined, 'proxy.denied', 'the proxy answered 499 when asked to connect'],
      ['wants a login', 407, undefined, 'proxy.denied', 'the proxy answered 407 when asked to connect'],
    ])('that %s', (_what, status, cause, code, text) => {
      expect(of(status, cause)).toMatchObject({
        code,
        message: `glance.example through the proxy proxy.example:3128: ${text}`,
      });
    });

    it('that wants a login says whether it was given one', () => {
      const given = { ...through, proxy: { ...proxy, authorization: 'Basic x' } };
      expect(of(407)).toMatchObject({
        facts: { hint: 'put user and password into https_proxy: http://USER:PASSWORD@HOST:PORT' },
      });
      expect(of(407, undefined, given)).toMatchObject({
        message: expect.stringContaining('though it was given the user and password of https_proxy'),
        facts: { hint: expect.stringContaining('check user and password in https_proxy') },
      });
      expect(proxyLoginError(through).message).toMatch(/: the proxy answered 407$/);
    });
  });
});
