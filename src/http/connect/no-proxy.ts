// Which hosts the list in no_proxy exempts. Programs read that list differently, and a token cannot be called back from
// a proxy that was not meant to see it. So a host is contacted directly if either curl or Python's requests would do
// so.
import { BlockList, isIP } from 'node:net';

/** Characters. A name has at most 253; normalising a host takes time that grows faster than its length. */
const maxHostLength = 1000;

/** The host of a URL, in the forms in which an entry may name it. */
interface Host {
  /** Lower case, without brackets or a trailing dot. */
  readonly name: string;
  /** 0 for a name, otherwise 4 or 6. */
  readonly family: number;
  /** As in the URL, or else the scheme's default. */
  readonly port: string;
}

/**
 * Whether a list as in `no_proxy` names the host of a URL: by name, suffix, address in any spelling, or network, each
 * with or without a port; `*` names all hosts. Entries are separated by commas or white space. Names are not looked up.
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
  // As text first: Python matches address suffixes as it does those of names.
  if (isDomain(place, host.name)) return true;
  const [address = '', bits] = place.replaceAll(/[[\]]/g, '').split('/', 2);
  const name = toHostName(address);
  const family = isIP(name);
  if (family !== 0) return isWithin(host, name, family, bits);
  return bits === undefined && isDomain(name, host.name);
}

/** Whether the name is in the entry's domain, which may have a leading `.` or `*.` and a trailing dot. */
function isDomain(entry: string, name: string): boolean {
  const domain = entry.replace(/^\*?\.+/, '').replace(/\.$/, '');
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
}

/** The spelling that URLs use: `0x7f.1` becomes `127.0.0.1`. A zone is dropped, since URLs have none. */
function toHostName(text: string): string {
  const [address = ''] = text.split('%', 1);
  const name = isIP(address) === 6 ? `[${address}]` : text;
  if (text.length > maxHostLength || /[?#@\\]/.test(name) || !URL.canParse(`http://${name}/`)) return text;
  return new URL(`http://${name}/`).hostname.replaceAll(/[[\]]/g, '');
}

/** @param bits prefix length of the network; undefined for a single address */
function isWithin(host: Host, address: string, family: number, bits: string | undefined): boolean {
  if (host.family === 0) return false;
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.POSITIVE_INFINITY;
  // An IPv6 network contains IPv4 addresses only if it is written as a range of mapped ones.
  if (prefix > most || (family === 6 && host.family === 4 && prefix < 96)) return false;
  const network = new BlockList();
  network.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return network.check(host.name, host.family === 4 ? 'ipv4' : 'ipv6');
}
