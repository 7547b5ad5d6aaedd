// Counts a server's connections, and closes them without cutting off answers.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A server's connections. */
export interface Sockets {
  /** The number of open connections. */
  readonly count: () => number;
  /**
   * Accepts no new connections, closes idle ones at once and the others after the answer in progress. Resolves when all
   * are closed. Node alone would wait for clients that connect and say nothing.
   */
  readonly drain: () => Promise<void>;
  /** Closes all connections at once. */
  readonly destroyAll: () => void;
}

/** Watches a server's connections from now on. Call before there are any. */
export function trackSockets(server: Server): Sockets {
  /** Number of answers in progress by connection. */
  const underWay = new Map<Socket, number>();
  let isDraining = false;
  const change = (socket: Socket, by: number): void => {
    const count = underWay.get(socket);
    if (count === undefined) return;
    underWay.set(socket, count + by);
    if (isDraining && count + by === 0) socket.destroySoon();
  };
  server.on('connection', (socket: Socket) => {
    underWay.set(socket, 0);
    socket.once('close', () => underWay.delete(socket));
  });
  const onRequest = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    change(socket, 1);
    response.once('close', () => change(socket, -1));
    if (isDraining) response.shouldKeepAlive = false;
  };
  server.on('request', onRequest);
  server.on('checkContinue', onRequest);
  server.on('checkExpectation', onRequest);
  const drain = (): Promise<void> => {
    isDraining = true;
    return new Promise((resolve) => {
      server.close(() => resolve());
      for (const [socket, count] of underWay) if (count === 0) socket.destroy();
    });
  };
  return {
    count: () => underWay.size,
    drain,
    destroyAll: () => {
      for (const socket of underWay.keys()) socket.destroy();
    },
  };
}
