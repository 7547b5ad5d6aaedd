// Response headers as received: order, capitals and bytes kept, duplicates not joined.
import { GlanceError } from '../../errors.ts';
import { countOf } from '../../text/count.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes a header value. Glance v1 sends UTF-8; what is not valid UTF-8 is read as latin-1, which never fails.
 * @see RFC 9110 §5.5, which leaves bytes above 0x7f to the application
 */
export function decodeHeaderValue(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}

/**
 * The number of bytes that a `Content-Length` announces, or null for anything but a decimal number that is a safe
 * integer.
 * @see RFC 9110 §8.6
 */
export function parseLength(text: string): number | null {
  const bytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** One header line. */
interface Header {
  /** As received, capitals included. */
  readonly name: string;
  /** Decoded, without white space at either end. */
  readonly value: string;
}

/** The headers of one response. Names are compared without regard to case. */
export class HeaderList implements Iterable<Header> {
  readonly #headers: readonly Header[];

  constructor(headers: readonly Header[]) {
    this.#headers = headers;
  }

  /** From name, value, name, value … as bytes. */
  static fromRaw(raw: readonly Uint8Array[]): HeaderList {
    const headers: Header[] = [];
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const name = raw[index];
      const value = raw[index + 1];
      if (name !== undefined && value !== undefined) {
        headers.push({ name: Buffer.from(name).toString('latin1'), value: decodeHeaderValue(value).trim() });
      }
    }
    return new HeaderList(headers);
  }

  /** The same headers with their values replaced. */
  map(valueOf: (header: Header) => string): HeaderList {
    return new HeaderList(this.#headers.map((header) => ({ name: header.name, value: valueOf(header) })));
  }

  get length(): number {
    return this.#headers.length;
  }

  [Symbol.iterator](): Iterator<Header> {
    return this.#headers[Symbol.iterator]();
  }

  /** All values of that name, in order. */
  getAll(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    return this.#headers.filter((header) => header.name.toLowerCase() === wanted).map((header) => header.value);
  }

  /** The first value of that name, or null. Only for headers on which nothing important depends. */
  get(name: string): string | null {
    return this.getAll(name)[0] ?? null;
  }

  /**
   * The value of a header that may occur only once, or null.
   * @throws GlanceError `http.bad_header` if it occurs twice with different values
   */
  getSingle(name: string): string | null {
    const values = new Set(this.getAll(name));
    if (values.size > 1) {
      throw new GlanceError(
        'http.bad_header',
        `the server sent the header ${name} ${countOf(values.size, 'time')}, with different values`,
        {
          hint: 'a proxy or a forged property may be at work; nothing was taken from this answer',
        },
      );
    }
    return [...values][0] ?? null;
  }
}
