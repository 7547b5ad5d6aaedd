// Threads that compute digests: at most one for each processor, shared by all images in progress. They end when nobody
// uses them, or with the run that keeps them from image to image.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DigestAlgorithm } from '../../digests.ts';
import { keepBuffers } from '../flow/buffers.ts';
import {
  type ImageFiles,
  type ThreadAnswer,
  type ThreadMessage,
  threadProgram,
  type ThreadResult,
} from './thread-program.ts';

/** Below this many bytes, starting a thread takes longer than it saves. */
export const startThreshold = 8 * 1024 * 1024;
/** Below this many bytes, messages to a running thread take longer than the digest. */
const messageThreshold = 64 * 1024;

/** Digests as hex, in the order of the algorithms. */
type Hexes = readonly string[];

interface Waiting {
  readonly resolve: (result: ThreadResult) => void;
  readonly reject: (error: Error) => void;
}

/** One thread, with the questions it has not answered yet. */
class DigestThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: Error | null = null;
  /** Open hashes, and files being read. */
  users = 0;

  constructor() {
    this.#worker = new Worker(threadProgram, { eval: true, env: {}, execArgv: [], argv: [] });
    this.#worker.on('message', (answer: ThreadAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the digest thread has ended')));
    this.#worker.unref();
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

  close(): void {
    void this.#worker.terminate();
  }

  #take(answer: ThreadAnswer): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if ('hexes' in answer) waiting?.resolve(answer);
    else waiting?.reject(Object.assign(new Error(answer.message), { code: answer.code }));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    threads.delete(this);
  }
}

const threads = new Set<DigestThread>();
let keepers = 0;
/** Bytes of all images since threads were first kept. */
let bytesOfRun = 0;
let nextHash = 0;

/** Several digests over the same bytes, computed in one of the threads. */
export class ThreadHash {
  readonly #thread: DigestThread;
  readonly #hash = nextHash++;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #expectedBytes: number | null;
  #bytes = 0;
  #hasBegun = false;
  #isOpen = true;
  /** The digests of all expected bytes, requested together with the last of them. */
  #whole: Promise<Hexes> | null = null;

  /** @param expectedBytes how many bytes will come; null if unknown */
  constructor(algorithms: readonly DigestAlgorithm[], expectedBytes: number | null) {
    this.#algorithms = algorithms;
    this.#expectedBytes = expectedBytes;
    this.#thread = leastBusyThread();
    this.#thread.users++;
  }

  /** The bytes must not change before the promise settles; shared memory is not copied. */
  async update(bytes: Uint8Array): Promise<void> {
    this.#bytes += bytes.length;
    const isWhole = this.#bytes === this.#expectedBytes;
    const answer = this.#ask(bytes, isWhole);
    this.#whole = isWhole ? answer : null;
    await answer;
  }

  /** The digests of the bytes so far, as hex. */
  digests(): Promise<Hexes> {
    return this.#isOpen && this.#whole !== null ? this.#whole : this.#ask(undefined, true);
  }

  /** Starts over. */
  reset(): void {
    this.#bytes = 0;
    this.#hasBegun = false;
    this.#whole = null;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#thread.tell({ end: this.#hash });
    leave(this.#thread);
  }

  /** Others have hashes in the same thread, so it must never be asked about one that is gone. */
  async #ask(bytes: Uint8Array | undefined, isAsked: boolean): Promise<Hexes> {
    if (!this.#isOpen) throw new Error('the digest has ended');
    const begin = this.#hasBegun ? undefined : this.#algorithms;
    this.#hasBegun = true;
    const message = { hash: this.#hash, isAsked, ...(begin && { begin }), ...(bytes && { bytes }) };
    return (await this.#thread.ask(message)).hexes ?? [];
  }
}

/**
 * The digests of an open file, read by a thread.
 * @param file its descriptor, which stays the caller's
 * @param limit most bytes to read
 * @returns as hex, in the order of the algorithms
 * @throws Node's system errors
 */
export async function digestInThread(
  file: number,
  algorithms: readonly DigestAlgorithm[],
  limit: number,
): Promise<Hexes> {
  return (await askOnce({ file, algorithms, limit })).hexes ?? [];
}

/**
 * Reads an image's small files, and digests its data, in a thread. Requested from here one after another, system calls
 * cost more than the work they do: `verify` of 400 images of 256 KiB then takes 30 % more time.
 * @returns texts and digests in the order of the request; null if anything is missing or not as it should be
 */
export async function readInThread(
  image: ImageFiles,
): Promise<{ readonly texts: readonly string[]; readonly hexes: Hexes } | null> {
  const { texts, hexes } = await askOnce({ image }).catch(() => ({ texts: undefined, hexes: null }));
  return texts === undefined || hexes === null ? null : { texts, hexes };
}

async function askOnce(message: ThreadMessage): Promise<ThreadResult> {
  const thread = leastBusyThread();
  thread.users++;
  try {
    return await thread.ask(message);
  } finally {
    leave(thread);
  }
}

function leave(thread: DigestThread): void {
  thread.users--;
  endIdleThreads();
}

function leastBusyThread(): DigestThread {
  const [idlest] = [...threads].toSorted((left, right) => left.users - right.users);
  if (idlest !== undefined && (idlest.users === 0 || threads.size >= mostThreads())) return idlest;
  const thread = new DigestThread();
  threads.add(thread);
  return thread;
}

/** At least two, even if only one processor is visible: two algorithms over one image then run side by side. */
function mostThreads(): number {
  return Math.max(2, availableParallelism());
}

function endIdleThreads(): void {
  if (keepers > 0) return;
  for (const thread of threads) {
    if (thread.users > 0) continue;
    threads.delete(thread);
    thread.close();
  }
}

/**
 * Begins a run of consecutive images: the threads and buffers of one are kept for the next.
 * @param bytes what is known of the size of all of them together
 * @returns a function that ends the run; further calls do nothing
 */
export function keepForNext(bytes = 0): () => void {
  bytesOfRun = keepers === 0 ? bytes : bytesOfRun + bytes;
  keepers++;
  const dropBuffers = keepBuffers();
  let isKept = true;
  return () => {
    if (!isKept) return;
    isKept = false;
    keepers--;
    dropBuffers();
    endIdleThreads();
  };
}

/**
 * Whether a thread pays for this many bytes: either they alone are worth its start, or they belong to a run whose images
 * asked about so far are, taken together.
 * @param bytes null if unknown
 */
export function isWorthThread(bytes: number | null): boolean {
  if (bytes === null || bytes >= startThreshold) return true;
  if (keepers === 0) return false;
  bytesOfRun += bytes;
  return bytesOfRun >= startThreshold && bytes >= messageThreshold;
}

/** Whether {@link readInThread} pays for an image: it does for any small one of a run that has threads anyway. */
export function isWorthReading(bytes: number): boolean {
  if (keepers === 0 || bytes >= startThreshold) return false;
  bytesOfRun += bytes;
  return bytesOfRun >= startThreshold;
}
