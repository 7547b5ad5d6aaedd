// Turns error statuses into HttpErrors.
import { type ErrorCode, type ErrorFacts, HttpError } from '../errors.ts';

const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'auth.required',
  403: 'auth.forbidden',
  407: 'proxy.denied',
  429: 'http.429',
  500: 'http.500',
  502: 'http.502',
  503: 'http.503',
  504: 'http.504',
};

/** Temporary statuses, besides those with a code of their own. 520–524 come from a proxy in front of the server. */
const passing: ReadonlySet<number> = new Set([408, 425, 520, 521, 522, 523, 524]);

const hints: Readonly<Record<number, string>> = {
  401: 'set OS_CLOUD for a login, or OS_TOKEN or `tokenFile: FILE` for a token; glance-cli doctor shows what is configured',
  403: 'this login may not do that: see its project and role with glance-cli doctor',
  407: 'put user and password into http_proxy or https_proxy',
};

/**
 * RFC 9110 §15, RFC 6585, and 507 from RFC 4918. Node's own list would load its whole HTTP module, which nothing else
 * here needs.
 */
const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  203: 'Non-Authoritative Information',
  204: 'No Content',
  206: 'Partial Content',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  305: 'Use Proxy',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
  511: 'Network Authentication Required',
};

/** The stable code for a status of 300 or above. */
function codeOfStatus(status: number): ErrorCode {
  return codes[status] ?? (passing.has(status) ? 'http.unavailable' : 'http.status');
}

/**
 * The status that an answer means. Rate limits of older OpenStack releases answer 413 with a `Retry-After` or a fault
 * named `overLimit`, which means 429.
 * @param said the beginning of the body
 */
export function meantStatus(status: number, retryAfterMs: number | undefined, said: string): number {
  return status === 413 && (retryAfterMs !== undefined || said.includes('overLimit')) ? 429 : status;
}

/**
 * The usual phrase for a status; empty if there is none. The server's own reason phrase is not safe to show on a
 * terminal.
 */
export function reasonOf(status: number): string {
  return reasons[status] ?? '';
}

/**
 * The error for an answer.
 * @param sentence what the server said about it, or null
 * @param meant see {@link meantStatus}
 */
export function statusError(
  host: string,
  status: number,
  sentence: string | null,
  facts: ErrorFacts,
  meant: number = status,
): HttpError {
  const what = `${host} answered ${`${String(status)} ${reasonOf(status)}`.trim()}`;
  const message = sentence === null ? what : `${what}: ${sentence}`;
  return new HttpError(codeOfStatus(meant), message, status, { hint: hints[meant], ...facts });
}

/**
 * The wait that `Retry-After` asks for, in milliseconds; undefined if there is none or it cannot be read. The header
 * holds seconds or a date; a date in the past gives 0.
 * @param nowMs wall time
 * @see RFC 9110 §10.2.3
 */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  if (!/^[A-Z][a-z]{2,8},? /.test(value) || value.length > 40) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - nowMs);
}
