// Every recorded exchange of a real Glance v1, as this program sees it: how it interprets each, or why it refuses it.
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { GlanceError } from '../../../src/errors.ts';
import { HttpClient } from '../../../src/http/client.ts';
import type { HttpAnswer } from '../../../src/http/request.ts';
import { Dispatchers } from '../../../src/http/connect/dispatchers.ts';
import { checkDataAnswer } from '../../../src/image/data-answer.ts';
import type { Image } from '../../../src/image/image.ts';
import { buildV1Image } from '../../../src/image/v1/fields.ts';
import { takeWhole } from '../../../src/image/paging.ts';
import { parseImageHeaders } from '../../../src/image/v1/headers.ts';
import { parseImageList, parseMembers, parseSharedImages } from '../../../src/image/v1/records.ts';
import { parseVersions } from '../../../src/image/discovery.ts';
import { rawServer } from '../../support/servers/raw-server.ts';
import { getRecording, readRecordings, type RecordedExchange } from '../../support/recorded.ts';
import { outcomes } from './recorded-outcomes.ts';

const unknownImage = (id: string): Image =>
  buildV1Image({ fields: new Map([['id', id]]), properties: new Map(), nullIsWritten: false }, null);

async function ask(recording: RecordedExchange): Promise<HttpAnswer> {
  const { url } = await rawServer((_request, socket) => socket.end(recording.raw));
  const dispatchers = new Dispatchers({ tls: { verify: true }, env: {}, connectTimeoutMs: 5000 });
  onTestFinished(() => dispatchers.close());
  const timeouts = { headersMs: 5000, dataHeadersMs: 5000, stallMs: 5000 };
  const client = new HttpClient({
    dispatchers,
    clock: systemClock,
    userAgent: 'test',
    timeouts,
    retry: { retries: 0 },
  });
  return await client.send({
    method: recording.method === 'HEAD' ? 'HEAD' : 'GET',
    url: new URL(recording.path, url),
    accept: 'application/json',
    token: null,
    purpose: recording.path === '/v1?limit=1' ? 'metadata' : 'data',
    signal: new AbortController().signal,
    alsoAccept: [300],
  });
}

async function readOutcome(recording: RecordedExchange): Promise<string> {
  try {
    return await interpret(recording, await ask(recording));
  } catch (error) {
    if (!(error instanceof GlanceError)) throw error;
    const { httpStatus } = error.facts;
    const said = /: (.+)$/s.exec(error.message)?.[1] ?? '';
    return httpStatus === undefined
      ? error.code
      : `${error.code} ${String(httpStatus)}${said === '' ? '' : `: ${said}`}`;
  }
}

async function interpret(recording: RecordedExchange, answer: HttpAnswer): Promise<string> {
  const [path = ''] = recording.path.split('?');
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const id = /\/images\/([^/]+)$/.exec(path)?.[1];
  if (recording.method === 'HEAD' && id !== undefined) {
    const image = parseImageHeaders(answer.headers, id, warn);
    return `image ${image.status ?? '-'} ${String(image.size)} bytes, ${String(Object.keys(image.properties).length)} properties`;
  }
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  if (recording.method !== 'GET') return `${recording.method} answered ${String(answer.status)}`;
  if (id !== undefined && id !== 'detail' && !isJson) {
    checkDataAnswer(answer, unknownImage(id), null, {});
    return `${String((await buffer(answer.body)).length)} bytes of data`;
  }
  const value: unknown = JSON.parse((await buffer(answer.body)).toString('utf8'));
  if (path.endsWith('/members')) return `${String(parseMembers(value, 'x').length)} members`;
  if (path.includes('/shared-images/')) return `${String(parseSharedImages(value, 'x').length)} shared images`;
  const versions = parseVersions(value);
  if (versions !== null) return `versions ${versions.join(' ')}`;
  return `${String(parseImageList(value).length)} images`;
}

describe('each recorded exchange', () => {
  it.each(readRecordings().map((recording) => [recording.name, recording] as const))('%s', async (name, recording) => {
    expect(await readOutcome(recording)).toBe(outcomes[name]);
  });

  it('has an expected outcome, and each outcome a recording', () => {
    expect(Object.keys(outcomes).toSorted()).toEqual(
      readRecordings()
        .map(({ name }) => name)
        .toSorted(),
    );
  });
});

describe('a recorded image', () => {
  const parse = async (name: string): Promise<Image> => {
    const recording = getRecording(name);
    return parseImageHeaders((await ask(recording)).headers, recording.path.split('/').at(-1) ?? '', () => undefined);
  };

  it('is the same from its headers as from the detailed list', async () => {
    const detail = getRecording('detail-all');
    const listed = parseImageList(JSON.parse(detail.body.toString('utf8'))).map(takeWhole);
    for (const name of [
      'head-plain',
      'head-qcow2',
      'head-vhd-ovf',
      'head-ami',
      'head-unicode',
      'head-owner-null',
      'head-owner-word-null',
      'head-zero-bytes',
      'head-no-name',
    ]) {
      const image = await parse(name);
      expect({ name, image: { ...image, properties: { ...image.properties } } }).toEqual({
        name,
        image: listed
          .map((each) => ({ ...each, properties: { ...each.properties } }))
          .find(({ id }) => id === image.id),
      });
    }
  });

  it('has its non-ASCII text as intended', async () => {
    const image = await parse('head-unicode');
    expect(image.name).toBe('Ünïcödé 日本語 ☃');
    expect({ ...image.properties }).toMatchObject({ note: 'naïve café', rtl: 'עברית', greek: 'Ελληνικά' });
  });

  it('distinguishes an owner called null from no owner', async () => {
    expect((await parse('head-owner-word-null')).owner).toBe('null');
    expect((await parse('head-owner-null')).owner).toBeNull();
  });

  it('from the image cache has its properties, though they lost their prefix', async () => {
    expect({ ...(await parse('cache-second-get')).properties }).toEqual({
      distro: 'Ubuntu 10.04 LTS',
      architecture: 'x86_64',
    });
  });
});
