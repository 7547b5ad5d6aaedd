// Back-pressure on the socket itself. undici's own pauses its parser, and a server that hangs up meanwhile ends the whole
// program with an assertion (undici issue 5360, mended in 8, which does not run on Node 20). So the parser never pauses:
// the socket is simply not read, the kernel holds the server back, and the end of the answer waits its turn.
import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { readPastContinue } from './interim.ts';

/** The exchange whose request is being written just now: undici tells which socket right after it says that it starts. */
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
  /** How the socket itself was read, where that is not the usual way. */
  #before: PropertyDescriptor | undefined;

  /** To be called when undici says that it starts with the request, on every start of it. */
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

  /** Whether the socket carried another exchange before: the server may have hung up since without our knowing. */
  get isReused(): boolean {
    return this.#isReused;
  }

  /** Reads no more. */
  close(): void {
    if (this.#isClosed || this.#socket === null) return;
    this.#isClosed = true;
    this.#before = Object.getOwnPropertyDescriptor(this.#socket, 'read');
    // undici reads by calling this method; while it gives nothing, neither data nor end is seen.
    this.#socket.read = () => null;
  }

  /** The exchange is over: the socket is undici's again, and nothing is read on its behalf. */
  abandon(): void {
    if (this.#isClosed && this.#socket !== null) this.#restore(this.#socket);
    this.#isClosed = false;
    this.#socket = null;
  }

  /** Reads on. */
  open(): void {
    const socket = this.#socket;
    if (!this.#isClosed || socket === null) return;
    this.#isClosed = false;
    this.#restore(socket);
    // What waits in the buffer was announced already.
    if (!socket.destroyed) socket.emit('readable');
  }

  #restore(socket: Socket): void {
    if (this.#before === undefined) Reflect.deleteProperty(socket, 'read');
    else Object.defineProperty(socket, 'read', this.#before);
  }
}
