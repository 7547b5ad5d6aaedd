// The one vocabulary for a Glance that misbehaves, in tests and benches: what a fault does to an answer, as pure functions over
// a draft of it, and the bytes that the draft becomes.
import type { HeaderPair } from '../../../src/server/answers/answer.ts';
import type { SeenRequest } from '../servers/replay.ts';

/** One way to misbehave. Bytes and offsets count the body, without chunk framing. */
export type FaultAction =
  /** The connection ends in order after that many bytes of body, whatever was announced; null: before the headers. */
  | { readonly type: 'cut'; readonly afterBytes: number | null }
  /** The connection is reset after that many bytes of body; null: before the headers. */
  | { readonly type: 'reset'; readonly afterBytes: number | null }
  /** One bit is flipped, in the last byte if the body is shorter. Bit 0 is the lowest. */
  | { readonly type: 'flip'; readonly offset: number; readonly bit?: number }
  /** That many zero bytes follow the body; `Content-Length` stays the same. */
  | { readonly type: 'extra'; readonly bytes: number }
  /** Another length is announced, or none: the body then ends with the connection (`none`) or comes in chunks (`chunked`). */
  | { readonly type: 'contentLength'; readonly announce: number | 'none' | 'chunked' }
  /** Another answer altogether. */
  | {
      readonly type: 'status';
      readonly status: number;
      readonly reason?: string;
      readonly headers?: readonly HeaderPair[];
      readonly body?: string | Uint8Array;
    }
  /** A proxy's page, with 200. */
  | { readonly type: 'html'; readonly body?: string }
  /** Nothing more is sent after that many bytes of body, and the connection stays open; null: before the headers. */
  | { readonly type: 'stall'; readonly afterBytes: number | null }
  | {
      readonly type: 'redirect';
      readonly status: number;
      readonly location: string | ((request: SeenRequest) => string);
    }
  /**
   * Headers are removed (by name, ignoring case), replaced or put before others of their name (`set`), and added as they are,
   * even twice (`add`). Values are bytes, one per character; nothing is checked.
   */
  | {
      readonly type: 'headers';
      readonly remove?: readonly string[];
      readonly set?: readonly HeaderPair[];
      readonly add?: readonly HeaderPair[];
    }
  /** Only for answers to a range: the answer says that it begins one byte later than it does. */
  | { readonly type: 'otherRange' }
  /** Only for answers to a range: the answer does not say which one it is. */
  | { readonly type: 'unnamedRange' }
  /** Only for answers to a range: the answer comes in an envelope meant for several. */
  | { readonly type: 'multipartRange' }
  /** Only for answers to a range: the answer has at most that many bytes, and says so. */
  | { readonly type: 'shortRange'; readonly bytes: number };

/** An answer in the making. */
export interface Draft {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  readonly framing: 'length' | 'close' | 'chunked';
  /** How the connection ends, and after how many bytes of body; null: before the headers. */
  readonly ending: { readonly how: 'fin' | 'reset' | 'stall'; readonly after: number | null };
}

const page = '<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>Please sign in</h1></body></html>\n';

/** The draft with one fault applied. */
export function applyAction(draft: Draft, action: FaultAction, request: SeenRequest): Draft {
  switch (action.type) {
    case 'cut':
      return { ...draft, ending: { how: 'fin', after: action.afterBytes } };
    case 'reset':
    case 'stall':
      return { ...draft, ending: { how: action.type, after: action.afterBytes } };
    case 'flip':
      return { ...draft, body: flip(draft.body, action.offset, action.bit ?? 0) };
    case 'extra':
      return { ...draft, body: Buffer.concat([draft.body, Buffer.alloc(action.bytes)]) };
    case 'contentLength':
      return announce(draft, action.announce);
    case 'status':
      return replace(
        draft,
        action.status,
        action.reason ?? 'Fault',
        action.headers ?? [],
        Buffer.from(action.body ?? ''),
      );
    case 'html':
      return replace(draft, 200, 'OK', [['Content-Type', 'text/html']], Buffer.from(action.body ?? page));
    case 'redirect': {
      const location = typeof action.location === 'string' ? action.location : action.location(request);
      return replace(draft, action.status, 'Redirect', [['Location', location]], Buffer.alloc(0));
    }
    case 'headers':
      return { ...draft, headers: changeHeaders(draft.headers, action) };
    case 'otherRange':
    case 'unnamedRange':
    case 'multipartRange':
    case 'shortRange':
      return draft.status === 206 ? changeRange(draft, action) : draft;
    default:
      return action satisfies never;
  }
}

