// Errors offer a way out: for data that is damaged, and for everything that is missing.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { glance } from '../../support/glance.ts';
import { makeEntry } from '../../support/images.ts';
import { jsonServer, versionList } from '../../support/servers/json-server.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('data that does not match its digest', () => {
  const flip = { on: { path: /images\/1$/, method: 'GET' }, do: { type: 'flip', offset: 2 } } as const;
  const images = [makeEntry('data', { id: '1', name: 'one' }), makeEntry('more', { id: '2', name: 'two' })];

  it.each([[['-o', 'f']], [[]]])('is reported once with the image, and what to do: download one %j', async (argv) => {
    const { stderr, code } = await (
      await glance(images, [flip])
    ).cli(['download', 'one', ...argv], { cwd: await tempDir() });
    expect([code, stderr]).toEqual([
      6,
      expect.stringMatching(/^error: one: the md5 of the 4 bytes received is [\da-f]{32}; /m),
    ]);
    expect(stderr).toContain('hint: ');
  });

  it('is reported once with the image, among several', async () => {
    const { stderr, code } = await (
      await glance(images, [flip])
    ).cli(['download', 'one', 'two', '-o', 'd/'], { cwd: await tempDir() });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      /^error: one: the md5 of the 4 bytes received is [\da-f]{32}; .*\n {2}hint: run it again; /m,
    );
  });

  it.each([
    ['wrong', 'its file is not image one (1): its md5 differs'],
    ['other data', 'its file is not image one (1): it has 10 bytes, not 4'],
  ])('is reported with the file and how to replace it: verify, %j', async (content, message) => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'its file'), content.slice(0, content === 'wrong' ? 4 : 10));
    const { stderr, code } = await (await glance(images)).cli(['verify', 'its file', '1'], { cwd });
    expect([code, stderr]).toEqual([6, expect.stringContaining(`error: ${message}`)]);
    expect(stderr).toMatch(/hint: .* to replace it:\n {4}glance-cli download 1 -o 'its file' --force\n$/);
  });

  it('is reported with a command that leads to the same Glance', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'f'), 'wrong');
    const { href } = (await glance(images)).url;
    const { stderr } = await runCli(['--endpoint', href, 'verify', 'f', '1'], { cwd });
    expect(stderr).toContain(`\n    glance-cli --endpoint ${href} download 1 -o f --force\n`);
    const found = await runCli(['--endpoint', href, '--insecure', '--image-api-version', '1', 'show', 'nothing'], {
      cwd,
    });
    expect(found.stderr).toContain(`see glance-cli --endpoint ${href} --image-api-version 1 --insecure list`);
    for (const command of [['show'], ['download', '-o', 'd/']]) {
      const several = await runCli(['--endpoint', href, ...command, 'one', 'nothing', 'nobody'], { cwd });
      expect(several.stderr.match(/hint: see glance-cli \S+ \S+ list/g)).toEqual(
        Array(2).fill(`hint: see glance-cli --endpoint ${href} list`),
      );
    }
  });

  it('is reported with everything that says which Glance is meant, without secrets', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'f'), 'wrong');
    await writeFile(join(cwd, 'f.json'), JSON.stringify({ id: '1', size: 4 }));
    const given = ['--os-cloud', 'my cloud', '--os-region-name', 'R1', '--os-username', 'me', '--os-cacert', 'ca.pem'];
    const secret = ['--os-password', 'hunter2', '--os-token', 'hunter2', '--os-auth-url', 'http://me:hunter2@host'];
    const { stderr } = await runCli([...given, ...secret, '--token-file', 't', 'verify', 'f'], { cwd });
    const flags = "--os-cloud 'my cloud' --os-region-name R1 --os-auth-url URL --os-username me --os-cacert ca.pem";
    expect(stderr).toContain(`\n    glance-cli ${flags} --token-file t download 1 -o f --force\n`);
    expect(stderr).not.toContain('hunter2');
  });

  it.each([
    'http://user:hunter2@host',
    'user:hunter2@host:9292',
    'http:user:hunter2@host',
    'http://host/?key=hunter2',
    'http://host/#hunter2',
  ])('is reported without the secret in an endpoint that was never used, %j', async (endpoint) => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'f'), 'wrong');
    const expected = `md5:${'0'.repeat(32)}`;
    const { stderr } = await runCli(['--endpoint', endpoint, 'verify', 'f', '--expect', expected], { cwd });
    expect(stderr).toContain('\n    glance-cli --endpoint URL download IMAGE -o f --force\n');
    expect(stderr).not.toContain('hunter2');
  });
});

describe('what is missing', () => {
  const id = '11111111-1111-4111-8111-111111111111';
  const image = { id, name: 'one', status: 'active', visibility: 'shared', size: 4, disk_format: 'raw' };

  /** Has the record of the image, and nothing else. */
  const recordOnly = async (api: 'v1' | 'v2'): Promise<URL> => {
    const server = await jsonServer(({ pathname }, method) => {
      if (pathname === '/') return versionList(api === 'v1' ? 'v1.1' : 'v2.9');
      const isRecord = pathname === `/${api}/images/${id}` && (api === 'v2' || method === 'HEAD');
      const headers = ['X-Image-Meta-Id', 'X-Image-Meta-Status', 'X-Image-Meta-Size'];
      const values = [id, 'active', '4'];
      return isRecord
        ? { body: image, headers: headers.map((name, index) => `${name}: ${values[index] ?? ''}`) }
        : null;
    });
    return server.url;
  };
  const other = id.replaceAll('1', '2');

  it.each([
    ['v1', ['show', other]],
    ['v2', ['show', other]],
    ['v1', ['download', other]],
    ['v2', ['inspect', other]],
    ['v2', ['members', other]],
    ['v1', ['show', `URL/v1/images/${other}`]],
    ['v2', ['show', `URL/v2/images/${other}`]],
    ['v1', ['download', id]],
    ['v2', ['download', id]],
    ['v2', ['inspect', id]],
    ['v1', ['list']],
    ['v2', ['list']],
    ['v2', ['stores']],
    ['v2', ['members', id]],
    ['v2', ['show', 'no such name'], 'wrong/path'],
  ] as const)(
    'is reported in lower case, with where it was looked for and a way out: %s %j',
    async (api, argv, path: string = api) => {
      const { href } = await recordOnly(api);
      const words = argv.map((word) => word.replace('URL/', href));
      const result = await runCli([
        '--endpoint',
        `${href}${path}`,
        ...words,
        '--error-format',
        'json',
        '--retries',
        '0',
      ]);
      const { message, hint, url } = result.error() as Readonly<Record<string, string | null>>;
      expect([result.code, message]).not.toEqual([0, expect.anything()]);
      expect(message).toMatch(/^[a-z\d]/);
      expect([message, hint, url].join(' ')).toContain(href);
      expect(hint ?? '').not.toBe('');
    },
  );
});
