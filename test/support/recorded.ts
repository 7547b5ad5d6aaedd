// Exchanges recorded from a real Glance, read as bytes: not everything in them is valid HTTP.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** A set of recordings, by its directory. */
export type RecordingSet = 'glance-v1' | 'glance-v2';

/** A header as bytes: a value may be UTF-8, and may hold a line feed. */
export interface RecordedHeader {
  readonly name: Buffer;
  readonly value: Buffer;
}

export interface RecordedExchange extends RecordedAnswer {
  /** As `get-plain`. */
  readonly name: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** What was sent besides `Host`, with the `Accept` that curl adds; without it if the recording says so. */
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  readonly note: string;
  /** For API v2: the name of the user who asked; null for nobody. */
  readonly as: string | null;
}

export interface RecordedAnswer {
  readonly status: number;
  readonly reason: string;
  /** In wire order. */
  readonly headers: readonly RecordedHeader[];
  /** The body without chunk framing; shorter than announced where the transfer broke off. */
  readonly body: Buffer;
  /** Everything, as it came over the wire. */
  readonly raw: Buffer;
}

interface IndexEntry {
  readonly file: string;
  readonly method: string;
  readonly path: string;
  readonly requestHeaders: readonly string[];
  readonly note: string;
  readonly as?: string | null;
}

const recordings = new Map<RecordingSet, readonly RecordedExchange[]>();

/** All recordings of a set, in the order of its index. Read once. */
export function readRecordings(set: RecordingSet = 'glance-v1'): readonly RecordedExchange[] {
  const found = recordings.get(set) ?? readSet(`${fixtures}${set}/`);
  recordings.set(set, found);
  return found;
}

function readSet(directory: string): readonly RecordedExchange[] {
  const index = JSON.parse(readFileSync(`${directory}index.json`, 'utf8')) as readonly IndexEntry[];
  return index.map((entry) => readRecording(directory, entry));
}

/** One recording by name. @throws Error if there is none */
export function getRecording(name: string, set: RecordingSet = 'glance-v1'): RecordedExchange {
  const found = readRecordings(set).find((exchange) => exchange.name === name);
  if (found === undefined) throw new Error(`no recording called ${name}`);
  return found;
}

/** The text of a header, as UTF-8; undefined if it was not sent. */
export function findHeader(exchange: RecordedExchange, name: string): string | undefined {
  const found = exchange.headers.find((header) => header.name.toString('latin1').toLowerCase() === name.toLowerCase());
  return found?.value.toString('utf8');
}

function readRecording(directory: string, entry: IndexEntry): RecordedExchange {
  const { file, method, path, requestHeaders, note, as = null } = entry;
  return {
    name: file.replace(/\.http$/, ''),
    method,
    path,
    requestHeaders: completeRequest(requestHeaders),
    note,
    as,
    ...parseAnswer(readFileSync(directory + file)),
  };
}

/** What came over the wire, taken apart. */
export function parseAnswer(raw: Buffer): RecordedAnswer {
  const headEnd = raw.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = raw.subarray(0, headEnd).toString('latin1').split('\r\n');
  const [, status = '', reason = ''] = /^HTTP\/1\.[01] (\d{3}) (.*)$/.exec(statusLine) ?? [];
  const rawBody = raw.subarray(headEnd + 4);
  const isChunked = lines.includes('Transfer-Encoding: chunked');
  return {
    status: Number(status),
    reason,
    headers: lines.map(parseHeader),
    body: isChunked ? dechunk(rawBody) : rawBody,
    raw,
  };
}

function parseHeader(line: string): RecordedHeader {
  const colon = line.indexOf(': ');
  return { name: Buffer.from(line.slice(0, colon), 'latin1'), value: Buffer.from(line.slice(colon + 2), 'latin1') };
}

function completeRequest(lines: readonly string[]): readonly (readonly [string, string])[] {
  const headers = lines.map((line) => {
    const [, name = '', value = ''] = /^([^:;]+)[:;]\s*(.*)$/.exec(line) ?? [];
    return [name, value] as const;
  });
  const hasAccept = headers.some(([name]) => name.toLowerCase() === 'accept');
  return hasAccept
    ? headers.filter(([name, value]) => name !== 'Accept' || value !== '')
    : [['Accept', '*/*'], ...headers];
}

/** Chunks joined; ends where the recording does. */
function dechunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = lineEnd < 0 ? 0 : Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
