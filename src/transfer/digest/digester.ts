// Several digests over the same bytes in one pass: in threads of their own where the data is large, inline where starting
// threads would take longer than the work.
import { createHash, type Hash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Digest, DigestAlgorithm } from '../../digests.ts';

/** Computes digests as bytes pass, in order. */
export interface Digester {
  readonly algorithms: readonly DigestAlgorithm[];
  /** Bytes taken since the start or the last reset. */
  readonly bytes: number;
  /** Takes the next bytes. They must not change before the promise is kept; what is shared memory is not copied. */
  update(bytes: Uint8Array): Promise<void>;
  /** The digests of the bytes so far; more can follow. */
  digests(): Promise<readonly Digest[]>;
  /** Starts anew. */
  reset(): void;
  /** Ends the threads. */
  close(): void;
}

/** Below this many bytes a thread costs more than it saves. */
const threadThreshold = 8 * 1024 * 1024;

/**
 * A digester for these algorithms, each computed once.
 * @param expectedBytes how much there will be; null if nobody knows
 */
export function createDigester(algorithms: Iterable<DigestAlgorithm>, expectedBytes: number | null): Digester {
  const unique = [...new Set(algorithms)];
  const isSmall = expectedBytes !== null && expectedBytes < threadThreshold;
  return isSmall || unique.length === 0 ? new InlineDigester(unique) : new ThreadDigester(unique);
}

class InlineDigester implements Digester {
  readonly algorithms: readonly DigestAlgorithm[];
  #hashes: readonly Hash[];
  bytes = 0;

  constructor(algorithms: readonly DigestAlgorithm[]) {
    this.algorithms = algorithms;
    this.#hashes = algorithms.map((algorithm) => createHash(algorithm));
  }

  update(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    for (const hash of this.#hashes) hash.update(bytes);
    return Promise.resolve();
  }

  digests(): Promise<readonly Digest[]> {
    const hexes = this.#hashes.map((hash) => hash.copy().digest('hex'));
    return Promise.resolve(this.algorithms.map((algorithm, index) => ({ algorithm, hex: hexes[index] ?? '' })));
  }

  reset(): void {
    this.bytes = 0;
    this.#hashes = this.algorithms.map((algorithm) => createHash(algorithm));
  }

  close(): void {
    this.#hashes = [];
  }
}

/**
 * The program of a thread, in plain JavaScript and as text, so that it runs alike from source, from the package and from a
 * single-file executable, where no file of its own can be found. Answers every message, in order.
 */
const threadProgram = `
const { parentPort, workerData } = require('node:worker_threads');
const { createHash } = require('node:crypto');
let hash = createHash(workerData);
parentPort.on('message', (message) => {
  if (message === 'digest') parentPort.postMessage(hash.copy().digest('hex'));
  else if (message === 'reset') { hash = createHash(workerData); parentPort.postMessage(''); }
  else { hash.update(message); parentPort.postMessage(''); }
});
`;

/** What a thread is told: bytes, or a word. */
type Message = Uint8Array | 'digest' | 'reset';

interface Waiting {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

/** One thread and the questions it has not answered yet. */
class DigestThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: Error | null = null;

  constructor(algorithm: DigestAlgorithm) {
    this.#worker = new Worker(threadProgram, { eval: true, workerData: algorithm, env: {}, execArgv: [], argv: [] });
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
  }
}

class ThreadDigester implements Digester {
  readonly algorithms: readonly DigestAlgorithm[];
  readonly #threads: readonly DigestThread[];
  bytes = 0;

  constructor(algorithms: readonly DigestAlgorithm[]) {
    this.algorithms = algorithms;
    this.#threads = algorithms.map((algorithm) => new DigestThread(algorithm));
  }

  async update(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    await Promise.all(this.#threads.map((thread) => thread.ask(bytes)));
  }

  async digests(): Promise<readonly Digest[]> {
    const hexes = await Promise.all(this.#threads.map((thread) => thread.ask('digest')));
    return this.algorithms.map((algorithm, index) => ({ algorithm, hex: hexes[index] ?? '' }));
  }

  reset(): void {
    this.bytes = 0;
    // Answers come in order, so nobody has to wait for this one; a failure shows at the next question.
    for (const thread of this.#threads) thread.ask('reset').catch(() => undefined);
  }

  close(): void {
    for (const thread of this.#threads) thread.close();
  }
}

/** Whether both lists hold the same digests, in the same order. */
export function equalDigests(left: readonly Digest[], right: readonly Digest[]): boolean {
  return left.length === right.length && left.every((digest, index) => digest.hex === right[index]?.hex);
}
