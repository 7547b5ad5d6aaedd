import { expect, test } from 'vitest';
import type { HandlerOptions, ServerRequest } from '../../../../src/server/answers/answer.ts';
import { answerRequest, defaultHandlerOptions } from '../../../../src/server/handler.ts';
import { v2Versions } from '../../../../src/server/versions.ts';
import { getRecording, readRecordings, type RecordedExchange } from '../../../support/recorded.ts';
import { type Comparison, compareAnswer } from '../comparison.ts';
import { makeRecordedV2Catalog } from './recorded-v2-catalog.ts';

const recordings = readRecordings('glance-v2');

const keyOrder = 'the keys of its JSON come in the order that the older recorded server has';
const contentRange = 'Content-Range is no header of requests: Glance takes it for Range';
const repeated = 'its links keep only the last of parameters that are repeated, and who follows them loses images';

/** Exchanges that this server answers differently, and why. */
const differing: Readonly<Record<string, string>> = {
  'versions-root': keyOrder,
  'versions-versions': keyOrder,
  'versions-unknown-host': keyOrder,
  'versions-v1-gone': keyOrder,
  'versions-v3-unknown': keyOrder,
  'file-content-range-garbage': contentRange,
  'file-content-range-middle': contentRange,
  'file-content-range-plain': contentRange,
  'file-content-range-star': contentRange,
  'file-content-range-unsatisfied': contentRange,
  'file-content-range-wrong-total': contentRange,
  'file-range-and-if-range': 'a range of what is not the image meant: all of it is sent',
  'file-range-suffix-0': 'the last 0 bytes are none: 416, as RFC 9110 has it',
  'file-queued-range': 'a fault of the recorded server: no data is 204 with a range too',
  'file-damaged-long-range': 'its data was not recorded',
  'info-import': 'nothing can be imported here',
  'info-stores': 'stores are those that the images here name',
  'list-filter-tag-two': repeated,
  'list-filter-tag-two-or': repeated,
  'list-next-loses-tag': repeated,
  'list-next-loses-sort-key': repeated,
  'list-sort-key-dir-many': repeated,
  'list-limit-twice': 'of a limit given twice the first becomes a filter there; here the last counts',
  'list-marker-null-size': 'images without size are lost there after such a marker',
  'list-marker-of-other': 'another project’s image: there are no projects here',
  'list-uri-8k': 'longer request lines are taken here',
  'schema-task': 'there are no tasks here',
  'schema-tasks': 'there are no tasks here',
};

const origin = '127.0.0.1:19292';

function toRequest(exchange: RecordedExchange): ServerRequest {
  const headers = new Map([['host', origin]]);
  for (const [name, value] of exchange.requestHeaders) headers.set(name.toLowerCase(), value);
  return { method: exchange.method, target: exchange.path, headers };
}

function optionsFor({ as }: RecordedExchange): HandlerOptions {
  return { ...defaultHandlerOptions, versions: v2Versions, token: as === null ? 'the right one' : null };
}

/** Sent on purpose although the recorded server does not: it makes ranges safe. */
const added: ReadonlySet<string> = new Set(['Etag', 'Accept-Ranges']);

function comparable(pairs: readonly (readonly [string, string])[], status: number): string[] {
  return pairs
    .filter(([name]) => name !== 'Connection' && !added.has(name) && (status !== 416 || name !== 'Content-Range'))
    .map(([name, value]) => {
      // The recorded server names its Keystone.
      if (name === 'Www-Authenticate') return `${name}: ${value.replace(/127\.0\.0\.1:\d+/, 'keystone')}`;
      return `${name}: ${value.replace(/^req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'random')}`;
    })
    .toSorted();
}

function compare(exchange: RecordedExchange): Promise<{ ours: Comparison; recorded: Comparison }> {
  const answer = answerRequest(toRequest(exchange), makeRecordedV2Catalog(exchange), optionsFor(exchange));
  return compareAnswer(answer, exchange, comparable);
}

test.for(Object.entries(differing))('still differs in %s: %s', async ([name]) => {
  const { ours, recorded } = await compare(getRecording(name, 'glance-v2'));

  expect(ours).not.toEqual(recorded);
});

test.for(Object.keys(differing).filter((name) => differing[name] === keyOrder))(
  'says the same as the recorded server in %s',
  async (name) => {
    const { ours, recorded } = await compare(getRecording(name, 'glance-v2'));

    expect({ ...ours, body: JSON.parse(ours.body) as unknown }).toEqual({
      ...recorded,
      body: JSON.parse(recorded.body) as unknown,
    });
  },
);

test.for(recordings.filter(({ name }) => !Object.hasOwn(differing, name)))(
  'answers $name as the recorded server did',
  async (exchange) => {
    const { ours, recorded } = await compare(exchange);

    expect(ours).toEqual(recorded);
  },
);
