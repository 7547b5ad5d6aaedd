// Reads one body to its end or to a limit, gathering it into large buffers; each is passed on while the next one fills.
import type { Readable } from 'node:stream';
import { GatheredBytes, type PutBytes } from './gathered-bytes.ts';
import type { BufferPool } from './buffers.ts';
import type { RateLimit } from './rate-limit.ts';
import { excessError } from './size-errors.ts';

interface PumpOptions {
  /** Position in the image of the body's first byte. */
  readonly position: number;
  /** Size of the image in bytes; null if unknown. More than that is refused. */
  readonly size: number | null;
  /** Returns where to stop, asked again whenever that is reached; null for the end of the body. */
  readonly limit: (position: number) => Promise<number | null>;
  readonly buffers: BufferPool;
  readonly rate: RateLimit;
  readonly signal: AbortSignal;
  readonly put: PutBytes;
  /** Called with every chunk as it arrives. */
  readonly onBytes: (position: number, count: number) => void;
}

/** A body that can deliver its bytes without a stream in between. */
interface BulkBody extends Readable {
  /** Each chunk is valid until `take` returns; returning false pauses the server until `takeMore`. */
  readonly takeOver: (take: (chunk: Uint8Array) => boolean) => Promise<void>;
  readonly takeMore: () => void;
}

/**
 * Reads the body and closes the connection. However it ends, everything that arrived has been passed on.
 * @returns the position after the last byte taken
 * @throws SizeError `integrity.excess`; what the body or `put` fails with
 */
export async function pump(body: Readable, options: PumpOptions): Promise<number> {
  const gathered = new GatheredBytes(options.position, options.buffers, options.put);
  const limit = await options.limit(options.position);
  const isPlain = !options.rate.isLimited && (limit === null || limit === options.size);
  try {
    if (isPlain && isBulk(body)) await takeAll(body, gathered, options);
    else await readUpTo(limit, body, gathered, options);
  } finally {
    body.destroy();
    await gathered.finish();
  }
  return gathered.end;
}

function isBulk(body: Readable): body is BulkBody {
  return 'takeOver' in body && 'takeMore' in body;
}

/** The fast path: from the socket's memory into ours. */
async function takeAll(body: BulkBody, gathered: GatheredBytes, options: PumpOptions): Promise<void> {
  const { size, onBytes } = options;
  const left: Uint8Array[] = [];
  const state = { isOver: false, wake: (): void => undefined };
  const ended = body.takeOver((chunk) => {
    if (size !== null && gathered.end + countLeft(left) + chunk.length > size) {
      body.destroy(excessError(size, gathered.end + countLeft(left) + chunk.length));
      return false;
    }
    onBytes(gathered.end + countLeft(left), chunk.length);
    const taken = left.length === 0 ? gathered.addNow(chunk) : 0;
    if (taken === chunk.length) return true;
    // The socket's memory is valid only for now.
    left.push(Buffer.from(chunk.subarray(taken)));
    state.wake();
    return false;
  });
  const over = ended.finally(() => {
    state.isOver = true;
    state.wake();
  });
  over.catch(() => undefined);
  while (!state.isOver || left.length > 0) {
    const chunk = left[0];
    if (chunk === undefined) {
      await new Promise<void>((resolve) => {
        state.wake = resolve;
      });
      continue;
    }
    await gathered.add(chunk);
    left.shift();
    if (left.length === 0 && !state.isOver) body.takeMore();
  }
  await over;
}

function countLeft(left: readonly Uint8Array[]): number {
  return left.reduce((sum, { length }) => sum + length, 0);
}

/** The ordinary path, through the stream: for a rate limit, a stopping point, and bodies that are plain streams. */
async function readUpTo(
  firstLimit: number | null,
  body: Readable,
  gathered: GatheredBytes,
  { size, rate, signal, limit: nextLimit, onBytes }: PumpOptions,
): Promise<void> {
  let limit = firstLimit;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (size !== null && gathered.end + chunk.length > size) throw excessError(size, gathered.end + chunk.length);
    await rate.pass(chunk.length, signal);
    let rest: Uint8Array = chunk;
    while (rest.length > 0) {
      const taken = limit === null ? rest : rest.subarray(0, Math.max(0, limit - gathered.end));
      onBytes(gathered.end, taken.length);
      await gathered.add(taken);
      rest = rest.subarray(taken.length);
      if (limit === null || gathered.end < limit) continue;
      const next = await nextLimit(limit);
      if (next === limit) return;
      limit = next;
    }
  }
}
