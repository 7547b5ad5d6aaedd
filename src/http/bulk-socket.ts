// Sockets that read large pieces into memory of their own. Node's usual way allocates 64 KiB for each read and passes it
// through a stream; at a gigabyte a second that costs more than the digest.
import type { Socket } from 'node:net';

/** Bytes allocated at once; reads fill it one after the other. */
const slabBytes = 1024 * 1024;
/** A read with less room than this costs more than new memory. */
const leastRoom = 128 * 1024;

/** What a socket is told to do with what it reads: options of `net.connect`. */
interface OnRead {
  readonly buffer: () => Uint8Array;
  readonly callback: (this: Socket, bytesRead: number) => boolean;
}

/**
 * `onread` for one new socket. What is read can be had by `socket.read()` once `readable` is emitted, as from any socket;
 * while it is not taken, nothing more is read.
 */
export function bulkReading(): OnRead {
  let slab = Buffer.allocUnsafeSlow(slabBytes);
  let filled = 0;
  let pending: Buffer | null = null;
  let isPrepared = false;
  return {
    buffer: () => {
      if (slabBytes - filled < leastRoom) {
        slab = Buffer.allocUnsafeSlow(slabBytes);
        filled = 0;
      }
      return slab.subarray(filled);
    },
    callback(bytesRead) {
      pending = slab.subarray(filled, filled + bytesRead);
      filled += bytesRead;
      if (!isPrepared) {
        isPrepared = true;
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
