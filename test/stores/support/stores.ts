// What the tests know of the stores that run.
import { inject, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { HttpClient } from '../../../src/http/client.ts';
import { Dispatchers } from '../../../src/http/connect/dispatchers.ts';
import type { S3Keys } from '../../../src/s3/access.ts';
import { S3Client } from '../../../src/s3/s3-client.ts';
import { type Reply, send } from '../../support/s3/ask.ts';
import { signHeaders } from '../../support/s3/signature.ts';

export type StoreName = 'rgw' | 'swift' | 'redis';

/** How to reach a store, as printed by the script that starts it. */
export type StoreVariables = Readonly<Record<string, string>>;

declare module 'vitest' {
  interface ProvidedContext {
    stores: Readonly<Partial<Record<StoreName, StoreVariables>>>;
  }
}

/** The running stores; tests of others are skipped. */
export const stores = inject('stores');

/** For use within tests, which are skipped without it. */
export function runningStore(name: StoreName): StoreVariables {
  const variables = stores[name];
  if (variables === undefined) throw new Error(`no ${name} is up`);
  return variables;
}

interface Access {
  readonly endpoint: URL;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function accessOf(name: StoreName): Access {
  const {
    AWS_ENDPOINT_URL_S3: endpoint = '',
    AWS_REGION: region = '',
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
  } = runningStore(name);
  return { endpoint: new URL(endpoint), region, accessKeyId, secretAccessKey };
}

/** Makes a bucket, which the program never does. */
export async function makeBucket(name: StoreName, bucket: string): Promise<void> {
  const { endpoint, region, ...credentials } = accessOf(name);
  const path = `/${bucket}`;
  const headers = signHeaders({ method: 'PUT', path, headers: { host: endpoint.host } }, credentials, {
    region,
    at: Date.now(),
    sha256: 'UNSIGNED-PAYLOAD',
  });
  const { status, body }: Reply = await send(
    endpoint,
    'PUT',
    path,
    { ...headers, 'content-length': '0' },
    Buffer.alloc(0),
  );
  if (status !== 200) throw new Error(`${name} answered ${String(status)} to a new bucket: ${body.toString()}`);
}

/** A client of the store for the running test. */
export function openClient(name: StoreName, bucket: string, keys: Partial<S3Keys> = {}): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = accessOf(name);
  const dispatchers = new Dispatchers({ tls: { verify: true }, env: {}, connectTimeoutMs: 10_000 });
  onTestFinished(() => dispatchers.close());
  const http = new HttpClient({
    dispatchers,
    clock: systemClock,
    userAgent: 'glance-cli/test',
    timeouts: { headersMs: 60_000, dataHeadersMs: 60_000, stallMs: 60_000 },
    retry: { retries: 2 },
  });
  const signing = { accessKeyId, secretAccessKey, sessionToken: null, ...keys };
  return new S3Client(http, { endpoint, region, keys: () => Promise.resolve(signing) }, bucket);
}
