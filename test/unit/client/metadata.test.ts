// What a program asks about images, and that the commands give the same answers.
import { describe, expect, it, onTestFinished } from 'vitest';
import { GlanceClient, type ListQuery } from '../../../src/index.ts';
import { v2Versions } from '../../../src/server/versions.ts';
import { codeOf } from '../../support/code-of.ts';
import { type Glance, glance } from '../../support/glance.ts';
import { makeEntry } from '../../support/images.ts';

async function connect({ url }: Glance, apiVersion?: 1 | 2): Promise<GlanceClient> {
  const client = await GlanceClient.connect({ endpoint: url, retries: 0, apiVersion });
  onTestFinished(() => client.close());
  return client;
}

describe('members', () => {
  it('are those that the command prints, of an image and of a project', async () => {
    const members = [
      { member_id: 't2', can_share: false },
      { member_id: 't3', can_share: true },
    ];
    const server = await glance([makeEntry('x', { id: 's', name: 'shared', visibility: 'private' }, members)]);
    const client = await connect(server);
    const printed = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await server.cli(['members', ...args, '-f', 'json'])).stdout);
    expect(await client.members('shared')).toMatchObject(members);
    expect(await client.members('shared')).toEqual(await printed('shared'));
    expect(await client.sharedWith('t3')).toMatchObject([{ image_id: 's', member_id: 't3' }]);
    expect(await client.sharedWith('t3')).toEqual(await printed('--shared-with', 't3'));
    expect(await client.sharedWith('nobody')).toEqual([]);
  });

  it('of a project are no question for API v2, nor stores for v1', async () => {
    const server = await glance([], [], { versions: v2Versions });
    expect(await codeOf((await connect(server, 2)).sharedWith('t2'))).toBe('usage.unsupported');
    expect(await codeOf((await connect(await glance([]), 1)).stores())).toBe('usage.unsupported');
  });
});

describe('an empty list', () => {
  it.each<[ListQuery, string[], string, number]>([
    [{ status: 'actve' }, ['--status', 'actve'], 'no images match "actve": did you mean "active"?', 0],
    [{ diskFormat: 'qcow3' }, ['--disk-format', 'qcow3'], 'no images match "qcow3": did you mean "qcow2"?', 0],
    [{ status: 'queued', limit: 5 }, ['--status', 'queued', '--limit', '5'], 'no images match', 0],
    [{ words: ['ubunto'] }, ['ubunto'], 'no images match: did you mean "ubuntu"?', 1],
    [{ words: ['ubuntu', '25'] }, ['ubuntu', '25'], 'no images match: see glance-cli list ubuntu', 1],
  ])('of %j is explained as by the command', async (query, args, why, requests) => {
    const server = await glance([makeEntry('x', { id: '1', name: 'ubuntu-24.04' })]);
    const client = await connect(server);
    await client.api();
    const before = server.requests.length;
    expect(await client.explainEmpty(query)).toBe(why);
    expect(server.requests.length - before).toBe(requests);
    expect((await server.cli(['list', ...args])).stderr).toBe(`${why}\n`);
  });

  it('of everything means that there is nothing', async () => {
    const client = await connect(await glance([]));
    expect(await client.explainEmpty({ sort: [{ key: 'name', direction: 'asc' }] })).toBe('there are no images');
  });
});
