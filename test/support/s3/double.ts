// An S3 store in this process, on loopback: pure handlers, real signatures, and faults as values.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { fixture } from '../servers/raw-server.ts';
import type { SeenS3Request } from './request.ts';
import type { Credentials } from './signature.ts';
import type { Bucket, Change } from './state.ts';
import { Store, type StoreOptions } from './store.ts';

export type { S3Fault, S3FaultAction, S3FaultMatch } from './faults.ts';
export type { SeenS3Request } from './request.ts';

export interface S3Options extends StoreOptions {
  /** Its certificate, from test/fixtures/tls; absent: it speaks plain HTTP. */
  readonly certificate?: 'server' | 'other-name' | 'expired';
}

export interface S3Double {
  /** The endpoint. */
  readonly url: URL;
  /** What AWS's tools read from the environment to reach it. */
  readonly env: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  readonly region: string;
  /** Every request so far, in order. */
  readonly requests: readonly SeenS3Request[];
  /** How many requests of each operation have arrived so far. */
  readonly count: (operation: SeenS3Request['operation']) => number;
  /** Changes how it behaves from now on; faults are counted anew. */
  readonly become: (options: Omit<StoreOptions, 'buckets' | 'objects'>) => void;
  /** Bytes by key, in order: of the first bucket unless another is named. @throws Error if data was not kept */
  readonly dump: (bucket?: string) => ReadonlyMap<string, Buffer>;
  /** What there is, with ETags and uploads: of the first bucket unless another is named. */
  readonly bucket: (name?: string) => Bucket;
  /** Uploads that are neither completed nor aborted. */
  readonly openUploads: () => readonly {
    readonly key: string;
    readonly id: string;
    readonly parts: readonly number[];
  }[];
  /** Changes its contents, as another client would. */
  readonly apply: (change: Change) => void;
  readonly waitForStalls: (count: number) => Promise<void>;
  /** Connections open now. */
  readonly connections: () => number;
}

/** Starts one for the running test. */
export async function startS3(options: S3Options = {}): Promise<S3Double> {
  const { double, close } = await openS3(options);
  onTestFinished(close);
  return double;
}

/** Starts one that its caller has to close. */
export async function openS3(options: S3Options): Promise<{ double: S3Double; close: () => Promise<void> }> {
  const store = new Store(options);
  const sockets = new Set<Socket>();
  const server = listenOn(options, store);
  server.on(options.certificate === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const scheme = options.certificate === undefined ? 'http' : 'https';
  const url = new URL(`${scheme}://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => void server.close(resolve));
  };
  return { double: describe(store, url, () => sockets.size), close };
}

function listenOn({ certificate }: S3Options, store: Store): Server {
  const listener = (message: IncomingMessage, response: ServerResponse): void => void store.answer(message, response);
  if (certificate === undefined) return createServer({ keepAliveTimeout: 0 }, listener);
  const [cert, key] = [fixture(`tls/${certificate}.pem`), fixture(`tls/${certificate}.key`)];
  return createTlsServer({ keepAliveTimeout: 0, cert, key }, listener);
}

function describe(store: Store, url: URL, connections: () => number): S3Double {
  const { credentials, region } = store.settings;
  return {
    url,
    env: environmentOf(url, credentials, region),
    credentials,
    region,
    requests: store.requests,
    count: (operation) => store.requests.filter((request) => request.operation === operation).length,
    become: (changes) => store.become(changes),
    dump: (bucket) => store.dump(bucket),
    bucket: (name) => store.getBucket(name),
    openUploads: () =>
      [...store.getBucket().uploads.values()]
        .filter(({ isCompleted }) => !isCompleted)
        .map(({ key, id, parts }) => ({ key, id, parts: [...parts.keys()].toSorted((left, right) => left - right) })),
    apply: (change) => store.state.apply(change),
    waitForStalls: store.waitForStalls,
    connections,
  };
}

function environmentOf(url: URL, credentials: Credentials, region: string): Readonly<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return {
    AWS_ENDPOINT_URL_S3: url.origin,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}
