// `serve` as a separate process: its log, and its use of memory and files under any requests.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { formatIndex, recordHash, recordText } from '../../src/mirror/index-file.ts';
import { makeImage } from '../support/images.ts';
import { fetchHttp } from '../support/servers/raw-client.ts';
import { startCli } from '../support/spawn-cli.ts';
import { tempDir } from '../support/temp-dir.ts';

test('logs a failed request with its id, and answers the next one', async () => {
  const cwd = await tempDir();
  const record = recordText(makeImage({ id: '1', size: 4 }));
  await mkdir(join(cwd, '1'));
  await writeFile(join(cwd, '1', 'image.json'), record);
  await writeFile(join(cwd, '1', '1.raw'), 'data');
  const digests = [{ algorithm: 'sha512', hex: createHash('sha512').update('data').digest('hex') }] as const;
  const entry = { id: '1', file: '1/1.raw', size: 4, digests, record: recordHash(record) };
  const index = { entries: new Map([['1', entry]]), failures: new Map() };
  await writeFile(join(cwd, 'index.json'), [...formatIndex(index)].join(''));
  const { child, ended, says } = startCli(['serve', cwd, '--port', '0'], {}, cwd);
  onTestFinished(() => void child.kill());
  const [line] = (await once(child.stdout as NodeJS.EventEmitter, 'data')) as [Buffer];
  const url = new URL(line.toString().trim());
  // A mirror is read again when its index changes.
  await writeFile(join(cwd, '1', '1.raw'), 'atad');

  const failed = await fetchHttp(new URL('/v2/images/1/file', url));
  const requestId = String(failed.headers['x-openstack-request-id']);
  await says(
    ` GET /v2/images/1/file failed (${requestId}): ${join(cwd, '1', '1.raw')} has changed since it was catalogued`,
  );
  const next = await fetchHttp(new URL('/v2/images/1', url));
  child.kill('SIGTERM');

  expect([failed.status, next.status]).toEqual([500, 200]);
  expect((await ended).stderr).toMatch(/ GET \/v2\/images\/1\/file 500 \d+ /);
});

// It reads memory and open files from /proc.
test.runIf(process.platform === 'linux' && process.env['GLANCE_CLI_BINARY'] === undefined)(
  'survives malformed, pipelined and unread requests for hostile files without leaking memory or files',
  async () => {
    const script = join(import.meta.dirname, '..', 'serve-storm.mjs');
    const child = spawn(process.execPath, [script, '--requests', '4000', '7'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);

    expect(said).not.toContain('FAULT');
    expect(code).toBe(0);
    expect((JSON.parse(said) as { requests: number }).requests).toBeGreaterThanOrEqual(4000);
  },
);
