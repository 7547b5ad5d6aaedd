import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkIdentity } from '../../../src/image/asked-id.ts';
import { jsonServer, versionList } from '../../support/servers/json-server.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const asked = '5eed0000-0000-4000-8000-00000000000a';
const other = '5eed0000-0000-4000-8000-00000000000b';

describe('an answer about another image', () => {
  it.each([
    [asked, asked],
    [asked.toUpperCase(), asked],
    [asked.replaceAll('-', ''), asked],
    ['1', '1'],
  ])('is accepted if %s was asked for and %s arrives', (query, id) => {
    expect(() => checkIdentity(query, id)).not.toThrow();
  });

  it.each([
    [asked, other],
    [asked, ''],
    ['A', 'a'],
    ['1', '01'],
  ])('is refused if %s was asked for and %s arrives', (query, id) => {
    expect(() => checkIdentity(query, id)).toThrow(expect.objectContaining({ code: 'metadata.invalid' }));
  });

  it.each([
    ['show', ['show', asked]],
    ['inspect', ['inspect', asked]],
    ['download', ['download', asked]],
    ['download by URI', ['download', 'URI']],
    ['members', ['members', asked]],
    ['verify', ['verify', 'file', asked]],
  ])('is refused by %s', async (_verb, argv) => {
    const server = await jsonServer((url) => {
      if (url.pathname === '/') return versionList('v2.9');
      return { body: { id: other, name: 'n', status: 'active', size: 4, tags: [], members: [] } };
    });
    const args = argv.map((word) => (word === 'URI' ? `${server.url.href}v2/images/${asked}` : word));
    const cwd = await tempDir();
    await writeFile(join(cwd, 'file'), 'data');
    const result = await runCli(['--endpoint', server.url.href, '--error-format', 'json', ...args], {
      cwd,
    });
    expect(result).toMatchObject({ code: 7, stdout: '' });
    expect(result.error()).toMatchObject({
      code: 'metadata.invalid',
      image: asked,
      message: `asked for image ${asked}, the server answered with image ${other}`,
    });
  });

  it('is refused if its members are asked for', async () => {
    const server = await jsonServer((url) => {
      if (url.pathname === '/') return versionList('v2.9');
      if (url.pathname.endsWith('/members')) return { body: { members: [{ image_id: other, member_id: 'p' }] } };
      return { body: { id: asked, name: 'n', status: 'active' } };
    });
    expect(await runCli(['--endpoint', server.url.href, 'members', asked])).toMatchObject({ code: 7, stdout: '' });
  });

  it('is refused for image data of API v1', async () => {
    const directory = await tempDir();
    const server = await jsonServer((_url, method) => ({
      body: method === 'GET' ? 'data' : '',
      headers: ['Content-Type: application/octet-stream', `X-Image-Meta-Id: ${method === 'GET' ? other : asked}`],
    }));
    const target = join(directory, 'target');
    const result = await runCli(['--endpoint', `${server.url.href}v1`, 'download', asked, '-o', target]);
    expect([result.code, await readdir(directory)]).toEqual([7, []]);
  });
});
