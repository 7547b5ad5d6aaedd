// A store of objects in memory for one image: what is put there in parts can only be read once it is completed.
import { createHash } from 'node:crypto';
import { GlanceError } from '../../../src/errors.ts';
import type { KeptPart, ObjectTarget, SentPart, Upload } from '../../../src/transfer/upload/object-target.ts';

interface StoredPart {
  readonly bytes: Buffer;
  readonly etag: string;
}

export class SimObjects implements ObjectTarget {
  readonly name = 's3://bucket/image';
  readonly mostParts = 1000;
  /** What can be read. */
  object: Buffer | null = null;
  /** Of an upload that is not completed. */
  parts: Map<number, StoredPart> | null = null;
  /** Numbers of the parts that were sent, in order. */
  readonly sent: number[] = [];
  /** Called before a part is accepted; sending the part fails with whatever it throws. */
  onPart: (number: number) => void = () => undefined;
  /** The ETag that the store gives to content with this MD5. */
  toEtag: (md5: string) => string = (md5) => md5;
  /** Bytes of parts that are being sent, now and at most. */
  held = 0;
  mostHeld = 0;

  async put(bytes: Uint8Array, md5: string): Promise<void> {
    expectMd5(bytes, md5);
    this.object = Buffer.from(bytes);
  }

  async open(partBytes: number, total: number | null): Promise<Upload> {
    const kept = total === null ? [] : [...(this.parts ?? [])].map(([number, part]) => toKept(number, part));
    if (total === null || this.parts === null) this.parts = new Map();
    if (partBytes < 1) throw new Error('no part is that small');
    return {
      kept,
      put: async (number, bytes, md5) => {
        expectMd5(bytes, md5);
        return await this.#take(number, bytes);
      },
      stream: async (number, length, chunks) => {
        const all: Uint8Array[] = [];
        for await (const chunk of chunks) all.push(Buffer.from(chunk));
        const bytes = Buffer.concat(all);
        if (bytes.length !== length) throw new GlanceError('net.reset', 'a part of another length was announced');
        return await this.#take(number, bytes);
      },
      complete: async (parts) => this.#complete(parts),
      abort: async () => {
        this.parts = null;
      },
    };
  }

  async #take(number: number, bytes: Uint8Array): Promise<string> {
    this.held += bytes.length;
    this.mostHeld = Math.max(this.mostHeld, this.held);
    try {
      // As on a network, other work continues meanwhile.
      await new Promise(setImmediate);
      this.sent.push(number);
      this.onPart(number);
      const etag = this.toEtag(md5Of(bytes));
      this.parts?.set(number, { bytes: Buffer.from(bytes), etag });
      return etag;
    } finally {
      this.held -= bytes.length;
    }
  }

  #complete(parts: readonly SentPart[]): void {
    const stored = parts.map(({ number, etag }, index) => {
      const part = this.parts?.get(number);
      if (part?.etag !== etag || number !== index + 1) throw new GlanceError('place.unsupported', 'no such part');
      return part.bytes;
    });
    this.object = Buffer.concat(stored);
    this.parts = null;
  }
}

function toKept(number: number, { bytes, etag }: StoredPart): KeptPart {
  return { number, etag, size: bytes.length };
}

function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

function expectMd5(bytes: Uint8Array, expected: string): void {
  if (md5Of(bytes) !== expected) throw new GlanceError('integrity.digest', 'the store was given other bytes');
}
