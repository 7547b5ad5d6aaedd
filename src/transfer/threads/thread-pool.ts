// Threads that compute digests, and read and store small files, shared by all images in progress. They end when nobody has
// used them for a while.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { keepBuffers } from '../flow/buffers.ts';
import type { ThreadAnswer, ThreadMessage, ThreadResult } from './messages.ts';
import { threadProgram } from './thread-program.ts';

/** Below this many bytes, starting a thread takes longer than it saves. */
export const startThreshold = 8 * 1024 * 1024;
/** Below this many bytes, messages to a running thread take longer than the digest. */
const messageThreshold = 64 * 1024;

/** Starting a thread takes about as long as storing files this many times without one. */
const fewStores = 8;

/** How long an idle thread waits for the next image. */
const idleMs = 5000;

interface Waiting {
  readonly resolve: (result: ThreadResult) => void;
  readonly reject: (error: Error) => void;
}

/** One thread, and the requests that it has not answered yet. */
export class Thread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: Error | null = null;
  readonly #onEnd: () => void;
  /** Open hashes, and questions about files. */
  #users = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  /** @param onEnd called once the thread accepts no more messages */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#worker = new Worker(threadProgram, { eval: true, env: {}, execArgv: [], argv: [] });
    this.#worker.on('message', (answer: ThreadAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the thread has ended')));
    this.#worker.unref();
    this.#endUnlessUsed();
  }

  get users(): number {
    return this.#users;
  }

  addUser(): void {
    this.#users++;
    clearTimeout(this.#idleTimer);
  }

  removeUser(): void {
    this.#users--;
    if (this.#users === 0 && this.#failure === null) this.#endUnlessUsed();
  }

  /** @throws what the thread failed with: Node's system errors about a file */
  ask(message: ThreadMessage): Promise<ThreadResult> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      // The thread keeps the program alive while an answer is due, but not when it is idle.
      if (this.#waiting.length === 0) this.#worker.ref();
      this.#waiting.push({ resolve, reject });
      this.tell(message);
    });
  }

  /** For messages without an answer. */
  tell(message: ThreadMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is about windows
    this.#worker.postMessage(message);
  }

  #endUnlessUsed(): void {
    this.#idleTimer = setTimeout(() => {
      this.#onEnd();
      void this.#worker.terminate();
    }, idleMs);
    this.#idleTimer.unref();
  }

  #take(answer: ThreadAnswer): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if ('hexes' in answer) waiting?.resolve(answer);
    else waiting?.reject(Object.assign(new Error(answer.message), answer));
  }

  #fail(error: Error): void {
    clearTimeout(this.#idleTimer);
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    this.#onEnd();
  }
}

let keepers = 0;
/** Bytes of all images since threads were first kept. */
let bytesOfRun = 0;
/** How often small files were stored since then. */
let storesOfRun = 0;

/** Some threads, started as needed. */
class ThreadPool {
  readonly #most: number;
  readonly #threads = new Set<Thread>();

  /** @param most threads at once, ≥ 1 */
  constructor(most: number) {
    this.#most = most;
  }

  /** Asks the least busy thread. @throws what it failed with: Node's system errors about a file */
  async ask(message: ThreadMessage): Promise<ThreadResult> {
    const thread = this.join();
    try {
      return await thread.ask(message);
    } finally {
      thread.removeUser();
    }
  }

  /** The least busy thread, for any number of messages. {@link Thread.removeUser} gives it back. */
  join(): Thread {
    const [idlest] = [...this.#threads].toSorted((left, right) => left.users - right.users);
    const isEnough = idlest !== undefined && (idlest.users === 0 || this.#threads.size >= this.#most);
    const thread = isEnough ? idlest : this.#start();
    thread.addUser();
    return thread;
  }

  /** Starts a thread, unless there is one, for work that is about to come. */
  prepare(): void {
    try {
      if (this.#threads.size === 0) this.#start();
    } catch {
      // Whoever then needs a thread tries again, and reports why there is none.
    }
  }

  #start(): Thread {
    const thread: Thread = new Thread(() => this.#threads.delete(thread));
    this.#threads.add(thread);
    return thread;
  }
}

/** One for each processor. At least two, even if only one is visible: two algorithms over one image then run side by side. */
export const digestThreads = new ThreadPool(Math.max(2, availableParallelism()));

/** Threads that wait for disks, which digest threads must not do: as many as Node itself has for file system calls. */
export const storingThreads = new ThreadPool(4);

/**
 * Begins a run of consecutive images: what is worth a thread is decided for all of them, and the buffers of one are kept for
 * the next.
 * @param bytes total size of the images, as far as it is known
 * @returns a function that ends the run; further calls do nothing
 */
export function keepForNext(bytes = 0): () => void {
  bytesOfRun = keepers === 0 ? bytes : bytesOfRun + bytes;
  if (keepers === 0) storesOfRun = 0;
  keepers++;
  const dropBuffers = keepBuffers();
  let isKept = true;
  return () => {
    if (!isKept) return;
    isKept = false;
    keepers--;
    dropBuffers();
  };
}

/**
 * Whether a thread pays off for this many bytes: either they alone are worth starting one, or, within a run, they are worth it
 * together with the images asked about so far.
 * @param bytes null if unknown
 */
export function isWorthThread(bytes: number | null): boolean {
  if (bytes === null || bytes >= startThreshold) return true;
  if (keepers === 0) return false;
  bytesOfRun += bytes;
  return bytesOfRun >= startThreshold && bytes >= messageThreshold;
}

/** Whether reading an image in a thread pays off: it does for any small image of a run that has threads anyway. */
export function isWorthReading(bytes: number): boolean {
  if (keepers === 0 || bytes >= startThreshold) return false;
  bytesOfRun += bytes;
  return bytesOfRun >= startThreshold;
}

/** Whether storing small files in a thread pays off: not for the first few of a run. */
export function isWorthStoring(): boolean {
  return keepers > 0 && ++storesOfRun > fewStores;
}
