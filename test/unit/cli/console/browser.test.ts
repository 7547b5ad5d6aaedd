import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { browserCommand, openBrowser } from '../../../../src/cli/console/browser.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const page = 'https://keystone.example/v3/x?origin=http://localhost:9990/auth/websso/';

describe('the browser', () => {
  it.each([
    ['linux', { DISPLAY: ':0' }, ['xdg-open', page]],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open', page]],
    ['freebsd', { DISPLAY: ':0' }, ['xdg-open', page]],
    ['linux', {}, null],
    ['linux', { DISPLAY: '' }, null],
    ['linux', { DISPLAY: 'localhost:10.0', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, null],
    ['darwin', {}, ['/usr/bin/open', page]],
    ['darwin', { SSH_TTY: '/dev/ttys001' }, null],
    ['win32', { SystemRoot: 'D:\\W' }, ['D:\\W\\System32\\rundll32.exe', 'url.dll,FileProtocolHandler', page]],
  ] as const)('on %s with %j is started by %j', (platform, env, command) => {
    expect(browserCommand({ platform, env }, page)).toEqual(command);
  });

  it('gets the address as its only argument, and no credentials from the environment', async () => {
    const directory = await tempDir();
    const seen = join(directory, 'seen');
    execFileSync('mkfifo', [seen]);
    const script = `#!/bin/sh\n{ printf '%s\\n' "$#" "$1"; /usr/bin/env; } > ${seen}\n`;
    await writeFile(join(directory, 'xdg-open'), script);
    await chmod(join(directory, 'xdg-open'), 0o755);
    const env = {
      PATH: directory,
      DISPLAY: ':0',
      OS_PASSWORD: 's3cret-1',
      AWS_SECRET_ACCESS_KEY: 's3cret-2',
      LANG: 'C',
    };
    expect(await openBrowser({ platform: 'linux', env }, new URL(page))).toBe(true);
    const text = await readFile(seen, 'utf8');
    expect(text.split('\n').slice(0, 2)).toEqual(['1', page]);
    expect(text).toContain('LANG=C');
    expect(text).not.toContain('s3cret');
  });

  it('may be missing without causing a failure', async () => {
    const env = { PATH: await tempDir(), DISPLAY: ':0' };
    expect(await openBrowser({ platform: 'linux', env }, new URL(page))).toBe(false);
  });
});
