// Back-pressure on the socket itself. undici's own pauses its parser, and if the server hangs up meanwhile, an
// assertion ends the whole program (undici issue 5360, fixed in version 8, which does not run on Node 20). So the
// parser never pauses: we stop reading the socket, the kernel holds the server back, and the end of the answer waits
// its turn.
import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { readPastContinue } from './interim.ts';

/** The exchange whose request is being written: undici names the socket right after it announces the start. */
let starting: SocketGate | null = null;

function expectSocketFor(gate: SocketGate): void {
  starting = gate;
}

channel('undici:client:sendHeaders').subscribe((message) => {
  starting?.attach((message as { socket: Socket }).socket);
  starting = null;
});

/** Sockets that have carried an exchange. */
const used = new WeakSet<Socket>();

/** Opens and closes the socket of one exchange. */
export class SocketGate {
  #socket: Socket | null = null;
  #isReused = false;
  #isClosed = false;
  /** The socket's own `read` property, if it had one. */
  #before: PropertyDescriptor | undefined;

  /** Call whenever undici announces that it starts the request, retries included. */
  expectSocket(): void {
    this.#socket = null;
    expectSocketFor(this);
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    this.#isReused = used.has(socket);
    if (!this.#isReused) readPastContinue(socket);
    used.add(socket);
  }

  /** Whether the socket carried an earlier exchange, so that the server may have hung up unnoticed since. */
  get isReused(): boolean {
    return this.#isReused;
  }

  /** Stops reading. */
  close(): void {
    if (this.#isClosed || this.#socket === null) return;
    this.#isClosed = true;
    this.#before = Object.getOwnPropertyDescriptor(this.#socket, 'read');
    // undici reads by calling this method. While it returns nothing, undici sees neither data nor the end.
    this.#socket.read = () => null;
  }

  /** Call when the exchange is over. Hands the socket back to undici without reading from it. */
  abandon(): void {
    if (this.#isClosed && this.#socket !== null) this.#restore(this.#socket);
    this.#isClosed = false;
    this.#socket = null;
  }

  /** Resumes reading. */
  open(): void {
    const socket = this.#socket;
    if (!this.#isClosed || socket === null) return;
    this.#isClosed = false;
    this.#restore(socket);
    // The bytes in the buffer were announced before, and will not be again.
    if (!socket.destroyed) socket.emit('readable');
  }

  #restore(socket: Socket): void {
    if (this.#before === undefined) Reflect.deleteProperty(socket, 'read');
    else Object.defineProperty(socket, 'read', this.#before);
  }
}
