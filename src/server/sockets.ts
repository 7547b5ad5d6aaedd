// The connections of a server: how many there are, and ending them without breaking an answer off.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A server's connections. */
export interface Sockets {
  /** Open now. */
  readonly count: () => number;
  /**
   * Takes no new ones, ends those that wait for a request at once, and the others after the answer under way. Resolves when
   * all have ended. Node alone would wait for clients that connect and say nothing.
   */
  readonly drain: () => Promise<void>;
  /** Ends all at once. */
  readonly destroyAll: () => void;
}

/** Watches a server's connections from now on; to be called before there are any. */
export function trackSockets(server: Server): Sockets {
  /** Answers under way by connection. */
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
