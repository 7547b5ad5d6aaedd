// Sockets that read large pieces into one buffer of their own. Node's usual way allocates 64 KiB for each read and passes it
// through a stream; at a gigabyte a second that costs more than a digest.
import type { Socket } from 'node:net';

const bufferBytes = 256 * 1024;
/** As many connections as there may be to one server. */
const mostSpare = 16;
/** Of connections that were closed, for those that come next: made anew for each, memory would be collected all the time. */
const spare: Buffer[] = [];

/** What a socket is told to do with what it reads: the option `onread` of `net.connect`. */
interface OnRead {
  readonly buffer: Uint8Array;
  readonly callback: (this: Socket, bytesRead: number) => boolean;
}

/**
 * `onread` for one new socket. What is read can be had by `socket.read()` once `readable` is emitted, as from any socket,
 * but is good only until the next read; while it is not taken, nothing more is read.
 */
export function bulkReading(): OnRead {
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
  let pending: Buffer | null = null;
  let isPrepared = false;
  return {
    buffer,
    callback(bytesRead) {
      pending = buffer.subarray(0, bytesRead);
      if (!isPrepared) {
        isPrepared = true;
        this.once('close', () => {
          // Nobody reads from a socket that is closed.
          pending = null;
          if (spare.length < mostSpare) spare.push(buffer);
        });
        const readOn = this.read.bind(this) as (size?: number) => unknown;
        // The socket's own `read` starts the next read of the system, and tells the end.
        this.read = () => {
          const bytes = pending;
          pending = null;
          return bytes ?? readOn();
        };
      }
      this.emit('readable');
      return pending === null;
    },
  };
}
