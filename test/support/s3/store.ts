// The double's state behind its handlers: requests in, changes made, answers written, faults applied.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FaultMatch, makeMatcher } from '../faults/fault-match.ts';
import { makeStallCounter, writeDraft } from '../faults/write-draft.ts';
import type { Outcome } from './answer.ts';
import { receiveBody } from './body.ts';
import { damage } from './damage.ts';
import { actionsOf, type S3Fault, toMatch } from './faults.ts';
import { type FlavourName, flavours } from './flavours.ts';
import { answerS3 } from './handler.ts';
import { etagOf, roundTime } from './objects.ts';
import { readHead, type S3Request, type SeenS3Request } from './request.ts';
import type { Settings } from './settings.ts';
import type { Credentials } from './signature.ts';
import { type Bucket, State, type StoredObject } from './state.ts';

export interface StoreOptions extends Partial<Omit<Settings, 'flavour'>> {
  /** Default `aws`. */
  readonly flavour?: FlavourName;
  /** The buckets, and the region of each; null: that of the endpoint. Default: `images`. */
  readonly buckets?: Readonly<Record<string, string | null>>;
  /** What the first bucket holds at first. */
  readonly objects?: Readonly<Record<string, Uint8Array | string>>;
  /** The first that matches a request applies. */
  readonly faults?: readonly S3Fault[];
  /** Default true. Otherwise no object of more than 64 KiB can be read, but uploads take no memory. */
  readonly keepsData?: boolean;
  /** The store's clock, milliseconds since 1970. */
  readonly now?: () => number;
}

/** The credentials that are valid unless others are given. */
export const s3Credentials: Credentials = {
  accessKeyId: 'DOUBLEACCESSKEY00000',
  secretAccessKey: 'double/secret+key/on/loopback/only000000',
};

function settingsOf(options: StoreOptions): Settings {
  return {
    flavour: flavours[options.flavour ?? 'aws'],
    credentials: options.credentials ?? s3Credentials,
    region: options.region ?? 'us-east-1',
    etags: options.etags ?? 'md5',
    minPartBytes: options.minPartBytes ?? 5 * 1024 * 1024,
    pageEntries: options.pageEntries ?? 1000,
  };
}

function pickerOf({ faults = [] }: StoreOptions): (request: SeenS3Request) => S3Fault | undefined {
  const pick = makeMatcher<SeenS3Request, { readonly fault: S3Fault; readonly on: FaultMatch<SeenS3Request> }>(
    faults.map((fault) => ({ fault, on: toMatch(fault.on ?? {}) })),
  );
  return (request) => pick(request)?.fault;
}

/** The entry in the list of requests while the request is still being answered. */
type OpenRequest = { -readonly [Field in keyof SeenS3Request]: SeenS3Request[Field] };

export class Store {
  readonly state = new State();
  readonly #stalls = makeStallCounter();
  readonly #requests: OpenRequest[] = [];
  readonly #first: string;
  #options: StoreOptions;
  #settings: Settings;
  #pick: (request: SeenS3Request) => S3Fault | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#settings = settingsOf(options);
    this.#pick = pickerOf(options);
    const buckets = Object.entries(options.buckets ?? { images: null });
    for (const [name, region] of buckets) this.state.addBucket(name, region ?? this.#settings.region);
    this.#first = buckets[0]?.[0] ?? '';
    for (const [key, data] of Object.entries(options.objects ?? {})) this.#seed(key, Buffer.from(data));
  }

  get settings(): Settings {
    return this.#settings;
  }

  get requests(): readonly SeenS3Request[] {
    return this.#requests;
  }

  get waitForStalls(): (count: number) => Promise<void> {
    return this.#stalls.waitFor;
  }

  become(changes: StoreOptions): void {
    this.#options = { ...this.#options, ...changes };
    this.#settings = settingsOf(this.#options);
    this.#pick = pickerOf(this.#options);
  }

  getBucket(name: string = this.#first): Bucket {
    const bucket = this.state.findBucket(name);
    if (bucket === undefined) throw new Error(`the double has no bucket ${name}`);
    return bucket;
  }

  dump(name: string = this.#first): ReadonlyMap<string, Buffer> {
    const { objects } = this.getBucket(name);
    const dumped = new Map<string, Buffer>();
    for (const key of this.state.keysOf(name)) {
      const data = objects.get(key)?.data;
      if (data === undefined || data === null) throw new Error(`the data of ${key} was not kept`);
      dumped.set(key, Buffer.concat(data));
    }
    return dumped;
  }

  #seed(key: string, data: Buffer): void {
    const object: StoredObject = {
      key,
      data: [data],
      size: data.length,
      etag: etagOf(createHash('md5').update(data).digest('hex'), this.#settings),
      contentType: null,
      modified: roundTime((this.#options.now ?? Date.now)(), this.#settings.flavour),
      uploadId: null,
    };
    this.state.apply({ type: 'putObject', bucket: this.#first, object });
  }

  async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
    const isBucket = (name: string): boolean => this.state.findBucket(name) !== undefined;
    const head = readHead(message.method ?? '', message.url ?? '', headers, isBucket);
    const seen: OpenRequest = { ...head, bytes: 0, status: null };
    const id = this.#requests.push(seen);
    const fault = this.#pick(seen);
    try {
      await this.#carryOut(message, response, { seen, id, fault });
    } catch {
      // The client went away while it was sending.
      message.socket.destroy();
    }
  }

  async #carryOut(
    message: IncomingMessage,
    response: ServerResponse,
    { seen, id, fault }: { readonly seen: OpenRequest; readonly id: number; readonly fault: S3Fault | undefined },
  ): Promise<void> {
    const { keepsData = true, now = Date.now } = this.#options;
    const onBytes = (count: number): void => void (seen.bytes += count);
    const actions = fault === undefined ? [] : actionsOf(fault);
    const body = await receiveBody(message, { actions, keepsData, onBytes });
    if ('how' in body) {
      if (body.how === 'stallRequest') this.#stalls.add();
      else if (body.how === 'resetRequest') message.socket.resetAndDestroy();
      else message.socket.destroy();
      return;
    }
    const request: S3Request = { ...seen, body, id, now: now() };
    const outcome = answerS3(request, this.state, this.#settings);
    if (fault === undefined) this.#finish(response, seen, outcome, request.now);
    else {
      const { draft, changes } = damage(outcome, fault, request, this.#settings);
      for (const change of changes) this.state.apply(change);
      if (draft.ending.after !== null) seen.status = draft.status;
      await writeDraft(message.socket, draft, seen.method === 'HEAD', 16 * 1024, this.#stalls.add);
    }
  }

  #finish(response: ServerResponse, seen: OpenRequest, { answer, changes }: Outcome, now: number): void {
    for (const change of changes) this.state.apply(change);
    seen.status = answer.status;
    // Clients read the store's time from it.
    const date = ['Date', new Date(now).toUTCString()];
    response.writeHead(answer.status, [...date, ...answer.headers.flat()]);
    if (seen.method !== 'HEAD') for (const piece of answer.body) response.write(piece);
    response.end();
  }
}
