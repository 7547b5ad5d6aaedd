import { expect, test } from 'vitest';
import { type ComparedExchange, compareWithRecorded, type RecordedStore } from '../../support/s3/recorded.ts';

/** Exchanges that the double answers differently from the store, and why. */
const differing: Readonly<Record<RecordedStore, Readonly<Record<string, string>>>> = {
  rgw: {},
  swift: {
    'abort-completed': 'the id of the upload is in a key',
    'delete-multipart': 'the type of a body that is not there',
    'auth-none': 'a request without a signature is none of S3 to Swift',
  },
};

/** Headers of the connection, and those that are present by chance. */
const ofConnection = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding', 'content-length']);

/** Headers whose values are the store's own or change with time. */
const unstableHeaders = new Set([
  'x-amz-request-id',
  'x-amz-id-2',
  'x-trans-id',
  'x-openstack-request-id',
  'last-modified',
]);

/** Elements of which only the presence is compared. */
const unstableElements = new Set([
  'RequestId',
  'HostId',
  'LastModified',
  'Initiated',
  'UploadId',
  'UploadIdMarker',
  'NextUploadIdMarker',
  'Location',
  'StringToSign',
  'StringToSignBytes',
  'SignatureProvided',
  'CanonicalRequest',
  'CanonicalRequestBytes',
  'Reason',
]);

function comparableHeaders(pairs: readonly (readonly [name: string, value: string])[]): readonly string[] {
  return pairs
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !ofConnection.has(name))
    .map(([name, value]) => `${name}: ${unstableHeaders.has(name) ? '…' : value}`)
    .toSorted();
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Each element of a document with its path and its text; only elements with the same name keep their order. */
function comparableXml(text: string): readonly string[] {
  const path: string[] = [];
  const counts = new Map<string, number>();
  const lines: string[] = [];
  let last = '';
  for (const [, close, name = '', end, content] of text.matchAll(/<(\/?)([A-Za-z0-9]+)[^>]*?(\/?)>|([^<]+)/g)) {
    if (content !== undefined) {
      last = content;
      continue;
    }
    if (close === '') {
      const within = [...path, name].join('/');
      counts.set(within, (counts.get(within) ?? 0) + 1);
      path.push(`${name} ${String(counts.get(within))}`);
      last = '';
    }
    if (close === '/' || end === '/') {
      const isUnstable = name === 'Message' || unstableElements.has(name);
      const value = last.replaceAll(/&(\w+);/g, (_, entity: string) => entities[entity] ?? '?');
      lines.push(`${path.join('/')} = ${isUnstable && value !== '' ? '…' : value}`);
      path.pop();
      last = '';
    }
  }
  return lines.toSorted();
}

interface Comparison {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string | readonly string[];
}

function comparable(status: number, headers: readonly (readonly [string, string])[], body: Buffer): Comparison {
  const text = body.toString('utf8').replace(/^<\?xml[^>]*\?>\s*/, '');
  const isDocument = body.subarray(0, 5).toString() === '<?xml';
  return { status, headers: comparableHeaders(headers), body: isDocument ? comparableXml(text) : text };
}

function compare({ recorded, ours }: ComparedExchange): { ours: Comparison; recorded: Comparison } {
  const pairs = recorded.headers.map(({ name, value }) => [name.toString('latin1'), value.toString('latin1')] as const);
  return {
    ours: comparable(ours.status, ours.headers, ours.body),
    recorded: comparable(recorded.status, pairs, recorded.body),
  };
}

const exchanges = { rgw: await compareWithRecorded('rgw'), swift: await compareWithRecorded('swift') };

for (const store of ['rgw', 'swift'] as const) {
  const differs = differing[store];
  test.for(exchanges[store].filter(({ name }) => !Object.hasOwn(differs, name)))(
    `answers $name as a real ${store} did: $note`,
    (exchange) => {
      const { ours, recorded } = compare(exchange);

      expect(ours).toEqual(recorded);
    },
  );

  test.for(Object.entries(differs))(`still differs from a real ${store} in %s: %s`, ([name]) => {
    const exchange = exchanges[store].find((one) => one.name === name);
    if (exchange === undefined) throw new Error(`there is no recording ${name}`);

    const { ours, recorded } = compare(exchange);

    expect(ours).not.toEqual(recorded);
  });
}
