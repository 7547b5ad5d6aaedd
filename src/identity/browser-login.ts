// Logs in with a browser, as `v3websso`: Keystone sends it through the provider's own login, and then back here with a
// token.
// See https://docs.openstack.org/keystone/latest/admin/federation/configure_federation.html
import { GlanceError } from '../errors.ts';
import { dropTail } from '../text/drop-tail.ts';
import type { Cloud } from './config/cloud.ts';
import { authScope, need } from './credentials.ts';
import type { TokenDesk } from './desk.ts';
import { type Login, requestToken, validateToken } from './tokens.ts';

const defaultPort = '9990';
const defaultPath = '/auth/websso/';

/**
 * Shows the login to a person, and takes the token that their browser brings once Keystone has confirmed it.
 * @throws GlanceError `auth.missing` without a person, `auth.failed`, `io.port`, `config.invalid`; what the requests fail with
 */
export async function logInByBrowser(desk: TokenDesk): Promise<Login> {
  const { client, cloud, v3, signal } = desk;
  const { showPage } = desk.person;
  if (showPage === undefined) throw nobodyThere(cloud);
  const { Callback } = await import('./websso/callback.ts');
  const callback = await Callback.open({ port: readPort(cloud), path: readPath(cloud), keystone: v3 });
  try {
    const page = pageOf(cloud, v3, callback.url);
    const isShown = await showPage(page);
    client.tell(
      isShown
        ? `log in with the browser that opens; if none does, open ${page.href}`
        : `to log in, open this in a browser on this machine (over ssh: with -L ${forwarded(cloud)}): ${page.href}`,
    );
    const { token, reply } = await callback.receive(client.clock, signal);
    client.secrets.addToken(token);
    let isGood = false;
    try {
      const login = await takeToken(desk, token);
      isGood = true;
      return login;
    } finally {
      await reply(isGood);
    }
  } finally {
    await callback.close();
  }
}

/** The token belongs to no project yet, unless Keystone says otherwise. */
async function takeToken(desk: TokenDesk, token: string): Promise<Login> {
  const { client, cloud } = desk;
  const login = await validateToken(desk, token);
  // Somebody else's page may have sent a token of its own, so the user has to see who they are.
  client.tell(`logged in to ${cloud.name} as ${login.userName ?? 'an unnamed user'}`);
  const scope = authScope(cloud);
  if (scope === undefined) return login;
  return await requestToken(desk, [{ name: 'token', payload: { id: token } }], scope);
}

/**
 * The address at Keystone where such a login begins. It may be passed to another program: it contains nothing that a
 * shell or a desktop would interpret as more than part of an address.
 */
function pageOf(cloud: Cloud, v3: URL, origin: string): URL {
  const provider = cloud.auth.get('identity_provider');
  const protocol = need(cloud, 'protocol');
  const path =
    provider === undefined ? ['websso', protocol] : ['identity_providers', provider, 'protocols', protocol, 'websso'];
  const base = `${dropTail(v3.href, /\//)}/auth/OS-FEDERATION/${path.map(encodeURIComponent).join('/')}`;
  const plain = `${base}?origin=${origin}`.replace(
    /[^\w.~:/?=%[\]-]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return new URL(plain);
}

/** The port that ssh has to forward for a browser elsewhere. */
function forwarded(cloud: Cloud): string {
  const port = String(readPort(cloud));
  return `${port}:localhost:${port}`;
}

function readPort(cloud: Cloud): number {
  const text = cloud.auth.get('redirect_port') ?? defaultPort;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw badSetting(cloud, 'redirect_port', text, 'use a port from 1 to 65535');
}

function readPath(cloud: Cloud): string {
  const text = cloud.auth.get('redirect_path') ?? defaultPath;
  if (/^\/[\w.~/-]*$/.test(text) && new URL(text, 'http://localhost').pathname === text) return text;
  throw badSetting(cloud, 'redirect_path', text, `use a path such as ${defaultPath}`);
}

function badSetting(cloud: Cloud, name: string, text: string, hint: string): GlanceError {
  const source = cloud.sources.get(`auth.${name}`) ?? `cloud ${cloud.name}`;
  return new GlanceError('config.invalid', `${source}: ${name} cannot be "${text}"`, { hint });
}

function nobodyThere({ name }: Cloud): GlanceError {
  return new GlanceError(
    'auth.missing',
    `cloud ${name} needs a login with a browser, and there is no terminal to ask for it`,
    {
      hint:
        'log in at a terminal first: later runs use its token; `onLoginPage` says that somebody is there. ' +
        'For machines, use application credentials',
    },
  );
}
