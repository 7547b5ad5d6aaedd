// Turns: each connection has one request answered at a time, and the number of waiting ones is bounded.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many requests may wait while earlier ones are answered. */
interface TurnLimits {
  readonly perConnection: number;
  readonly inAll: number;
}

/** A waiting request takes a few KiB. A single read from a connection can contain more than two thousand. */
const defaultLimits: TurnLimits = { perConnection: 1000, inAll: 8000 };

interface Turn {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * A listener that passes on the requests of a connection one after the other, whereas node:http immediately passes on all that
 * were sent together. While some wait, nothing more is read from the connection; one that has too many waiting even so is
 * closed. Waiting requests end with their connection.
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
    // Later, because node:http resumes reading at the end of each request that it passes on.
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
