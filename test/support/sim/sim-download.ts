// Downloads onto a simulated file system from a Glance that is a few lines in this process: nothing waits, nothing is real
// but the code of the transfer itself.
import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { systemClock } from '../../../src/clock.ts';
import { GlanceError } from '../../../src/errors.ts';
import { downloadToFile } from '../../../src/transfer/download.ts';
import type { DownloadResult } from '../../../src/transfer/download-options.ts';
import type { ImageIdentity } from '../../../src/transfer/flow/source.ts';
import type { DownloadSource } from '../../../src/transfer/flow/source.ts';
import type { SimFs } from './sim-fs.ts';

/** Ranges are answered, answered with 400, or answered with the whole. */
export type StoreKind = 'works' | 'refused' | 'ignored';

export const simTarget = '/d/image.raw';

/** Bytes that are sent, buffered and written at once. */
export const segment = 64 * 1024;

/** The image's data, another for each version. */
export function simData(version: number, segments: number): Buffer {
  const key = Buffer.alloc(16, version);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(segments * segment + 77));
}

/** A Glance with one image. */
export class SimGlance {
  data: Buffer;
  store: StoreKind;
  /** The answer is cut off after that many more bytes, once; Infinity: it is not. */
  cutAfter = Infinity;
  /** What happens to the image when an answer is cut off. */
  onCut: () => void = () => undefined;
  /** Looks at each piece of data before it is sent, and may send another. */
  onPiece: (piece: Buffer, start: number) => Buffer = (piece) => piece;
  /** Called whenever data is asked for. */
  onOpen: () => void = () => undefined;
  /** Image bytes sent since a test set it to 0. */
  sent = 0;

  constructor(data: Buffer, store: StoreKind = 'works') {
    this.data = data;
    this.store = store;
  }

  get image(): ImageIdentity {
    const hex = createHash('sha256').update(this.data).digest('hex');
    return {
      origin: 'http://glance.example',
      id: '1',
      size: this.data.length,
      digests: [{ algorithm: 'sha256', hex }],
      createdAt: null,
    };
  }

  source(): DownloadSource {
    return {
      name: 'image',
      image: this.image,
      pinned: [],
      requireDigest: false,
      refresh: () => Promise.resolve(this.image),
      answered: () => true,
      open: (range) => {
        this.onOpen();
        if (range !== null && this.store === 'refused') throw new GlanceError('http.range', 'no ranges here');
        const start = range !== null && this.store === 'works' ? range.start : 0;
        const body = Readable.from(this.#send(start));
        return Promise.resolve({ body, start, contentLength: this.data.length - start, digests: [] });
      },
    };
  }

  *#send(from: number): Generator<Buffer> {
    const { data } = this;
    for (let at = from; at < data.length; at += segment) {
      const piece = data.subarray(at, at + segment);
      if (piece.length > this.cutAfter) {
        const last = piece.subarray(0, this.cutAfter);
        this.cutAfter = Infinity;
        this.sent += last.length;
        if (last.length > 0) yield last;
        this.onCut();
        throw new GlanceError('net.reset', 'the connection was reset');
      }
      this.cutAfter -= piece.length;
      this.sent += piece.length;
      yield this.onPiece(piece, at);
    }
  }
}

/** A clock on which a checkpoint is due after every piece, and no wait is real. */
function hastyClock(): typeof systemClock {
  let now = 0;
  return { ...systemClock, monotonic: () => (now += 6000), random: () => 0 };
}

/** Runs a download to {@link simTarget}. */
export async function simDownload(
  fileSystem: SimFs,
  glance: SimGlance,
  options: { readonly force: boolean; readonly retries?: number; readonly sparse?: boolean },
): Promise<DownloadResult> {
  const { force, retries = 0, sparse = false } = options;
  const existing = fileSystem.files().get(simTarget);
  return await downloadToFile(
    glance.source(),
    { kind: 'file', path: simTarget, existingSize: existing?.length ?? null, existingMode: null },
    {
      extraAlgorithms: [],
      retry: { retries },
      clock: hastyClock(),
      signal: new AbortController().signal,
      listen: () => undefined,
      force,
      mode: 0o644,
      bufferBytes: segment,
      uid: 0,
      process: { pid: process.pid, platform: process.platform, isRunning: () => true },
      // A real lock needs a real directory.
      lock: () => Promise.resolve({ release: () => Promise.resolve() }),
      sparse,
      fileSystem,
    },
  );
}

/** Numbers that look random and are the same each time. */
export function seeded(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * count);
  };
}
