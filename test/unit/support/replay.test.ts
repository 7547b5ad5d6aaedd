import { expect, onTestFinished, test } from 'vitest';
import { findHeader, getRecording, readRecordings } from '../../support/recorded.ts';
import { fetchHttp, requestText, sendRaw } from '../../support/servers/raw-client.ts';
import { type ReplayServer, startReplay } from '../../support/servers/replay.ts';

async function start(...names: string[]): Promise<ReplayServer> {
  const server = await startReplay(names.map((name) => getRecording(name)));
  onTestFinished(() => server.close());
  return server;
}

test('reads every recording with the status and body length in the index', () => {
  const recordings = readRecordings();

  expect(recordings).toHaveLength(185);
  expect(recordings.filter(({ status }) => status >= 200 && status <= 500)).toHaveLength(185);
  expect(getRecording('get-plain').body).toHaveLength(1024);
});

test('reads headers as bytes, in order, line feeds included', () => {
  const { headers, reason } = getRecording('head-line-breaks');

  expect(reason).toBe('OK');
  expect(
    headers.filter(({ name }) => name.toString() === 'X-Image-Meta-Owner').map(({ value }) => value.toString()),
  ).toEqual(['mallory', 'adm']);
  expect(findHeader(getRecording('head-line-breaks'), 'x-image-meta-property-description')).toBe('line one\nline two');
  expect(findHeader(getRecording('head-unicode'), 'x-image-meta-property-note')).toBe('naïve café');
});

test('joins the chunks of a body', () => {
  expect(getRecording('cache-first-get').body).toEqual(getRecording('get-plain').body);
});

test('knows what was sent besides Host', () => {
  expect(getRecording('get-plain').requestHeaders).toEqual([['Accept', '*/*']]);
  expect(getRecording('get-unknown-no-accept').requestHeaders).toEqual([]);
  expect(getRecording('auth-bad').requestHeaders).toContainEqual(['X-Auth-Token', 'expired']);
});

test('answers with the recorded bytes and closes', async () => {
  const server = await start('head-line-breaks', 'cache-first-get');
  const { method, path, raw } = getRecording('head-line-breaks');

  const answer = await sendRaw(server.url, requestText(method, path, 'Accept: a/b'));

  expect(answer).toMatchObject({ bytes: raw, failure: null });
  expect(server.requests).toEqual([{ method, path, headers: { host: 'test', accept: 'a/b' } }]);
});

test('sends chunks as they were recorded, and ends where the recording does', async () => {
  const server = await start('cache-first-get', 'get-breaks-off');
  const urlOf = (name: string): URL => new URL(getRecording(name).path, server.url);

  expect((await fetchHttp(urlOf('cache-first-get'))).body).toEqual(getRecording('cache-first-get').body);
  await expect(fetchHttp(urlOf('get-breaks-off'))).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('distinguishes clients of one path by their token', async () => {
  const server = await start('policy-head', 'head-plain', 'members-owner', 'members-stranger');
  const { path } = getRecording('members-owner');
  const statusFor = async (token: string): Promise<string> => {
    const { head } = await sendRaw(server.url, requestText('GET', path, `X-Auth-Token: ${token}`));
    return head.slice(9, 12);
  };

  expect(await statusFor('ann:t1:member')).toBe('200');
  expect(await statusFor('eve:t9:member')).toBe('404');
  expect(await statusFor('nobody')).toBe('501');
});

test('says so if something was not recorded', async () => {
  const server = await start('head-plain');

  expect(await fetchHttp(new URL('/v1/images', server.url))).toMatchObject({ status: 501, reason: 'Not Recorded' });
});
