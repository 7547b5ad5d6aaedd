// Reads a FIFO: whatever its writer does, a signal ends the wait.
import { close, constants, open } from 'node:fs';
import type { Readable } from 'node:stream';
import { O_NONBLOCK } from './open-flags.ts';

/** Does not use promisify(), with which Node 26 loads its threads. */
function openDescriptor(path: string, flags: number): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, flags, (error, descriptor) => (error === null ? resolve(descriptor) : reject(error)));
  });
}

/**
 * Opens a FIFO, and waits for a writer.
 * @throws Node's system errors; the signal's reason
 */
export async function openFifo(path: string, signal: AbortSignal): Promise<Readable> {
  signal.throwIfAborted();
  const writers: Promise<number>[] = [];
  // `open` waits in a thread that nothing can interrupt. A writer of our own makes it return.
  const release = (): void => {
    writers.push(openDescriptor(path, constants.O_RDWR + O_NONBLOCK));
  };
  signal.addEventListener('abort', release, { once: true });
  try {
    const descriptor = await openDescriptor(path, constants.O_RDONLY);
    // A socket waits without a thread, and closes the descriptor.
    const { Socket } = await import('node:net');
    const stream = new Socket({ fd: descriptor, readable: true, writable: false });
    if (signal.aborted) stream.destroy();
    signal.throwIfAborted();
    return stream;
  } finally {
    signal.removeEventListener('abort', release);
    for (const writer of await Promise.all(writers)) close(writer);
  }
}
