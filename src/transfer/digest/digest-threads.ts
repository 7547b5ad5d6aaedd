// Threads that compute digests: no more of them than there are processors, shared by all images that come at once. They end
// when nobody has a hash in them, or with the run that keeps them from image to image.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DigestAlgorithm } from '../../digests.ts';
import { keepBuffers } from '../flow/buffers.ts';

/** Below this many bytes a thread takes longer to start than it saves. */
const startThreshold = 8 * 1024 * 1024;
/** Below this many bytes the messages to a thread that is there take longer than the digest. */
const messageThreshold = 256 * 1024;

/**
 * The program of a thread, in plain JavaScript and as text, so that it runs alike from source, from the package and from a
 * single-file executable, where no file of its own can be found. Answers every message, in order.
 */
const threadProgram = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const hashes = new Map();
parentPort.on('message', ({ hash, begin, bytes, end }) => {
  if (begin !== undefined) hashes.set(hash, createHash(begin));
  else if (end === true) hashes.delete(hash);
  else if (bytes !== undefined) hashes.get(hash).update(bytes);
  parentPort.postMessage(begin ?? bytes ?? end ? '' : hashes.get(hash).copy().digest('hex'));
});
`;

/** What a thread is told about one of its hashes: to begin it, anew where there is one; bytes; its end; else it is asked. */
interface Message {
  readonly hash: number;
  readonly begin?: DigestAlgorithm;
  readonly bytes?: Uint8Array;
  readonly end?: true;
}

interface Waiting {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

/** One thread and the questions it has not answered yet. */
class DigestThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: Error | null = null;
  /** Hashes that were begun and not ended. */
  hashes = 0;

  constructor() {
    this.#worker = new Worker(threadProgram, { eval: true, env: {}, execArgv: [], argv: [] });
    this.#worker.on('message', (answer: string) => this.#waiting.shift()?.resolve(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the digest thread has ended')));
    this.#worker.unref();
  }

  ask(message: Message): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      // While an answer is awaited the thread holds the program open; idle it does not.
      if (this.#waiting.length === 0) this.#worker.ref();
      const settle = (): void => {
        if (this.#waiting.length === 0) this.#worker.unref();
      };
      this.#waiting.push({
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject,
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is about windows
      this.#worker.postMessage(message);
    });
  }

  close(): void {
    void this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    threads.delete(this);
  }
}

const threads = new Set<DigestThread>();
let keepers = 0;
/** Of all images since somebody keeps threads. */
let expectedBytes = 0;
let nextHash = 0;

/** One hash in one of the threads. */
export class ThreadHash {
  readonly #thread: DigestThread;
  readonly #hash = nextHash++;
  readonly #algorithm: DigestAlgorithm;
  #isOpen = true;

  constructor(algorithm: DigestAlgorithm) {
    this.#algorithm = algorithm;
    this.#thread = leastBusyThread();
    this.#thread.hashes++;
    this.reset();
  }

  /** The bytes must not change before the promise is kept; what is shared memory is not copied. */
  async update(bytes: Uint8Array): Promise<void> {
    await this.#ask({ hash: this.#hash, bytes });
  }

  /** Of the bytes so far, as hex. */
  digest(): Promise<string> {
    return this.#ask({ hash: this.#hash });
  }

  /** Starts anew. Answers come in order, so nobody has to wait for this one; a failure shows at the next question. */
  reset(): void {
    this.#ask({ hash: this.#hash, begin: this.#algorithm }).catch(() => undefined);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#thread.hashes--;
    this.#thread.ask({ hash: this.#hash, end: true }).catch(() => undefined);
    endIdleThreads();
  }

  /** Others have hashes in that thread: it is never asked about one that is gone. */
  #ask(message: Message): Promise<string> {
    return this.#isOpen ? this.#thread.ask(message) : Promise.reject(new Error('the digest has ended'));
  }
}

function leastBusyThread(): DigestThread {
  const [idlest] = [...threads].toSorted((left, right) => left.hashes - right.hashes);
  if (idlest !== undefined && (idlest.hashes === 0 || threads.size >= mostThreads())) return idlest;
  const thread = new DigestThread();
  threads.add(thread);
  return thread;
}

/** Two algorithms over one image go side by side also where there is one processor to be seen. */
function mostThreads(): number {
  return Math.max(2, availableParallelism());
}

function endIdleThreads(): void {
  if (keepers > 0) return;
  for (const thread of threads) {
    if (thread.hashes > 0) continue;
    threads.delete(thread);
    thread.close();
  }
}

/**
 * Begins a run in which images follow one another: the threads and buffers of one stay for the next.
 * @returns ends it; to be called once
 */
export function keepForNext(): () => void {
  if (keepers === 0) expectedBytes = 0;
  keepers++;
  const dropBuffers = keepBuffers();
  return () => {
    keepers--;
    dropBuffers();
    endIdleThreads();
  };
}

/**
 * Whether a thread for so many bytes pays: they alone are worth its start, or they come in a run that is, all its images
 * that were asked about taken together.
 * @param bytes null if nobody knows
 */
export function isWorthThread(bytes: number | null): boolean {
  if (bytes === null || bytes >= startThreshold) return true;
  if (keepers === 0) return false;
  expectedBytes += bytes;
  return expectedBytes >= startThreshold && bytes >= messageThreshold;
}
