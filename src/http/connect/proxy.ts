// Which proxy a request goes through, by the environment variables that curl, Python and OpenStack's clients share.
import { GlanceError } from '../../errors.ts';
import { isExempt } from './no-proxy.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy, and where it is named. */
export interface Proxy {
  /** Scheme, host and port alone. */
  readonly url: URL;
  /** The environment variable that names it. */
  readonly variable: string;
  /** The value of `Proxy-Authorization`: secret. Null without a user. */
  readonly authorization: string | null;
}

/**
 * The proxy for a URL, or null to connect directly. Lower-case variables win over upper-case ones; an empty one is unset.
 * A path behind the address is ignored, as everybody does, and quotes around it are taken off.
 * @throws GlanceError `config.invalid` if the variable holds no http or https URL; its value may be secret and is not shown
 */
export function findProxy(url: URL, env: Environment): Proxy | null {
  const scheme = url.protocol.slice(0, -1);
  const [variable, value] = readVariable(env, `${scheme}_proxy`) ?? readVariable(env, 'all_proxy') ?? [];
  if (variable === undefined || value === undefined) return null;
  if (isExempt(url, readVariable(env, 'no_proxy')?.[1] ?? '')) return null;
  const proxy = parseProxy(unquote(value));
  if (proxy instanceof URL) {
    return { url: new URL(proxy.origin), variable, authorization: authorizationOf(proxy) };
  }
  throw new GlanceError('config.invalid', `${variable} ${proxy}`, {
    hint: `set ${variable}=http://HOST:PORT, or add ${url.hostname} to no_proxy`,
  });
}

function readVariable(env: Environment, name: string): [string, string] | undefined {
  for (const variable of [name, name.toUpperCase()]) {
    const value = env[variable]?.trim();
    if (value !== undefined && value !== '') return [variable, value];
  }
  return undefined;
}

function unquote(text: string): string {
  const quote = text.slice(0, 1);
  return text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text;
}

/** @returns what is wrong with the text, if it is no URL of a proxy */
function parseProxy(text: string): URL | string {
  const scheme = /^([a-z][a-z0-9+.-]{0,20}):\/\//i.exec(text)?.[1]?.toLowerCase() ?? 'http';
  if (!['http', 'https'].includes(scheme)) return `names a ${scheme} proxy; only http and https proxies can be used`;
  const full = text.includes('://') ? text : `http://${text}`;
  // One slash would make a host of what is none.
  const url = /^(?:https?:)?\/(?!\/)/i.test(text) || !URL.canParse(full) ? null : new URL(full);
  if (url !== null && isHostAlone(url)) return url;
  const advice = text.includes('@') ? ': write / ? # in a user or password as %2F %3F %23' : '';
  return `is not the URL of an http proxy${advice}`;
}

/** In a URL `/ ? #` end the host: with an `@` behind them they were of a password, and the wrong host would be asked. */
function isHostAlone({ hostname, pathname, search, hash }: URL): boolean {
  return /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(hostname) && !(pathname + search + hash).includes('@');
}

/** An empty password is sent too: services with API keys have the key as user. */
function authorizationOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const bytes = Buffer.concat([decodePercents(username), Buffer.from(':'), decodePercents(password)]);
  return `Basic ${bytes.toString('base64')}`;
}

/** As curl does: a `%` without two hex digits is itself, and what comes out may be any bytes. */
function decodePercents(text: string): Buffer {
  return Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
