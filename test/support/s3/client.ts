// A client of the S3 API for tests, as the program has it, with waits that take no time.
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { HttpClient, type HttpClientOptions } from '../../../src/http/client.ts';
import { Dispatchers } from '../../../src/http/connect/dispatchers.ts';
import type { WireEvent } from '../../../src/http/request.ts';
import type { S3Access, S3Keys } from '../../../src/s3/access.ts';
import { S3Client } from '../../../src/s3/s3-client.ts';
import type { S3Double } from './double.ts';

/** Tries again at once. */
export const hastyClock: Clock = { ...systemClock, random: () => 0 };

export interface S3ClientSetup extends Partial<S3Access> {
  readonly bucket?: string;
  readonly clock?: Clock;
  readonly retries?: number;
  readonly timeouts?: HttpClientOptions['timeouts'];
  readonly wire?: WireEvent[];
}

/** Keys as the double has them. */
export function keysOf({ credentials }: S3Double): S3Keys {
  const { accessKeyId, secretAccessKey, sessionToken = null } = credentials;
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** Makes a client of the double for the running test. */
export function createS3Client(double: S3Double, setup: S3ClientSetup = {}): S3Client {
  const dispatchers = new Dispatchers({ tls: { verify: true }, env: {}, connectTimeoutMs: 5000 });
  onTestFinished(() => dispatchers.close());
  const http = new HttpClient({
    dispatchers,
    clock: setup.clock ?? hastyClock,
    userAgent: 'glance-cli/test',
    timeouts: setup.timeouts ?? { headersMs: 60_000, dataHeadersMs: 60_000, stallMs: 60_000 },
    retry: { retries: setup.retries ?? 2 },
    onWire: (event) => setup.wire?.push(event),
  });
  const keys = keysOf(double);
  const access: S3Access = {
    endpoint: setup.endpoint === undefined ? double.url : setup.endpoint,
    region: setup.region ?? double.region,
    keys: setup.keys ?? ((): Promise<S3Keys> => Promise.resolve(keys)),
  };
  return new S3Client(http, access, setup.bucket ?? 'images');
}
