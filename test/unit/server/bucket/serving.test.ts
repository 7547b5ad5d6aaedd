// A mirror in a bucket as clients of `serve` see it, and what the store is asked for them.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BucketFiles } from '../../../../src/mirror/places/bucket/bucket-files.ts';
import { type FailureRecord, type RunningServer, startServer } from '../../../../src/server/app.ts';
import { BucketCatalog } from '../../../../src/server/bucket/bucket-catalog.ts';
import { makeBytes } from '../../../support/images.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { fetchHttp, type HttpAnswer, requestText } from '../../../support/servers/raw-client.ts';
import { createS3Client } from '../../../support/s3/client.ts';
import { type S3Double, type S3Fault, type S3FaultAction, startS3 } from '../../../support/s3/double.ts';
import { putImage, putIndex, putObject } from '../../../support/s3/mirror.ts';

const bytes = makeBytes(300_000);

interface Served {
  readonly server: RunningServer;
  readonly store: S3Double;
  readonly failures: readonly FailureRecord[];
  readonly fetch: (path: string, headers?: Readonly<Record<string, string>>, method?: string) => Promise<HttpAnswer>;
  /** Requests to the store since this was last called, with their ranges. */
  readonly asked: () => (string | undefined)[][];
  readonly damage: (...actions: readonly S3FaultAction[]) => void;
}

async function serve(more: readonly string[] = []): Promise<Served> {
  const store = await startS3();
  const empty = more.map((id) => putImage(store, '', '', { id }));
  putIndex(store, '', [putImage(store, '', bytes, { id: '1' }), ...empty]);
  const files = new BucketFiles(createS3Client(store), '');
  const clock = new ManualClock();
  const { signal } = new AbortController();
  const catalog = await BucketCatalog.open(files, 's3://images', { clock, warn: () => undefined, signal });
  const failures: FailureRecord[] = [];
  const server = await startServer({ catalog, port: 0, clock, onFailure: (record) => failures.push(record) });
  onTestFinished(async () => {
    await server.close();
    await catalog.close();
  });
  const before = store.requests.length;
  return {
    server,
    store,
    failures,
    fetch: async (path, headers = {}, method = 'GET') =>
      await fetchHttp(new URL(path, server.url), { headers, method }),
    asked: () => store.requests.slice(before).map(({ key, headers }) => [key, headers['range']]),
    damage: (...actions) => {
      const fault: S3Fault = { on: { key: '1/1.raw' }, do: actions };
      store.become({ faults: [fault] });
    },
  };
}

const paths = ['/v1/images/1', '/v2/images/1/file'] as const;

describe.each(paths)('GET %s', (path) => {
  test('makes one request to the store, and sends what is there', async () => {
    const { fetch, asked } = await serve();

    const answer = await fetch(path);

    expect([answer.status, answer.headers['content-length'], answer.body.equals(bytes)]).toEqual([200, '300000', true]);
    expect(asked()).toEqual([['1/1.raw', undefined]]);
  });

  test('passes a range through', async () => {
    const { fetch, asked } = await serve();

    const answer = await fetch(path, { range: 'bytes=1000-199999' });
    const last = await fetch(path, { range: 'bytes=-10' });

    expect([answer.status, answer.headers['content-range']]).toEqual([206, 'bytes 1000-199999/300000']);
    expect(answer.body.equals(bytes.subarray(1000, 200_000))).toBe(true);
    expect(last.body.equals(bytes.subarray(-10))).toBe(true);
    expect(asked()).toEqual([
      ['1/1.raw', 'bytes=1000-199999'],
      ['1/1.raw', 'bytes=299990-299999'],
    ]);
  });

  test.each([
    ['has trouble', { type: 'error', code: 'InternalError' }],
    ['slows down', { type: 'error', code: 'SlowDown' }],
    ['refuses', { type: 'error', code: 'AccessDenied' }],
    ['hangs up', { type: 'reset', afterBytes: null }],
    ['hangs up after its headers', { type: 'reset', afterBytes: 0 }],
    ['sends a page of its proxy', { type: 'html' }],
  ] as const)('is 503 where the store %s', async (_, action) => {
    const { fetch, damage, failures } = await serve();
    damage(action);

    const answer = await fetch(path, { accept: 'text/html' });

    expect([answer.status, answer.reason]).toEqual([503, 'Service Unavailable']);
    expect(answer.body.toString()).toContain('The server is currently unavailable.');
    expect(failures).toMatchObject([
      { path, requestId: answer.headers['x-openstack-request-id'], error: { code: /^place\./ } },
    ]);
  });

  test('answers 503 if the object was replaced', async () => {
    const { fetch, store } = await serve();
    putObject(store, '1/1.raw', Buffer.alloc(bytes.length));

    expect((await fetch(path)).status).toBe(503);
    expect((await fetch(path, { range: 'bytes=5-9' })).status).toBe(503);
  });

  test.each([
    ['breaks off', { type: 'reset', afterBytes: 100_000 }],
    ['ends', { type: 'cut', afterBytes: 100_000 }],
  ] as const)('is broken off where the store %s in the middle', async (_, action) => {
    const { fetch, damage, failures } = await serve();
    damage(action);

    await expect(fetch(path)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(failures).toHaveLength(1);
  });

  test.each([
    ['that has not begun', null],
    ['in the middle', 100_000],
  ])('ends an answer of the store %s when its client hangs up', async (_, after) => {
    const { server, damage, store, failures } = await serve();
    damage({ type: 'stall', afterBytes: after });
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resume().write(requestText('GET', path));
    await store.waitForStalls(1);
    const open = store.connections();

    socket.destroy();

    await expect.poll(() => [store.connections(), server.connections()]).toEqual([open - 1, 0]);
    expect(failures).toEqual([]);
  });
});

test('makes no request to the store for lists, records, HEAD and empty data', async () => {
  const { fetch, asked } = await serve(['2']);

  const answers = [
    await fetch('/v1/images/detail'),
    await fetch('/v2/images'),
    await fetch('/v2/images/1'),
    await fetch('/v1/images/1', {}, 'HEAD'),
    await fetch('/v2/images/1/file', {}, 'HEAD'),
    await fetch('/v1/images/2'),
    await fetch('/v2/images/2/file'),
    await fetch('/v2/images/1/file', { range: 'bytes=9999999-' }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 405, 200, 200, 416]);
  expect(asked()).toEqual([]);
});
