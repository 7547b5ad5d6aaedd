// The part of the error guide about requests and answers.
import type { ErrorCode } from '../errors.ts';

/** What a code means, and what to do. */
export type ErrorText = readonly [meaning: string, advice: string];

const again = 'run the same command again: it resumes from what is there';
const proxyAdvice = 'check endpoint and proxy: a login page or a gateway may have answered';
const clientAdvice = 'try a smaller list with filters, and tell the administrator';

/** The codes of requests and answers. */
export const networkErrors = {
  'net.refused': ['nothing listens on that address', 'check the endpoint, or wait until the service is up'],
  'net.dns': ['the name of the host is not known', 'check the endpoint and the DNS'],
  'net.unreachable': ['there is no route to the host', 'check network and VPN'],
  'net.reset': ['the connection broke', again],
  'net.stall': ['nothing arrived for --stall-timeout', again],
  'net.slow': ['data arrived so slowly for so long that it counts as a stall', again],
  'net.timeout.connect': ['the connection was not made in time', 'check network and firewall'],
  'net.timeout.headers': ['no answer arrived within --timeout', 'try again, or give a longer --timeout'],
  'net.timeout.total': ['not done within --max-time', again],
  'http.truncated': ['the answer ended before it was complete', again],
  'http.429': ['the server asks to slow down', 'wait, then run the same command again'],
  'http.500': ['the server failed', 'try again later, then tell the administrator the request id'],
  'http.502': ['a gateway had no answer from the server', 'try again later'],
  'http.503': ['the server is not available', 'try again later'],
  'http.504': ['a gateway waited too long for the server', 'try again later'],
  'http.unavailable': ['the server has trouble that may pass', 'try again later'],
  'http.status': ['a status that makes no sense for this request', proxyAdvice],
  'http.range': ['a part of an image was refused, or the wrong part arrived', 'leave --connections out'],
  'http.protocol': ['what answers does not speak HTTP as it should', 'check the port of the endpoint'],
  'http.not_image': ['something other than image data arrived', proxyAdvice],
  'http.bad_header': ['a header line that is not valid HTTP', 'tell the administrator'],
  'http.headers_too_large': ['more headers than are accepted', 'an image has too many properties: see list instead'],
  'http.encoding': ['the data arrived in an encoding that was not asked for', 'a proxy changes it: bypass it'],
  'http.redirect.loop': ['redirects without end', 'check the endpoint'],
  'http.redirect.refused': ['a redirect that is not followed', 'give the place it leads to as the endpoint'],
  'http.redirect.downgrade': ['a redirect from https to http', 'do not follow it; tell the administrator'],
  'http.redirect.invalid': ['a redirect that leads nowhere', 'check the endpoint'],
  'json.invalid': ['what should be JSON is not', proxyAdvice],
  'metadata.invalid': ['a record that cannot be an image', 'see which key the message names'],
  'page.limit': ['the list has over a million images, or no end', 'narrow it with filters, or give --marker'],
  'page.loop': ['the list repeats itself', clientAdvice],
  'api.version': ['the API version is not offered', 'see --image-api-version and doctor'],
  'proxy.refused': ['the proxy cannot be reached', 'check http_proxy, https_proxy and no_proxy'],
  'proxy.denied': ['the proxy refuses', 'put user and password into the variable that names it, or use no_proxy'],
  'proxy.failed': ['the proxy failed', 'try again later, or use no_proxy'],
  'tls.expired': ['the certificate has expired, or is not valid yet', 'check the clock; never work around it'],
  'tls.name': ['the certificate is for another host', 'check the endpoint; never work around it'],
  'tls.untrusted': ['the certificate was issued by an unknown authority', 'give the authority with --os-cacert'],
  'tls.protocol': ['the server does not speak TLS as it should', 'check scheme and port of the endpoint'],
} as const satisfies Partial<Record<ErrorCode, ErrorText>>;
