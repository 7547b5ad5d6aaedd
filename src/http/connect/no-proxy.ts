// Which hosts the list in no_proxy exempts. Programs differ in what they read there, and a token that reaches a proxy which
// was meant to be left out cannot be called back: what curl or Python's requests would ask directly is asked directly.
import { BlockList, isIP } from 'node:net';

/** Characters. A name has at most 253; to find how a URL spells a text takes time that grows faster than its length. */
const maxHostLength = 1000;

/** The host of a URL, in the forms that an entry may name it. */
interface Host {
  /** In lower case, without brackets and without a dot at its end. */
  readonly name: string;
  /** 0 for a name, else 4 or 6. */
  readonly family: number;
  /** As written in the URL, else that of the scheme. */
  readonly port: string;
}

/**
 * Whether a list as in `no_proxy` names the host of a URL: by name, suffix, address in any spelling, network, each with or
 * without a port, or all by `*`. Commas and white space separate. Names are not looked up.
 * @see https://curl.se/libcurl/c/CURLOPT_NOPROXY.html and `should_bypass_proxies` in Python's requests
 */
export function isExempt(url: URL, list: string): boolean {
  const name = url.hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const host = { name, family: isIP(name), port };
  return list.split(/[\s,]+/).some((entry) => matches(entry.toLowerCase(), host));
}

function matches(entry: string, host: Host): boolean {
  if (entry === '*') return true;
  const [, place = entry, port = host.port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (port !== host.port) return false;
  // As text first: Python cuts addresses at dots as it does names.
  if (isDomain(place, host.name)) return true;
  const [address = '', bits] = place.replaceAll(/[[\]]/g, '').split('/', 2);
  const name = toHostName(address);
  const family = isIP(name);
  if (family !== 0) return isWithin(host, name, family, bits);
  return bits === undefined && isDomain(name, host.name);
}

/** Whether the name is in the domain that an entry names, with or without `.` or `*.` in front and a dot at its end. */
function isDomain(entry: string, name: string): boolean {
  const domain = entry.replace(/^\*?\.+/, '').replace(/\.$/, '');
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
}

/** The spelling that URLs have: `0x7f.1` is `127.0.0.1`. A zone is left out: URLs have none. */
function toHostName(text: string): string {
  const [address = ''] = text.split('%', 1);
  const name = isIP(address) === 6 ? `[${address}]` : text;
  if (text.length > maxHostLength || /[?#@\\]/.test(name) || !URL.canParse(`http://${name}/`)) return text;
  return new URL(`http://${name}/`).hostname.replaceAll(/[[\]]/g, '');
}

/** @param bits of the network; undefined for one address */
function isWithin(host: Host, address: string, family: number, bits: string | undefined): boolean {
  if (host.family === 0) return false;
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.POSITIVE_INFINITY;
  // A network of IPv6 holds addresses of IPv4 only where it is written as one of those.
  if (prefix > most || (family === 6 && host.family === 4 && prefix < 96)) return false;
  const network = new BlockList();
  network.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return network.check(host.name, host.family === 4 ? 'ipv4' : 'ipv6');
}
