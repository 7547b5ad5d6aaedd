// Connections through a proxy: undici's agent, loaded by those only who have one.
import type { Agent, buildConnector, Dispatcher } from 'undici';
import connectThrough from 'undici/lib/api/api-connect.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

/**
 * @param options of every pool
 * @param tls for the proxy's own certificate and for the server's behind it
 */
export function createProxyAgent(proxy: URL, options: Agent.Options, tls: buildConnector.BuildOptions): Dispatcher {
  return new ProxyAgent({
    ...options,
    uri: proxy.href,
    requestTls: tls,
    proxyTls: tls,
    // http targets are asked for by their absolute URL, as curl does: many proxies allow CONNECT to port 443 only.
    proxyTunnel: false,
    // How to ask for a tunnel; undici's index gives this method to all its dispatchers.
    clientFactory: (origin, clientOptions) =>
      Object.assign(new Pool(origin, clientOptions), { connect: connectThrough }),
    factory: (origin: URL, poolOptions: object) => new Pool(origin, { ...options, ...poolOptions }),
  });
}
