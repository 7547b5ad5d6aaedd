// Converts errors from undici, Node and OpenSSL to GlanceErrors.
import { type ErrorCode, type ErrorFacts, GlanceError } from '../../errors.ts';
import { isOutOfFiles, outOfFiles } from '../../local/out-of-files.ts';
import type { Proxy } from './proxy.ts';

/** When a request failed: while waiting for its headers, or in the middle of its body. */
type Phase = 'headers' | 'body';

export interface FailureContext {
  readonly url: URL;
  readonly phase: Phase;
  readonly proxy: Proxy | null;
  readonly facts: ErrorFacts;
  /** Removes from a text everything that must not be shown. */
  readonly hide: (text: string) => string;
}

/** A failure on the way to a proxy, or between it and us when we requested a tunnel. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
  /** The status of its answer to CONNECT; null if it did not answer. */
  readonly status: number | null;

  /** @param message one clause, with the proxy as its subject */
  constructor(message: string, status: number | null, cause?: Error) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

interface Explanation {
  readonly code: ErrorCode;
  readonly text: string;
  readonly hint?: string;
}

const caHint = 'if you trust this server, name its authority with `caFile: FILE`';

const networkHint = 'check network, VPN and proxy; glance-cli doctor shows what is configured';
const refusedHint = 'is the endpoint right, and the service running? glance-cli doctor shows what is configured';

const truncated: Explanation = {
  code: 'http.truncated',
  text: 'the connection was closed in the middle of the answer',
};

const byCode: Readonly<Record<string, Explanation>> = {
  ENOTFOUND: {
    code: 'net.dns',
    text: 'the host name cannot be resolved',
    hint: 'check the endpoint for a mistyped name',
  },
  EAI_AGAIN: { code: 'net.dns', text: 'the name server does not answer', hint: networkHint },
  EHOSTUNREACH: { code: 'net.unreachable', text: 'there is no route to the host', hint: networkHint },
  ENETUNREACH: { code: 'net.unreachable', text: 'there is no route to the network', hint: networkHint },
  EADDRNOTAVAIL: { code: 'net.unreachable', text: 'the address cannot be reached', hint: networkHint },
  ETIMEDOUT: { code: 'net.timeout.connect', text: 'no connection within the time allowed', hint: networkHint },
  UND_ERR_CONNECT_TIMEOUT: {
    code: 'net.timeout.connect',
    text: 'no connection within the time allowed',
    hint: networkHint,
  },
  CERT_HAS_EXPIRED: {
    code: 'tls.expired',
    text: 'its certificate has expired',
    hint: 'check the clocks of both machines',
  },
  CERT_NOT_YET_VALID: {
    code: 'tls.expired',
    text: 'its certificate is not valid yet',
    hint: 'check the clocks of both machines',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    code: 'tls.name',
    text: 'its certificate is for another name',
    hint: 'check the endpoint; glance-cli doctor shows the certificate',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: { code: 'tls.untrusted', text: 'its certificate is self-signed', hint: caHint },
  UND_ERR_HEADERS_OVERFLOW: { code: 'http.headers_too_large', text: 'the header lines of the answer exceed 1 MiB' },
};

/** llhttp's phrases for a bad header line, for which undici passes on no code. */
const badHeaderReasons = /header (?:value|field|token|name)/i;

/** Converts any failure of a request; a GlanceError is returned as it is. */
export function toGlanceError(error: unknown, context: FailureContext): GlanceError {
  if (error instanceof GlanceError) return error;
  if (isOutOfFiles(error)) return outOfFiles(context.url.host, error);
  const cause = innermost(error);
  return toError(explain(cause, context), context, cause);
}

/** A proxy that reads the request itself requires another login. */
export function proxyLoginError(context: FailureContext): GlanceError {
  return toError(explainProxyStatus(407, context.proxy, ''), context);
}

function toError({ code, text, hint }: Explanation, context: FailureContext, cause?: unknown): GlanceError {
  return new GlanceError(code, `${placeOf(context)}: ${text}`, {
    ...context.facts,
    hint: hint ?? context.facts.hint,
    cause,
  });
}

/** Names the party that did not answer properly: the server, and the proxy if there is one in between. */
export function placeOf({ url, proxy }: Pick<FailureContext, 'url' | 'proxy'>): string {
  return proxy === null ? url.host : `${url.host} through the proxy ${proxy.url.host}`;
}

/** undici and the happy-eyeballs connector wrap the actual error. */
function innermost(error: unknown): unknown {
  if (error instanceof ProxyFailure) return error;
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors.at(-1));
  if (error instanceof Error && error.cause instanceof Error && !('code' in error && isTelling(error.code))) {
    return innermost(error.cause);
  }
  return error;
}

