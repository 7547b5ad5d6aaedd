// Connections to a proxy, and through it: loaded by those only who have one. undici's own agent connects again without end to
// a proxy that hangs up, decodes passwords that are no URL text, and sends no user without a password.
import { isIPv6, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { ProxyFailure } from './failures.ts';
import type { Proxy } from './proxy.ts';

type Connector = buildConnector.connector;
type Target = buildConnector.Options;

export interface TunnelOptions {
  /** Connects to the proxy for a tunnel: nothing may have been read from the socket. */
  readonly toProxy: Connector;
  /** The same for requests that the proxy reads itself. */
  readonly toProxyInBulk: Connector;
  /** Sets up TLS with the server on the socket it is given. */
  readonly tls: Connector;
  /** Longest silence of the proxy, milliseconds; 0: no limit. */
  readonly timeoutMs: number;
  /** Holds each connection while the proxy is waited for, to be destroyed once none is wanted any more. */
  readonly opening: Set<Socket>;
}

/**
 * Connects to servers by a proxy. For http that is the proxy's own connection: it is asked by absolute URLs, as curl does,
 * for many proxies allow CONNECT to port 443 only. For https it is a tunnel.
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
  // By its name or address alone: of the connection to the proxy nothing is left but the socket.
  options.tls({ ...target, httpSocket: socket }, callback);
}

function requestOf({ hostname, port }: Target, { authorization }: Proxy): string {
  const host = isIPv6(hostname) ? `[${hostname}]` : hostname;
  const authority = `${host}:${port === '' ? '443' : port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (authorization !== null) lines.push(`Proxy-Authorization: ${authorization}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Bytes of the proxy's answer that are read; interim ones count too. */
const mostHeadBytes = 16 * 1024;

/** @throws ProxyFailure however it fails: nothing of this may look to undici as if it could try again by itself */
function askForTunnel(socket: Socket, request: string, { timeoutMs, opening }: TunnelOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const settle = (failure: ProxyFailure | null): void => {
      socket.off('readable', onReadable).off('error', onError).off('end', onEnd).off('close', onEnd);
      socket.off('timeout', onTimeout).setTimeout(0);
      opening.delete(socket);
      // What comes of it later is nobody's business any more.
      socket.on('error', () => undefined);
      if (failure === null) resolve();
      else reject(failure);
    };
    const onError = (error: Error): void => settle(new ProxyFailure('the proxy is lost', null, error));
    const onEnd = (): void => settle(new ProxyFailure('the proxy hung up when asked to connect', null));
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

/** @returns null while it is not whole; what follows it once the tunnel stands */
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
