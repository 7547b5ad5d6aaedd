// `doctor`: what it says of servers as they are.
import { describe, expect, it } from 'vitest';
import { rawServer, type Respond } from '../../support/raw-server.ts';
import { type CliOptions, type CliResult, eagerClock, runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('doctor on a server that is no Glance', () => {
  const page =
    (status: string): Respond =>
    ({ method }, socket) => {
      const headers = 'Date: Thu, 01 Jan 2026 00:00:30 GMT\r\nContent-Type: text/html\r\nContent-Length: 17';
      socket.write(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${method === 'HEAD' ? '' : '<html>none</html>'}`);
    };
  const examine = async (status: string, options: CliOptions = {}): Promise<CliResult> => {
    const { url } = await rawServer(page(status));
    const clock = { ...eagerClock, wallTime: () => Date.parse('2026-01-01T00:00:00Z') };
    return await runCli(['--endpoint', url.href, '--retries', '0', 'doctor', '--error-format', 'json'], {
      clock,
      ...options,
    });
  };

  it.each(['200 OK', '404 Not Found'])('says what it saw and how far its clock is off: %s', async (status) => {
    const { stdout, code } = await examine(status);
    expect(stdout).toMatch(/^endpoint +ok +http:.* \(taken for Images API v1\)$/m);
    expect(stdout).toMatch(/^versions +warning +no list of versions: .*html/m);
    expect(stdout).toMatch(/^clock +ok +30 s between this machine and the server$/m);
    expect(code).toBe(7);
  });

  it('fits into 80 columns and cuts nothing', async () => {
    const whole = await examine('404 Not Found');
    const narrow = await examine('404 Not Found', { stdoutColumns: 80, env: { NO_COLOR: '1' } });
    for (const line of narrow.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const squeezed = (text: string): string => text.replace(/:\d+/g, '').replace(/\s+/g, '');
    expect(squeezed(narrow.stdout)).toBe(squeezed(whole.stdout));
  });

  it('has whole hints, which do not lead to itself', async () => {
    const { url } = await rawServer(page('404 Not Found'));
    const env = { OS_AUTH_URL: url.href, OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'p' };
    const result = await runCli(['doctor', '--error-format', 'json'], { env, homedir: await tempDir() });
    expect(result.error()['hint']).toBe('is auth_url (OS_AUTH_URL) of cloud envvars right?');
  });
});
