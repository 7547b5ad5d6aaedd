// Connections to a proxy, and through it. Loaded only where a proxy is used. undici's own proxy agent reconnects
// without end to a proxy that hangs up, fails on passwords that are not URL text, and sends no user without a password.
import { isIPv6, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { ProxyFailure } from './failures.ts';
import type { Proxy } from './proxy.ts';

type Connector = buildConnector.connector;
type Target = buildConnector.Options;

interface TunnelOptions {
  /** Connects to the proxy for a tunnel. Nothing may have been read from the socket. */
  readonly toProxy: Connector;
  /** The same, for requests that the proxy reads itself. */
  readonly toProxyInBulk: Connector;
  /** Sets up TLS with the server on the socket it is given. */
  readonly tls: Connector;
  /** Longest silence of the proxy, milliseconds; 0 for no limit. */
  readonly timeoutMs: number;
  /** Holds each connection while we wait for the proxy, so that it can be destroyed on shutdown. */
  readonly opening: Set<Socket>;
}

/**
 * Connects to servers through a proxy. For http, this is a connection to the proxy, which is sent absolute URLs, as
 * curl does: many proxies allow CONNECT only to port 443. For https, it is a tunnel.
 */
export function connectThrough(proxy: Proxy, options: TunnelOptions): Connector {
  const { hostname, host, protocol, port } = proxy.url;
  const address: Target = { hostname: hostname.replaceAll(/[[\]]/g, ''), host, protocol, port };
  return (target, callback) => {
    const isTunnel = target.protocol === 'https:';
    const connect = isTunnel ? options.toProxy : options.toProxyInBulk;
    connect(address, (error, socket) => {
      if (error !== null) callback(new ProxyFailure('no connection to the proxy', null, error), null);
      else if (!isTunnel) callback(null, socket);
      else void openTunnel(socket, target, proxy, options, callback);
    });
  };
}

async function openTunnel(
  socket: Socket,
  target: Target,
  proxy: Proxy,
  options: TunnelOptions,
  callback: buildConnector.Callback,
): Promise<void> {
  try {
    await askForTunnel(socket, requestOf(target, proxy), options);
  } catch (error) {
    socket.destroy();
    callback(error as Error, null);
    return;
  }
  // Only the name or address of the server matters: all that is left of the connection to the proxy is the socket.
  options.tls({ ...target, httpSocket: socket }, callback);
}

function requestOf({ hostname, port }: Target, { authorization }: Proxy): string {
  const host = isIPv6(hostname) ? `[${hostname}]` : hostname;
  const authority = `${host}:${port === '' ? '443' : port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (authorization !== null) lines.push(`Proxy-Authorization: ${authorization}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Maximum number of bytes of the proxy's answer to read, interim answers included. */
const mostHeadBytes = 16 * 1024;

/** @throws ProxyFailure for every failure: undici must not take one for an error after which it reconnects by itself */
function askForTunnel(socket: Socket, request: string, { timeoutMs, opening }: TunnelOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const settle = (failure: ProxyFailure | null): void => {
      socket.off('readable', onReadable).off('error', onError).off('end', onEnd).off('close', onEnd);
      socket.off('timeout', onTimeout).setTimeout(0);
      opening.delete(socket);
      // Nobody is interested in later errors.
      socket.on('error', () => undefined);
      if (failure === null) resolve();
      else reject(failure);
    };
    const onError = (error: Error): void =>
      settle(new ProxyFailure('the connection to the proxy was lost', null, error));
    const onEnd = (): void => settle(new ProxyFailure('the proxy closed the connection when asked to connect', null));
    const onTimeout = (): void => settle(new ProxyFailure('the proxy gave no answer when asked to connect', null));
    const onReadable = (): void => {
      for (let chunk: unknown = socket.read(); Buffer.isBuffer(chunk); chunk = socket.read()) {
        head = Buffer.concat([head, chunk]);
        const answer = readAnswer(head);
        if (answer instanceof ProxyFailure) settle(answer);
        else if (answer === null) continue;
        else {
          if (answer.rest.length > 0) socket.unshift(answer.rest);
          settle(null);
        }
        return;
      }
    };
    socket.on('readable', onReadable).on('error', onError).on('end', onEnd).on('close', onEnd);
    socket.on('timeout', onTimeout).setTimeout(timeoutMs);
    opening.add(socket);
    socket.write(request);
  });
}

/** @returns null while the answer is incomplete; once the tunnel is open, the bytes that follow the answer */
function readAnswer(bytes: Buffer): { readonly rest: Buffer } | ProxyFailure | null {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', start);
    const line = bytes.toString('latin1', start, Math.min(bytes.length, start + 13));
    if (!'HTTP/1.'.startsWith(line.slice(0, 7))) return new ProxyFailure("the proxy's answer is not HTTP", null);
    if (end < 0) return bytes.length < mostHeadBytes ? null : new ProxyFailure("the proxy's answer has no end", null);
    const status = Number(/^HTTP\/1\.\d ([2-5]\d\d|1\d\d)(?:[ \r]|$)/.exec(line)?.[1] ?? 0);
    if (status === 0) return new ProxyFailure("the proxy's answer is not HTTP", null);
    if (status >= 300) return new ProxyFailure('the proxy refuses', status);
    if (status >= 200) return { rest: bytes.subarray(end + 4) };
    start = end + 4;
  }
}
