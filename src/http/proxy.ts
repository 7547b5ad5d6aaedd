// Which proxy a request goes through, by the environment variables that curl, Python and OpenStack's clients share.
import { GlanceError } from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, or null to connect directly. Lower-case variables win over upper-case ones; an empty one is unset.
 * `no_proxy` is a list of names, `.suffixes`, addresses, each with an optional port, or `*`.
 * @throws GlanceError `config.invalid` if the variable holds no http or https URL
 */
export function findProxy(url: URL, env: Environment): URL | null {
  const scheme = url.protocol.slice(0, -1);
  const [variable, value] = readVariable(env, `${scheme}_proxy`) ?? readVariable(env, 'all_proxy') ?? [];
  if (variable === undefined || value === undefined || isExempt(url, env)) return null;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : null;
  if (proxy === null || !['http:', 'https:'].includes(proxy.protocol)) {
    throw new GlanceError('config.invalid', `${variable} is not the URL of an http proxy`, {
      hint: `set ${variable}=http://HOST:PORT, or add ${url.hostname} to no_proxy`,
    });
  }
  return proxy;
}

function readVariable(env: Environment, name: string): [string, string] | undefined {
  for (const variable of [name, name.toUpperCase()]) {
    const value = env[variable]?.trim();
    if (value !== undefined && value !== '') return [variable, value];
  }
  return undefined;
}

function isExempt(url: URL, env: Environment): boolean {
  const list = readVariable(env, 'no_proxy')?.[1];
  if (list === undefined) return false;
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry.toLowerCase(), bare(url.hostname), port));
}

function matches(entry: string, hostname: string, port: string): boolean {
  if (entry === '*') return true;
  const [, host = entry, entryPort] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const name = bare(host).replace(/^\*?\./, '');
  return hostname === name || hostname.endsWith(`.${name}`);
}

/** An IPv6 address without its brackets. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
