// The part of the error guide about requests and answers.
import type { ErrorCode } from '../errors.ts';

/** What a code means, and what to do. */
export type ErrorText = readonly [meaning: string, advice: string];

const again = 'run the same command again: it resumes where it stopped';
const proxyAdvice = 'check the endpoint and the proxy: a login page or a gateway may have answered';
const clientAdvice = 'narrow the list with filters, and tell the administrator';

/** The codes of requests and answers. */
export const networkErrors = {
  'net.refused': ['nothing listens on that address', 'check the endpoint, or wait until the service is up'],
  'net.dns': ['the host name cannot be resolved', 'check the endpoint and DNS'],
  'net.unreachable': ['there is no route to the host', 'check the network and the VPN'],
  'net.reset': ['the connection broke', again],
  'net.stall': ['nothing arrived for the time that --stall-timeout allows', again],
  'net.slow': ['data arrived too slowly for too long, which counts as a stall', again],
  'net.timeout.connect': ['the connection was not made in time', 'check the network and the firewall'],
  'net.timeout.headers': [
    'no answer arrived in the time that --timeout allows',
    'try again, or with a longer --timeout',
  ],
  'net.timeout.total': ['the command did not finish within --max-time', again],
  'http.truncated': ['the answer ended early', again],
  'http.429': ['the server asks for fewer requests', 'wait, then run the same command again'],
  'http.500': ['the server failed', 'try again later, then tell the administrator the request id'],
  'http.502': ['a gateway had no answer from the server', 'try again later'],
  'http.503': ['the server is not available', 'try again later'],
  'http.504': ['a gateway waited too long for the server', 'try again later'],
  'http.unavailable': ['the server has a temporary problem', 'try again later'],
  'http.status': ['the status is not valid for this request', proxyAdvice],
  'http.range': ['a range of an image was refused, or the wrong range arrived', 'leave --connections out'],
  'http.protocol': ['whatever answers does not speak valid HTTP', 'check the port of the endpoint'],
  'http.not_image': ['something other than image data arrived', proxyAdvice],
  'http.bad_header': ['a header line is not valid HTTP', 'tell the administrator'],
  'http.headers_too_large': [
    'the answer has more headers than are accepted',
    'the image may have too many properties: use list instead',
  ],
  'http.encoding': ['the data arrived in an encoding that nobody asked for', 'bypass the proxy that changes it'],
  'http.redirect.loop': ['the redirects never end', 'check the endpoint'],
  'http.redirect.refused': ['a redirect was not followed', 'use the address it leads to as the endpoint'],
  'http.redirect.downgrade': ['the server redirects from https to http', 'do not follow it; tell the administrator'],
  'http.redirect.invalid': ['a redirect leads nowhere', 'check the endpoint'],
  'json.invalid': ['the answer should be JSON, but is not', proxyAdvice],
  'metadata.invalid': ['a record cannot be that of an image', 'look at the key that the message names'],
  'page.limit': ['the list has more than a million images, or never ends', 'narrow it with filters, or give --marker'],
  'page.loop': ['the list repeats itself', clientAdvice],
  'api.version': ['the server does not offer that API version', 'see --image-api-version and doctor'],
  'proxy.refused': ['the proxy cannot be reached', 'check http_proxy, https_proxy and no_proxy'],
  'proxy.denied': ['the proxy denies access', 'add a user and a password to its URL, or use no_proxy'],
  'proxy.failed': ['the proxy failed', 'try again later, or use no_proxy'],
  'tls.expired': ['the certificate has expired, or is not valid yet', 'check the clock; do not work around it'],
  'tls.name': ['the certificate is for another host', 'check the endpoint; do not work around it'],
  'tls.untrusted': ['the certificate comes from an unknown authority', 'give the authority with --os-cacert'],
  'tls.protocol': ['the server does not speak valid TLS', 'check the scheme and the port of the endpoint'],
} as const satisfies Partial<Record<ErrorCode, ErrorText>>;
