import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Interrupted } from '../../../../../src/cli/runtime.ts';
import { ManualClock } from '../../../../support/manual-clock.ts';
import { runCli } from '../../../../support/run-cli.ts';
import { serving } from '../../../../support/servers/serving.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

it('exits with 8 if another program has the port, and names both', async () => {
  const cwd = await tempDir();
  await serving(['.'], { cwd }, async (url) => {
    const { port } = new URL(url);
    const { code, stdout, stderr } = await runCli(['serve', '.', '--port', port], { cwd });
    expect([code, stdout]).toEqual([8, '']);
    expect(stderr).toContain(`127.0.0.1:${port} is in use`);
  });
});

it('ends with its signal while digests are computed, without a URL', async () => {
  const cwd = await tempDir();
  const file = await open(join(cwd, 'large.raw'), 'w');
  await file.truncate(2 ** 36);
  await file.close();
  const [clock, stop] = [new ManualClock(), new AbortController()];
  const running = runCli(['serve', '.', '--port', '0'], { cwd, clock, signal: stop.signal });
  await clock.waitForTimer(2000);
  stop.abort(new Interrupted('SIGTERM'));
  expect(await running).toMatchObject({ code: 143, stdout: '', stderr: 'stopped by SIGTERM\n' });
});

it('refuses an invalid address', async () => {
  const { code, stderr } = await runCli(['serve', '.', '--port', '0', '--host', ''], { cwd: await tempDir() });
  expect([code, stderr]).toEqual([2, expect.stringContaining('--host is not an address that a URL can name: ""')]);
});
