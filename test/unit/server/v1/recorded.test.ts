import { expect, test } from 'vitest';
import type { ApiVersion, HandlerOptions, ServerRequest } from '../../../../src/server/answers/answer.ts';
import { answerRequest, defaultHandlerOptions } from '../../../../src/server/handler.ts';
import { v1Versions } from '../../../../src/server/versions.ts';
import { readRecordings, type RecordedExchange } from '../../../support/recorded.ts';
import { type Comparison, compareAnswer } from '../comparison.ts';
import { makeRecordedCatalog, type Moment } from './recorded-catalog.ts';

const recordings = readRecordings();

const identity = 'another identity’s view: this server has no identities';
const write = 'the write side: this server only reads';
const cache = 'an image cache’s doing';
const policy = 'a policy’s doing';
const notHttp = 'not valid HTTP: such properties are left out of headers here';

/** Exchanges that this server answers differently, and why. */
const differing: Readonly<Record<string, string>> = {
  'get-private-stranger': identity,
  'members-stranger': identity,
  'list-admin': identity,
  'list-admin-is-public-none': identity,
  'list-admin-is-public-false': identity,
  'list-member-is-public-false': identity,
  'shared-images-other': identity,
  'policy-get': policy,
  'policy-get-queued': policy,
  'cache-first-get': cache,
  'cache-second-get': cache,
  'cache-altered-first': cache,
  'cache-unicode-first': cache,
  'head-made-with-v2': notHttp,
  'head-line-breaks': notHttp,
  'get-id-utf8': 'a fault of the recorded server: an id outside ASCII is a 404 here',
  'get-missing-in-store': 'the path in the store is told to nobody here',
  create: write,
  'create-queued': write,
  'create-duplicate': write,
  'create-bad-format': write,
  'create-bad-header': write,
  update: write,
  delete: write,
  'delete-again': write,
  'delete-protected': write,
  'delete-queued': write,
};

/** Exchanges not recorded in the main part of the session. */
const moments: Readonly<Record<string, Moment>> = {
  'versions-accept-header': 'early',
  'v1-0-alias': 'early',
  'v1-root-slash': 'early',
  'head-saving': 'uploading',
  'get-v2-queued': 'late',
  'detail-v2-queued': 'late',
  'head-big': 'late',
  'get-big': 'late',
};

/** The recorded server also had API v2. */
const versions: readonly ApiVersion[] = [
  { id: 'v2.6', status: 'CURRENT', path: 'v2' },
  ...[5, 4, 3, 2, 1, 0].map((minor) => ({ id: `v2.${String(minor)}`, status: 'SUPPORTED', path: 'v2' as const })),
  ...v1Versions,
];

function toRequest(exchange: RecordedExchange): ServerRequest {
  const headers = new Map([['host', '127.0.0.1:19191']]);
  for (const [name, value] of exchange.requestHeaders) headers.set(name.toLowerCase(), value);
  return { method: exchange.method, target: exchange.path, headers };
}

function optionsFor({ name, requestHeaders }: RecordedExchange): HandlerOptions {
  const wantsToken = /^auth-(?:none|bad)/.test(name);
  const hasToken = requestHeaders.some(([header]) => header === 'X-Auth-Token');
  return {
    ...defaultHandlerOptions,
    versions,
    ranges: false,
    token: wantsToken ? 'the right one' : null,
    view: hasToken ? 'everything' : 'anonymous',
  };
}

/** Names and values as they would go over the wire, except for what belongs to the connection or is random. */
function comparable(pairs: readonly (readonly [string, string])[], request: ServerRequest): string[] {
  const own = request.headers.get('x-openstack-request-id');
  return pairs
    .filter(([name]) => name !== 'Connection')
    .map(([name, value]) => {
      const isRandom = name === 'X-Openstack-Request-Id' && own === undefined;
      return `${name}: ${isRandom ? value.replace(/^req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'random') : value}`;
    })
    .toSorted();
}

function compare(exchange: RecordedExchange): Promise<{ ours: Comparison; recorded: Comparison }> {
  const request = toRequest(exchange);
  const answer = answerRequest(request, makeRecordedCatalog(moments[exchange.name] ?? 'main'), optionsFor(exchange));
  // Two recordings end before their body does.
  const isCutOff = exchange.name === 'get-breaks-off' || exchange.name === 'get-big';
  const bytes = isCutOff ? exchange.body.length : undefined;
  return compareAnswer(answer, exchange, (headers) => comparable(headers, request), bytes);
}

test.for(recordings.filter(({ name }) => !Object.hasOwn(differing, name)))(
  'answers $name as the recorded server did: $note',
  async (exchange) => {
    const { ours, recorded } = await compare(exchange);

    expect(ours).toEqual(recorded);
  },
);

test.for(Object.entries(differing))('still differs in %s: %s', async ([name]) => {
  const exchange = recordings.find((recording) => recording.name === name);
  if (exchange === undefined) throw new Error(`there is no recording ${name}`);

  const { ours, recorded } = await compare(exchange);

  expect(ours).not.toEqual(recorded);
});
