// A small Glance v2 with one image whose data store behaves as told: with ranges, refusing them as Ceph does, or ignoring them
// as v1 did; and with one fault at a time. For tests of transfers; every request is recorded.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { draftData, type Framing, respond } from '../faults/data-draft.ts';
import { applyAction, type Draft, type FaultAction } from '../faults/fault-actions.ts';

export type RangeSupport = 'works' | 'refused' | 'ignored';
export type { Framing } from '../faults/data-draft.ts';

export interface StoreOptions {
  readonly data: Buffer;
  readonly ranges: RangeSupport;
  /** How ranges are refused: with a status (absent: 400), by hanging up, or with a page. */
  readonly refusal?: number | 'hang up' | 'page';
  readonly framing?: Framing;
  /**
   * What happens to the answer to a request for data, and to how many of them; offsets count from the first byte of that
   * answer.
   */
  readonly fault?: FaultAction;
  readonly times?: number;
  readonly hasDigest?: boolean;
  /** What its record says instead. */
  readonly record?: object;
}

export interface Store {
  readonly url: string;
  /** What each request for data asked for: the `Range`, or `all`. */
  readonly asked: string[];
  /** Changes how it behaves from now on. */
  readonly become: (options: Partial<StoreOptions>) => void;
  /** Called with each data request, which is answered once this is done. */
  onData: () => void | Promise<void>;
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
      const answer = (): void => {
        const isHit = options.fault !== undefined && hits < (options.times ?? Infinity);
        hits += 1;
        sendData(request, response, options, isHit ? options.fault : undefined);
      };
      const waits = store.onData();
      if (waits === undefined) answer();
      else void waits.then(answer);
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

/** Digests of the data of images, each computed once however often a record is asked for. */
const digests = new WeakMap<Buffer, Map<string, string>>();

function digestOf(data: Buffer, algorithm: string): string {
  const known = digests.get(data) ?? new Map<string, string>();
  digests.set(data, known);
  const digest = known.get(algorithm) ?? createHash(algorithm).update(data).digest('hex');
  known.set(algorithm, digest);
  return digest;
}

function sendRecord(response: ServerResponse, { data, hasDigest = true, record: changes }: StoreOptions): void {
  const record = {
    id: storeImage,
    name: 'image',
    status: 'active',
    visibility: 'public',
    disk_format: 'raw',
    container_format: 'bare',
    size: data.length,
    virtual_size: null,
    checksum: hasDigest ? digestOf(data, 'md5') : null,
    os_hash_algo: hasDigest ? 'sha256' : null,
    os_hash_value: hasDigest ? digestOf(data, 'sha256') : null,
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
  fault: FaultAction | undefined,
): void {
  const { range } = request.headers;
  const { method = '', url: path = '' } = request;
  const seen = { method, path, headers: {} };
  const hasRefused = range !== undefined && options.ranges === 'refused';
  const whole = draftData(options.data, options.ranges === 'works' ? range : undefined, options.framing);
  const draft = hasRefused ? applyAction(whole, refusalOf(options.refusal ?? 400), seen) : whole;
  respond(response, fault !== undefined && befalls(fault, draft) ? applyAction(draft, fault, seen) : draft);
}

/** Faults that damage data do nothing to an answer without data. */
function befalls({ type }: FaultAction, { status, ending, headers }: Draft): boolean {
  if (type === 'status' || type === 'html' || type === 'redirect') return true;
  const isPage = headers.some(([, value]) => value === 'text/html');
  return (status === 200 || status === 206) && ending.after !== null && !isPage;
}

function refusalOf(how: number | 'hang up' | 'page'): FaultAction {
  if (how === 'hang up') return { type: 'cut', afterBytes: null };
  if (how === 'page') return { type: 'html', body: '<html>no ranges here</html>' };
  return { type: 'status', status: how, body: 'no ranges here' };
}
