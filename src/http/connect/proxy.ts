// Chooses the proxy for a request from the environment variables that curl, Python and OpenStack's clients share.
import { GlanceError } from '../../errors.ts';
import { isExempt } from './no-proxy.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy, and the variable that names it. */
export interface Proxy {
  /** Scheme, host and port only. */
  readonly url: URL;
  /** The environment variable that names it. */
  readonly variable: string;
  /** The value of `Proxy-Authorization`, which is secret. Null without a user. */
  readonly authorization: string | null;
}

/**
 * The proxy for a URL, or null to connect directly. Lower-case variables take precedence over upper-case ones; an empty
 * one counts as unset. A path after the address is ignored, as other programs do, and surrounding quotes are removed.
 * @throws GlanceError `config.invalid` if the variable does not hold an http or https URL; its value may be secret and
 * is not shown
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

/** @returns what is wrong with the text, if it is not the URL of a proxy */
function parseProxy(text: string): URL | string {
  const scheme = /^([a-z][a-z0-9+.-]{0,20}):\/\//i.exec(text)?.[1]?.toLowerCase() ?? 'http';
  if (!['http', 'https'].includes(scheme)) return `names a ${scheme} proxy; only http and https proxies can be used`;
  const full = text.includes('://') ? text : `http://${text}`;
  // With a single slash, the URL parser would take a path for the host.
  const url = /^(?:https?:)?\/(?!\/)/i.test(text) || !URL.canParse(full) ? null : new URL(full);
  if (url !== null && isHostAlone(url)) return url;
  const advice = text.includes('@') ? ': write / ? # in a user or password as %2F %3F %23' : '';
  return `is not the URL of an http proxy${advice}`;
}

/**
 * `/ ? #` end the host of a URL. If an `@` follows them, they belong to a password, and we would contact the wrong
 * host.
 */
function isHostAlone({ hostname, pathname, search, hash }: URL): boolean {
  return /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(hostname) && !(pathname + search + hash).includes('@');
}

/** An empty password is sent too: services with API keys use the key as the user. */
function authorizationOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const bytes = Buffer.concat([decodePercents(username), Buffer.from(':'), decodePercents(password)]);
  return `Basic ${bytes.toString('base64')}`;
}

/** As curl does: a `%` without two hex digits stands for itself, and the result may be any bytes. */
function decodePercents(text: string): Buffer {
  return Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
