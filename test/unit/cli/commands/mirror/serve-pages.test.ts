import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeQcow2 } from '../../../../../examples/demo/images/qcow2.ts';
import { reportStoreName } from '../../../../../src/server/inspections/report-store.ts';
import { fetchHttp } from '../../../../support/servers/raw-client.ts';
import { serving } from '../../../../support/servers/serving.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const browser = { accept: 'text/html,*/*;q=0.8' };

async function prepare(): Promise<string> {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'a.qcow2'), writeQcow2({ size: 2 ** 23, pieces: [] }));
  await writeFile(join(cwd, 'token'), 'secret');
  return cwd;
}

it('shows browsers pages, and programs the same as without', async () => {
  const cwd = await prepare();
  await serving(['.'], { cwd }, async (url) => {
    let page = await fetchHttp(new URL(url), { headers: browser });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.body.toString()).toContain('<a href="page/');
    while (page.body.toString().includes('not inspected yet'))
      page = await fetchHttp(new URL(url), { headers: browser });
    expect(page.body.toString()).toContain('>safe<');
    const list = await fetchHttp(new URL(url), { headers: { accept: '*/*' } });
    expect([list.status, list.headers['content-type']]).toEqual([300, 'application/json']);
  });
  expect(await readFile(join(cwd, reportStoreName), 'utf8')).toContain('"format":"qcow2"');
});

it.each([[['--no-page']], [['--token-file', 'token']], [['--v1-style', 'document']]])(
  'has no page with %j, and inspects nothing',
  async (options) => {
    const cwd = await prepare();
    await serving(['.', ...options], { cwd }, async (url) => {
      const { headers } = await fetchHttp(new URL(url), { headers: browser });
      expect(headers['content-security-policy']).toBeUndefined();
    });
    expect(await readdir(cwd)).not.toContain(reportStoreName);
  },
);
