import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeQcow2 } from '../../../examples/demo/images/qcow2.ts';
import { AmbiguousImageError, GlanceClient, type ProgressEvent, systemOf } from '../../../src/index.ts';
import { codeOf } from '../../support/code-of.ts';
import { glance } from '../../support/glance.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { tempDir } from '../../support/temp-dir.ts';

const data = makeBytes(3_000_000);
const catalog = [
  makeEntry(data, { id: '1', name: 'one' }),
  makeEntry(writeQcow2({ size: 1_048_576, pieces: [] }), { id: '2', name: 'two', disk_format: 'qcow2' }),
  makeEntry('x', { id: '3', name: 'two' }),
];

/** A server with these images, and a client of it. */
async function open() {
  const server = await glance(catalog);
  const client = await GlanceClient.connect({ endpoint: server.url });
  onTestFinished(() => client.close());
  return { server, client };
}

describe('a GlanceClient', () => {
  it('lists, finds by id and by name, and reports ambiguous names', async () => {
    const { client } = await open();
    const ids: string[] = [];
    for await (const { id } of client.list({ sort: [{ key: 'id', direction: 'asc' }] })) ids.push(id);
    expect([(await client.api()).version, ids]).toEqual([1, ['1', '2', '3']]);
    expect([(await client.find('2')).id, (await client.find('one')).id]).toEqual(['2', '1']);
    await expect(client.find('two')).rejects.toBeInstanceOf(AmbiguousImageError);
    expect(await codeOf(client.find('nosuch'))).toBe('image.not_found');
  });

  it('downloads to a verified file, and reports events', async () => {
    const { client } = await open();
    const [directory, events] = [await tempDir(), [] as ProgressEvent['event'][]];
    const path = join(directory, 'one.raw');
    const image = await client.find('one');
    const result = await client.download(image, path, { onEvent: ({ event }) => events.push(event) });
    expect(result).toMatchObject({ outcome: 'downloaded', path, bytes: data.length, verified_by: 'md5' });
    expect([(await readFile(path)).equals(data), events[0], events.at(-1)]).toEqual([true, 'start', 'done']);
    expect(await readdir(directory)).toEqual(['one.raw']);
    expect(await client.download(image, path)).toMatchObject({ outcome: 'current' });
  });

  it('never replaces a file without being told to, even if other data is required', async () => {
    const { client } = await open();
    const path = join(await tempDir(), 'f');
    await writeFile(path, 'mine');
    const image = await client.find('one');
    expect(await codeOf(client.download(image, path))).toBe('io.exists');
    const demanded = [`sha256:${'0'.repeat(64)}`];
    expect(await codeOf(client.download(image, path, { force: true, expect: demanded }))).toBe('integrity.digest');
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('streams, and fails the stream at its end if a bit is wrong', async () => {
    const { client } = await open();
    const image = await client.find('one');
    const sha256 = createHash('sha256').update(data).digest('hex');
    const whole = await buffer(client.open(image, { expect: [`sha256:${sha256}`] }));
    expect(whole.equals(data)).toBe(true);
    const wrong = client.open(image, { expect: [`sha256:${'0'.repeat(64)}`] });
    expect(await codeOf(buffer(wrong))).toBe('integrity.digest');
  });

  it('warns of unsafe data, and names the image that fails, whether it streams or downloads', async () => {
    const server = await glance([makeEntry('no disk at all', { id: '1', name: 'one', disk_format: 'qcow2' })]);
    const warnings: string[] = [];
    const client = await GlanceClient.connect({ endpoint: server.url, onWarning: (text) => void warnings.push(text) });
    onTestFinished(() => client.close());
    await buffer(client.open('one'));
    const streamed = warnings.splice(0);
    expect(streamed).toMatchObject([expect.stringContaining('one is not safe (')]);
    await client.download('one', join(await tempDir(), 'f'));
    expect(warnings).toEqual(streamed);
    const expected = { expect: [`sha256:${'0'.repeat(64)}`] };
    const failure = { code: 'integrity.digest', facts: { image: '1' } };
    await expect(buffer(client.open('one', expected))).rejects.toMatchObject(failure);
    await expect(client.download('one', join(await tempDir(), 'f'), expected)).rejects.toMatchObject(failure);
  });

  it('warns that a stream was not verified if there is no digest', async () => {
    const server = await glance([makeEntry(data, { id: '1', name: 'one', checksum: null })]);
    const warnings: string[] = [];
    const client = await GlanceClient.connect({ endpoint: server.url, onWarning: (text) => void warnings.push(text) });
    onTestFinished(() => client.close());
    expect((await buffer(client.open('one'))).equals(data)).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('one: not verified: ')]);
  });

  it('with `spool` streams nothing before all is verified, and leaves no temporary file', async () => {
    const server = await glance(catalog);
    const tmpdir = await tempDir();
    const client = await GlanceClient.connect({ endpoint: server.url, system: { ...systemOf(process), tmpdir } });
    onTestFinished(() => client.close());
    const whole = client.open('one', { spool: true });
    let spooled: string[] = [];
    whole.once('readable', () => (spooled = readdirSync(tmpdir)));
    expect((await buffer(whole)).equals(data)).toBe(true);
    expect(spooled).toEqual([expect.stringContaining('spool')]);
    const wrong = client.open('one', { spool: true, expect: [`sha256:${'0'.repeat(64)}`] });
    let bytes = 0;
    wrong.on('data', (chunk: Buffer) => (bytes += chunk.length));
    expect(await codeOf(finished(wrong))).toBe('integrity.digest');
    expect(bytes).toBe(0);
    await expect.poll(() => readdirSync(tmpdir)).toEqual([]);
  });

  it('refuses to stream what is not safe or not signed if that is demanded, and warns otherwise', async () => {
    const bad = writeQcow2({ size: 1_048_576, pieces: [] }, { backingFile: '/etc/passwd', backingFormat: 'raw' });
    const server = await glance([makeEntry(bad, { id: '4', name: 'unsafe', disk_format: 'qcow2' })]);
    const warnings: string[] = [];
    const onWarning = (message: string): void => void warnings.push(message);
    const client = await GlanceClient.connect({ endpoint: server.url, onWarning });
    onTestFinished(() => client.close());
    expect((await buffer(client.open('unsafe'))).equals(bad)).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('unsafe is not safe')]);
    expect(await codeOf(buffer(client.open('unsafe', { requireSafe: true })))).toBe('unsafe.image');
    expect(await codeOf(buffer(client.open('unsafe', { verifySignature: true })))).toMatch(/^signature\./);
  });

  it('closes the connection when its stream is destroyed', async () => {
    const { server, client } = await open();
    const stream = client.open(await client.find('one'));
    await once(stream, 'data');
    stream.destroy();
    await client.close();
    await expect.poll(() => server.connections()).toBe(0);
  });

  it('rejects with the reason of the signal', async () => {
    const { client } = await open();
    const image = await client.find('one');
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    expect(await codeOf(client.download(image, join(await tempDir(), 'f'), { signal }))).toBe(reason);
    expect(await codeOf(buffer(client.open(image, { signal })))).toBe(reason);
    expect(await codeOf(client.inspect(image, { signal }))).toBe(reason);
  });

  it('recognises what image data is', async () => {
    const { client } = await open();
    expect(await client.inspect(await client.find('2'))).toMatchObject({ id: '2', format: 'qcow2', safe: true });
  });

  it('accepts in every call what find accepts', async () => {
    const { client } = await open();
    expect(await client.inspect('2')).toMatchObject({ id: '2', format: 'qcow2' });
    expect((await buffer(client.open('one'))).equals(data)).toBe(true);
    const calls = [client.inspect('x'), client.inventory('x'), client.sbom('x'), client.members('x')];
    const wrong = [
      ...calls,
      buffer(client.open('x')),
      client.verify('package.json', 'x'),
      client.planDownload('x', 'f'),
    ];
    expect(await Promise.all(wrong.map(codeOf))).toEqual(wrong.map(() => 'image.not_found'));
  });

  it.each([
    [{ endpoint: 'ftp://x' }, 'config.invalid'],
    [{}, 'config.missing'],
    [{ endpoint: 'http://127.0.0.1:1', retries: 0 }, 'net.refused'],
    [{ cloud: 'nosuch' }, 'cloud.not_found'],
  ])('finds no Glance with %j: %s, whatever is asked', async (options, code) => {
    const client = await GlanceClient.connect(options);
    onTestFinished(() => client.close());
    const asked = [client.api(), client.find('one'), client.list().next(), client.audit().next(), client.stores()];
    expect(await Promise.all(asked.map(codeOf))).toEqual(asked.map(() => code));
    expect(await codeOf(client.mirror(await tempDir()).run())).toBe(code);
  });

  it('sends no request before it must, and none to the configured Glance for the image of a URI', async () => {
    const { server } = await open();
    const client = await GlanceClient.connect({});
    onTestFinished(() => client.close());
    expect(server.requests).toEqual([]);
    const image = await client.find(new URL('/v1/images/1', server.url).href);
    expect(image.name).toBe('one');
    const path = join(await tempDir(), 'f');
    expect(await client.download(image, path)).toMatchObject({ bytes: data.length });
    expect(await codeOf(client.find('one'))).toBe('config.missing');
  });

  it('connects once for concurrent calls, one of which may stop early', async () => {
    const { server, client } = await open();
    const [stop, reason] = [new AbortController(), new Error('enough')];
    const calls = [codeOf(client.find('1', { signal: stop.signal })), client.find('1'), client.api()];
    stop.abort(reason);
    expect(await Promise.all(calls)).toMatchObject([reason, { name: 'one' }, { version: 1, endpoint: server.url }]);
    expect(server.asked().filter((request) => request === 'GET /')).toHaveLength(1);
  });
});
