// The library logs in to a real Keystone as the command does, and reads a real Glance.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GlanceClient, GlanceError, type ProgressEvent } from '../../src/index.ts';
import { tempDir } from '../support/temp-dir.ts';
import { getSample, runningStack, sampleId, stack } from './support/stack.ts';

/** None of the machine's own configuration is used. */
function environment(): Readonly<Record<string, string>> {
  return { OS_CLIENT_CONFIG_FILE: join(runningStack().state, 'clouds.yaml') };
}

async function connect(cloud: string): Promise<GlanceClient> {
  const client = await GlanceClient.connect({ cloud, env: environment() });
  onTestFinished(() => client.close());
  return client;
}

describe.skipIf(stack === null)('GlanceClient', () => {
  test.each(['demo', 'demo-ids', 'demo-unversioned'])(
    'logs in to the cloud %s, finds by name, lists',
    async (cloud) => {
      const client = await connect(cloud);
      expect((await client.api()).version).toBe(2);
      const image = await client.find('digits');
      expect(image).toMatchObject({ id: sampleId(18), size: 1000 });
      const ids: string[] = [];
      for await (const { id } of client.list({ status: 'active' })) ids.push(id);
      expect(ids).toContain(sampleId(18));
      expect(new Set(ids).size).toBe(ids.length);
    },
  );

  test('downloads to a file once, verified by the multihash', async () => {
    const client = await connect('demo');
    const path = join(await tempDir(), 'digits');
    const image = await client.find(sampleId(18));
    const events: ProgressEvent[] = [];
    const onEvent = (event: ProgressEvent): unknown => events.push(event);
    expect(await client.download(image, path, { onEvent })).toMatchObject({
      outcome: 'downloaded',
      bytes: 1000,
      verified_by: 'sha512',
    });
    expect(
      createHash('sha512')
        .update(await readFile(path))
        .digest('hex'),
    ).toBe(getSample(18).sha512);
    expect(events.length).toBeGreaterThan(0);
    expect((await client.download(image, path)).outcome).toBe('current');
  });

  test('streams data, and tells what it is', async () => {
    const client = await connect('demo');
    const image = await client.find(sampleId(1));
    const hash = createHash('md5');
    for await (const chunk of client.open(image)) hash.update(chunk as Buffer);
    expect(hash.digest('hex')).toBe(getSample(1).md5);
    expect(await client.inspect(image)).toMatchObject({ format: 'qcow2' });
  });

  test('fails with the same code as the command, and leaves nothing', async () => {
    const env = { ...environment(), OS_PASSWORD: 'wrong' };
    const auth = { OS_AUTH_URL: runningStack().keystone, OS_USERNAME: 'demo', OS_PROJECT_NAME: 'demo' };
    const refused = await GlanceClient.connect({ env: { ...env, ...auth } });
    await expect(refused.api()).rejects.toMatchObject({ code: 'auth.failed' });
    const directory = await tempDir();
    const client = await connect('demo');
    const image = await client.find(sampleId(18));
    const expected = [`sha256:${'0'.repeat(64)}`];
    const failed = client.download(image, join(directory, 'x'), { expect: expected });
    await expect(failed).rejects.toBeInstanceOf(GlanceError);
    expect(await readdir(directory)).toEqual([]);
  });

  test('rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    controller.abort(reason);
    const client = await GlanceClient.connect({ cloud: 'demo', env: environment(), signal: controller.signal });
    await expect(client.api()).rejects.toBe(reason);
  });
});
