// Turns: on each connection one request is answered at a time, and what waits for its turn is bounded.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many requests may wait while others before them are answered. */
export interface TurnLimits {
  readonly perConnection: number;
  readonly inAll: number;
}

/** A request that waits is a few KiB. What is read from a connection at once can hold more than two thousand. */
const defaultLimits: TurnLimits = { perConnection: 1000, inAll: 8000 };

interface Turn {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * A listener that hands on the requests of a connection one after the other: node:http hands on all that are sent at once. While
 * some wait nothing more is read from the connection; one that has too many waiting all the same is hung up. What waits goes
 * with its connection.
 * @param answer ends or destroys each response, so that it closes
 */
export function takeTurns(answer: RequestListener, limits: TurnLimits = defaultLimits): RequestListener {
  const queues = new Map<Socket, Turn[]>();
  let waiting = 0;

  const begin = (socket: Socket, { message, response }: Turn): void => {
    response.once('close', () => goOn(socket));
    answer(message, response);
  };

  const goOn = (socket: Socket): void => {
    const queue = queues.get(socket) ?? [];
    const next = socket.destroyed ? undefined : queue.shift();
    if (next === undefined) {
      waiting -= queue.length;
      queues.delete(socket);
      if (!socket.destroyed) socket.resume();
      return;
    }
    waiting -= 1;
    begin(socket, next);
  };

  const enqueue = (socket: Socket, queue: Turn[], turn: Turn): void => {
    if (queue.length >= limits.perConnection || waiting >= limits.inAll) {
      socket.destroy();
      return;
    }
    queue.push(turn);
    waiting += 1;
    // Later, for node:http goes on reading at the end of each request that it hands on.
    setImmediate(() => {
      if (queue.length > 0 && !socket.destroyed) socket.pause();
    });
  };

  return (message, response) => {
    const { socket } = message;
    if (socket.destroyed) return;
    const queue = queues.get(socket);
    if (queue !== undefined) {
      enqueue(socket, queue, { message, response });
      return;
    }
    queues.set(socket, []);
    begin(socket, { message, response });
  };
}
