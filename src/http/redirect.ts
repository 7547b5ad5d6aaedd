// Decides whether a redirect may be followed, and with what. Pure.
import { BlockList, isIP } from 'node:net';
import { type ErrorFacts, GlanceError } from '../errors.ts';
import { redactUrl } from './secrets/redact.ts';
import { readUrl } from './text/url-text.ts';

/** Maximum number of redirects to follow for one request. */
export const maxRedirects = 5;

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Whether this status is a redirect. 300 is not: Glance answers it with a list of versions to read. */
export function isRedirect(status: number): boolean {
  return redirectStatuses.has(status);
}

interface Hop {
  readonly from: URL;
  /** The `Location` header. */
  readonly location: string | null;
  /** Image data may come from another origin, without our credentials; metadata may not. */
  readonly purpose: 'metadata' | 'data';
}

interface NextHop {
  readonly url: URL;
  /** Whether credentials may be sent along. */
  readonly sameOrigin: boolean;
}

/** The error for a redirect that is not followed, `http.redirect.refused`. */
export class RedirectError extends GlanceError {
  override readonly name = 'RedirectError';
  /** Where it leads, without credentials. */
  readonly goal: string;

  constructor(message: string, goal: string, facts: ErrorFacts) {
    super('http.redirect.refused', message, facts);
    this.goal = goal;
  }
}

/**
 * Handles a redirect of a request with a body, which is never sent again, since it may contain a password.
 * @throws RedirectError; as {@link followRedirect} does
 */
export function refuseRedirect(hop: Hop, facts: ErrorFacts): never {
  const goal = redactUrl(followRedirect(hop).url);
  throw new RedirectError(`${hop.from.host} redirects to ${goal}; the request is not repeated there`, goal, facts);
}

/**
 * Decides where to go next.
 * @throws GlanceError `http.redirect.invalid` without a usable target; `http.redirect.downgrade` from https to http;
 * `http.redirect.refused` to another origin for metadata, and from a public address to a private one
 */
export function followRedirect(hop: Hop): NextHop {
  const { from, location, purpose } = hop;
  const url = location === null ? null : readUrl(location, from);
  if (url === null) {
    throw new GlanceError('http.redirect.invalid', `${from.host} redirects without saying where to`);
  }
  const shown = redactUrl(url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new GlanceError('http.redirect.invalid', `${from.host} redirects to ${shown}, which is not http`);
  }
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw new GlanceError('http.redirect.downgrade', `${from.host} redirects to ${shown}, from https down to http`, {
      hint: 'somebody may be listening in; nothing was sent there',
    });
  }
  if (url.origin === from.origin) return { url, sameOrigin: true };
  if (purpose === 'metadata') {
    throw new RedirectError(`${from.host} redirects to another server, ${shown}`, shown, {
      hint: 'if that is your Glance, give its address as the endpoint; no token was sent there',
    });
  }
  if (isPrivateHost(url.hostname) && !isPrivateHost(from.hostname)) {
    throw new GlanceError('http.redirect.refused', `${from.host} redirects into a private network, to ${shown}`);
  }
  return { url, sameOrigin: false };
}

const privateAddresses = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateAddresses.addSubnet(network, bits, 'ipv4');
}
privateAddresses.addAddress('::', 'ipv6');
privateAddresses.addAddress('::1', 'ipv6');
privateAddresses.addSubnet('fc00::', 7, 'ipv6');
privateAddresses.addSubnet('fe80::', 10, 'ipv6');
privateAddresses.addSubnet('fec0::', 10, 'ipv6');

/** Whether a host is, as written, on this machine or in a private network. Names are not looked up. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const family = isIP(host);
  return family !== 0 && privateAddresses.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
