// How a draft of an answer is written to a socket, as far as its faults allow.
import type { Socket } from 'node:net';
import { type Draft, framesOf } from './fault-actions.ts';

/** Counts stalled requests, and resolves once there are as many as a test waits for. */
export function makeStallCounter(): { add: () => void; waitFor: (count: number) => Promise<void> } {
  let stalls = 0;
  const waiting: { count: number; resolve: () => void }[] = [];
  return {
    add: () => {
      stalls += 1;
      for (const { count, resolve } of waiting) if (stalls >= count) resolve();
    },
    waitFor: (count) =>
      new Promise((resolve) => {
        if (stalls >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

/** Writes as far as the fault lets it. Nothing is written after a client has gone. */
export async function writeDraft(
  socket: Socket,
  draft: Draft,
  isHead: boolean,
  chunkBytes: number,
  onStall: () => void,
): Promise<void> {
  for (const frame of framesOf(draft, isHead, chunkBytes)) {
    if (!(await write(socket, frame))) return;
  }
  switch (draft.ending.how) {
    case 'fin':
      socket.end();
      return;
    case 'reset':
      await letClientRead();
      socket.resetAndDestroy();
      return;
    case 'stall':
      onStall();
      return;
    default:
      draft.ending.how satisfies never;
  }
}

/**
 * Some turns of the event loop. A client in this process reads what was written meanwhile; Node would mistake a reset that it
 * sees together with data for an ordinary end.
 */
async function letClientRead(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

/** Whether the bytes were accepted. */
function write(socket: Socket, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (!socket.writable) {
      resolve(false);
      return;
    }
    // A write on a connection that is destroyed meanwhile calls back with an error.
    socket.write(bytes, (error) => resolve(!error));
  });
}
