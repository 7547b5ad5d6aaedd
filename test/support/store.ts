// A small Glance v2 with one image whose data store behaves as told: with ranges, refusing them as Ceph does, or ignoring
// them as v1 did; and with one fault at a time. For tests of transfers; every request is noted.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type RangeSupport = 'works' | 'refused' | 'ignored';
export type Framing = 'length' | 'chunked' | 'close';

/** What befalls the answer to a request for data; offsets count from the first byte of that answer. */
export type StoreFault =
  | { readonly type: 'reset' | 'end'; readonly after: number }
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'flip'; readonly at: number }
  | { readonly type: 'html' }
  | { readonly type: 'surplus' }
  | { readonly type: 'wrong-range' }
  | { readonly type: 'no-range-header' }
  /** A part of the image in an envelope made for several. */
  | { readonly type: 'multipart' }
  | { readonly type: 'short-range'; readonly bytes: number };

export interface StoreOptions {
  readonly data: Buffer;
  readonly ranges: RangeSupport;
  /** How ranges are refused: with a status (absent: 400), by hanging up, or with a page. */
  readonly refusal?: number | 'hang up' | 'page';
  readonly framing?: Framing;
  /** The fault, and how many data requests it befalls. */
  readonly fault?: StoreFault;
  readonly times?: number;
  readonly hasDigest?: boolean;
  /** Whether the answer never ends, though all of the data is sent. */
  readonly keepsOpen?: boolean;
  /** What its record says otherwise. */
  readonly record?: object;
}

export interface Store {
  readonly url: string;
  /** What each request for data asked for: the `Range`, or `all`. */
  readonly asked: string[];
  /** Changes how it behaves from now on. */
  readonly become: (options: Partial<StoreOptions>) => void;
  /** Called with each data request before it is answered. */
  onData: () => void;
}

/** The id of its image. */
export const storeImage = '11111111-2222-4333-8444-555555555555';

/** Starts one for the running test. */
export async function startStore(first: StoreOptions): Promise<Store> {
  let options = first;
  let hits = 0;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === `/v2/images/${storeImage}`) sendRecord(response, options);
    else if (request.url === `/v2/images/${storeImage}/file`) {
      asked.push(request.headers.range ?? 'all');
      store.onData();
      const isHit = options.fault !== undefined && hits < (options.times ?? Infinity);
      hits += 1;
      sendData(request, response, options, isHit ? options.fault : undefined);
    } else response.writeHead(404).end();
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const store: Store = {
    url: `http://127.0.0.1:${String(port)}/v2`,
    asked,
    become: (changes) => {
      options = { ...options, ...changes };
      hits = 0;
    },
    onData: () => undefined,
  };
  return store;
}

function sendRecord(response: ServerResponse, { data, hasDigest = true, record: changes }: StoreOptions): void {
  const hash = (algorithm: string): string => createHash(algorithm).update(data).digest('hex');
  const record = {
    id: storeImage,
    name: 'image',
    status: 'active',
    visibility: 'public',
    disk_format: 'raw',
    container_format: 'bare',
    size: data.length,
    virtual_size: null,
    checksum: hasDigest ? hash('md5') : null,
    os_hash_algo: hasDigest ? 'sha256' : null,
    os_hash_value: hasDigest ? hash('sha256') : null,
    min_disk: 0,
    min_ram: 0,
    owner: null,
    protected: false,
    os_hidden: false,
    tags: [],
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    ...changes,
  };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(record));
}

function sendData(
  request: IncomingMessage,
  response: ServerResponse,
  options: StoreOptions,
  fault: StoreFault | undefined,
): void {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (fault?.type === 'status') {
    response.writeHead(fault.status, fault.status === 429 ? { 'retry-after': '0' } : {}).end();
    return;
  }
  if (fault?.type === 'html') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>');
    return;
  }
  if (range !== null && options.ranges === 'refused') {
    refuse(response, options.refusal ?? 400);
    return;
  }
  const isPart = range !== null && options.ranges === 'works';
  const start = isPart ? Number(range[1]) : 0;
  const last = isPart ? Number(range[2]) : options.data.length - 1;
  if (isPart && start >= options.data.length) {
    response.writeHead(416, { 'content-range': `bytes */${String(options.data.length)}` }).end();
    return;
  }
  const end = fault?.type === 'short-range' && isPart ? Math.min(last + 1, start + fault.bytes) : last + 1;
  const { body, cut } = damage(Buffer.from(options.data.subarray(start, end)), fault);
  const shift = fault?.type === 'wrong-range' ? 1 : 0;
  const contentRange = `bytes ${String(start + shift)}-${String(end - 1 + shift)}/${String(options.data.length)}`;
  const isEnvelope = isPart && fault?.type === 'multipart';
  const type = isEnvelope ? 'multipart/byteranges; boundary=x' : 'application/octet-stream';
  const headers: Record<string, string> = { 'content-type': type };
  if (isPart && !isEnvelope && fault?.type !== 'no-range-header') headers['content-range'] = contentRange;
  const { framing = 'length' } = options;
  if (framing === 'length') headers['content-length'] = String(end - start);
  if (framing === 'close') {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
  }
  response.writeHead(isPart ? 206 : 200, headers);
  if (options.keepsOpen === true) response.write(body);
  else if (cut === null) response.end(body);
  else if (cut === 'end' && framing === 'close') response.end(body);
  else {
    response.write(body, () => {
      if (cut === 'reset') response.socket?.resetAndDestroy();
      else response.socket?.end();
    });
  }
}

function refuse(response: ServerResponse, how: number | 'hang up' | 'page'): void {
  if (how === 'hang up') response.socket?.destroy();
  else if (how === 'page') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>no ranges here</html>');
  else response.writeHead(how).end('no ranges here');
}

/** What is sent, and how it ends before its time. */
function damage(body: Buffer, fault: StoreFault | undefined): { body: Buffer; cut: 'reset' | 'end' | null } {
  if (fault?.type === 'flip') {
    const at = Math.min(fault.at, body.length - 1);
    body[at] = 255 - (body[at] ?? 0);
  }
  if (fault?.type === 'surplus') return { body: Buffer.concat([body, Buffer.from('x')]), cut: null };
  const isCut = (fault?.type === 'reset' || fault?.type === 'end') && fault.after < body.length;
  return isCut ? { body: body.subarray(0, fault.after), cut: fault.type } : { body, cut: null };
}
