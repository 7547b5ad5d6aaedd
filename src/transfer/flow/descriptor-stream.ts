// A stream over a file descriptor that writes everything it is given. Node's own stream over a regular file ignores
// partial writes, so that on a full disk the rest would be lost silently.
import { write } from 'node:fs';
import { Writable } from 'node:stream';

/** Writes at the descriptor's current position; the descriptor stays open. */
export class DescriptorStream extends Writable {
  readonly #fd: number;

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#writeAll(chunk, callback);
  }

  #writeAll(chunk: Buffer, callback: (error?: Error | null) => void): void {
    write(this.#fd, chunk, 0, chunk.length, null, (error, written) => {
      if (error !== null) callback(error);
      else if (written < chunk.length) this.#writeAll(chunk.subarray(written), callback);
      else callback();
    });
  }
}