type RangeAction = Extract<FaultAction, { readonly type: `${string}Range` }>;

/** The answer to a range, damaged in a way that only such an answer can be. */
function changeRange(draft: Draft, action: RangeAction): Draft {
  const named = draft.headers.find(([name]) => name.toLowerCase() === 'content-range')?.[1] ?? '';
  const [, start, end, total = ''] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(named) ?? [];
  const [first, last] = [Number(start), Number(end)];
  const name = (from: number, to: number): HeaderPair => [
    'Content-Range',
    `bytes ${String(from)}-${String(to)}/${total}`,
  ];
  const change = (what: Parameters<typeof changeHeaders>[1], body = draft.body): Draft => ({
    ...draft,
    body,
    headers: changeHeaders(draft.headers, what),
  });
  switch (action.type) {
    case 'otherRange':
      return change({ set: [name(first + 1, last + 1)] });
    case 'unnamedRange':
      return change({ remove: ['Content-Range'] });
    case 'multipartRange':
      return change({ remove: ['Content-Range'], set: [['Content-Type', 'multipart/byteranges; boundary=x']] });
    case 'shortRange': {
      const body = draft.body.subarray(0, action.bytes);
      const hasLength = draft.headers.some(([key]) => key.toLowerCase() === 'content-length');
      const length: readonly HeaderPair[] = hasLength ? [['Content-Length', String(body.length)]] : [];
      return change({ set: [name(first, first + body.length - 1), ...length] }, body);
    }
    default:
      return action satisfies never;
  }
}

/** A copy with one bit flipped, in the last byte if there are fewer. */
export function flip(body: Buffer, wanted: number, bit: number): Buffer {
  if (body.length === 0) return body;
  const offset = Math.min(wanted, body.length - 1);
  const copy = Buffer.from(body);
  const weight = 2 ** bit;
  const byte = copy.readUInt8(offset);
  copy.writeUInt8(Math.floor(byte / weight) % 2 === 1 ? byte - weight : byte + weight, offset);
  return copy;
}

function announce(draft: Draft, length: number | 'none' | 'chunked'): Draft {
  const headers = changeHeaders(draft.headers, { remove: ['content-length'] });
  if (length === 'none') return { ...draft, headers, framing: 'close' };
  if (length === 'chunked')
    return { ...draft, headers: [...headers, ['Transfer-Encoding', 'chunked']], framing: 'chunked' };
  return { ...draft, headers: [['Content-Length', String(length)], ...headers] };
}

function replace(draft: Draft, status: number, reason: string, headers: readonly HeaderPair[], body: Buffer): Draft {
  const length: readonly HeaderPair[] = status === 204 ? [] : [['Content-Length', String(body.length)]];
  return { ...draft, status, reason, headers: [...length, ...headers], body, framing: 'length' };
}

function changeHeaders(
  headers: readonly HeaderPair[],
  change: {
    readonly remove?: readonly string[];
    readonly set?: readonly HeaderPair[];
    readonly add?: readonly HeaderPair[];
  },
): readonly HeaderPair[] {
  const { remove = [], set = [], add = [] } = change;
  const gone = new Set([...remove, ...set.map(([name]) => name)].map((name) => name.toLowerCase()));
  return [...headers.filter(([name]) => !gone.has(name.toLowerCase())), ...set, ...add];
}

/**
 * The bytes of a draft, write by write, up to where its connection ends. An answer says `Connection: close` unless a fault
 * said otherwise.
 */
export function* framesOf(draft: Draft, isHead: boolean, chunkBytes: number): Generator<Buffer> {
  const { after } = draft.ending;
  if (after === null) return;
  yield headOf(draft);
  if (isHead) return;
  const body = draft.body.subarray(0, Math.min(after, draft.body.length));
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.subarray(at, at + chunkBytes);
    yield draft.framing === 'chunked' ? frameChunk(chunk) : chunk;
  }
  if (draft.framing === 'chunked' && after === Infinity) yield Buffer.from('0\r\n\r\n');
}

function headOf({ status, reason, headers }: Draft): Buffer {
  const hasConnection = headers.some(([name]) => name.toLowerCase() === 'connection');
  const all: readonly HeaderPair[] = hasConnection ? headers : [...headers, ['Connection', 'close']];
  const lines = [`HTTP/1.1 ${String(status)} ${reason}`, ...all.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function frameChunk(chunk: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]);
}