function isTelling(code: unknown): boolean {
  return typeof code === 'string' && code !== 'UND_ERR_SOCKET' && code !== 'UND_ERR_ABORTED';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function explain(error: unknown, context: FailureContext): Explanation {
  if (error instanceof ProxyFailure) return explainProxy(error, context);
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const known = byCode[code];
  if (known !== undefined) return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? withNames(known, error) : known;
  if (code === 'ECONNREFUSED') return { code: 'net.refused', text: 'connection refused', hint: refusedHint };
  if (error instanceof Error && error.name === 'HTTPParserError') {
    return protocolError(message, context.phase, 'data' in error ? context.hide(String(error.data)) : '');
  }
  if (message === 'bad upgrade') {
    return { code: 'http.protocol', text: 'it switches to another protocol, which was not asked for' };
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return tlsError(code, message);
  if (code.startsWith('ERR_OSSL_') || code.startsWith('ERR_CRYPTO_')) {
    return {
      code: 'config.invalid',
      text: `the certificate or key cannot be used (${code})`,
      hint: 'check `caFile`, `certFile` and `keyFile`',
    };
  }
  if (isCertificateCode(code))
    return { code: 'tls.untrusted', text: `its certificate is not trusted (${code})`, hint: caHint };
  if (brokenCodes.has(code) || code === '') return brokenConnection(code, context.phase);
  return { code: 'http.protocol', text: `the request failed (${code}: ${message})` };
}

/** Maximum number of characters of a certificate's names to show. */
const namesLength = 200;

/** Node attaches the certificate that belonged to another name. */
function withNames(known: Explanation, error: unknown): Explanation {
  const certificate = error instanceof Error && 'cert' in error ? (error.cert as { subjectaltname?: string }) : {};
  const names = certificate.subjectaltname?.replaceAll(/\b(?:DNS|IP Address):/g, '').slice(0, namesLength);
  return names === undefined ? known : { ...known, text: `${known.text}: it is for ${names}` };
}

function explainProxy({ message, status, cause }: ProxyFailure, context: FailureContext): Explanation {
  const variable = context.proxy?.variable ?? 'http_proxy';
  if (status !== null) return explainProxyStatus(status, context.proxy, ' when asked to connect');
  const hint = `check ${variable}`;
  if (cause === undefined) return { code: 'proxy.failed', text: message, hint };
  const inner = explain(innermost(cause), { ...context, phase: 'headers' });
  if (inner.code === 'net.refused') return { code: 'proxy.refused', text: 'the proxy refused the connection', hint };
  if (inner.code === 'net.reset') return { code: 'proxy.failed', text: 'the proxy closed the connection', hint };
  if (!inner.code.startsWith('net.')) return { ...inner, text: `the proxy itself: ${inner.text}` };
  return { code: 'proxy.refused', text: `the proxy cannot be reached: ${inner.text}`, hint };
}

/** @param when in which case the proxy gave this answer, with a leading space */
function explainProxyStatus(status: number, proxy: Proxy | null, when: string): Explanation {
  const text = `the proxy answered ${String(status)}${when}`;
  if (status !== 407) return { code: status >= 500 ? 'proxy.failed' : 'proxy.denied', text };
  const variable = proxy?.variable ?? 'http_proxy';
  if (proxy !== null && proxy.authorization !== null) {
    const hint = `check user and password in ${variable}: special characters are written as %XX`;
    return { code: 'proxy.denied', text: `${text}, though it was given the user and password of ${variable}`, hint };
  }
  const hint = `put user and password into ${variable}: http://USER:PASSWORD@HOST:PORT`;
  return { code: 'proxy.denied', text, hint };
}

/** Maximum number of characters to show of an answer that is not HTTP. */
const greetingLength = 40;

/** @param rest what the parser could not make sense of, and what followed it */
function protocolError(message: string, phase: Phase, rest: string): Explanation {
  const start = message.indexOf('(');
  const reason = start < 0 || !message.endsWith(')') ? message : message.slice(start + 1, -1);
  if (phase === 'body' && /EOF/.test(reason)) return truncated;
  if (badHeaderReasons.test(reason)) {
    return { code: 'http.bad_header', text: `the answer has a header line that is not valid HTTP (${reason})` };
  }
  const line = /^[^\r\n]*/.exec(rest)?.[0].slice(0, greetingLength).trim() ?? '';
  const greeting = phase === 'headers' && line !== '' ? `: "${line}"` : '';
  const text = `the answer is not HTTP (${reason})${greeting}`;
  return { code: 'http.protocol', text, hint: 'check the port of the endpoint' };
}

/** OpenSSL's phrases for an answer that is not TLS at all. */
const noTls = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|wrong version number|packet length too long/;

function tlsError(code: string, message: string): Explanation {
  if (noTls.test(code) || noTls.test(message)) {
    return {
      code: 'tls.protocol',
      text: 'it does not speak TLS on this port',
      hint: 'is it http:// instead of https://?',
    };
  }
  const wantsOurs = /CERTIFICATE_REQUIRED|certificate required/.test(code + message);
  const hint = wantsOurs ? 'it requires a client certificate: give `certFile` and `keyFile`' : undefined;
  return { code: 'tls.protocol', text: `TLS could not be set up (${code})`, ...(hint === undefined ? {} : { hint }) };
}

function isCertificateCode(code: string): boolean {
  return /^(?:CERT_|CRL_|UNABLE_TO_|INVALID_CA$|HOSTNAME_MISMATCH$)|SELF_SIGNED/.test(code);
}

/** The errors for a connection that is lost. undici gives some of them no code. */
const brokenCodes: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_INFO',
]);

function brokenConnection(code: string, phase: Phase): Explanation {
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && phase === 'headers') {
    // undici reports this for any fault in the header lines once it has seen a length.
    return { code: 'http.bad_header', text: 'the answer has a header line that is not valid HTTP, or several lengths' };
  }
  if (phase === 'headers') return { code: 'net.reset', text: 'the connection was closed before an answer came' };
  if (code === 'ECONNRESET') return { code: 'net.reset', text: 'the connection was reset in the middle of the answer' };
  return truncated;
}
