// The way to Glance: versions, TLS, path prefixes, tokens.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { type CliOptions, glanceCli, parseError, printedJson } from './support/cli.ts';
import { getSample, runningStack, sampleId, stack } from './support/stack.ts';

const show = ['--error-format', 'json', '--retries', '0', 'show', sampleId(18)];

const digits = { id: sampleId(18), name: 'digits', size: 1000 };

function tlsEndpoint(host = '127.0.0.1'): string {
  return `https://${host}:${runningStack().glanceTlsPort}`;
}

function authority(): readonly string[] {
  return ['--os-cacert', join(runningStack().state, 'tls/ca.pem')];
}

async function failure(argv: readonly string[], options?: CliOptions): Promise<Record<string, unknown>> {
  const result = await glanceCli(argv, options);
  expect(result.stdout).toBe('');
  const error = parseError(result);
  expect(result.code).toBe(error['exit']);
  return error;
}

describe.skipIf(stack === null)('the endpoint', () => {
  test.each(['', '/', '/v2', '/v2/'])('may end in "%s"', async (path) => {
    expect(await printedJson(show, { endpoint: runningStack().glance + path })).toMatchObject(digits);
  });

  test('may be asked for API v2 outright', async () => {
    expect(await printedJson(['--image-api-version', '2', ...show])).toMatchObject(digits);
  });

  test('has no API v1', async () => {
    expect(await failure(['--image-api-version', '1', ...show])).toMatchObject({ exit: 7 });
  });

  test('is named if it is Keystone by mistake', async () => {
    const error = await failure(show, { endpoint: runningStack().keystone });
    expect(error['exit']).toBeGreaterThan(2);
    expect(error['exit']).not.toBe(5);
  });
});

describe.skipIf(stack === null)('TLS', () => {
  test.each(['127.0.0.1', 'localhost'])('trusts the authority it is given, at %s', async (host) => {
    expect(await printedJson([...authority(), ...show], { endpoint: tlsEndpoint(host) })).toMatchObject(digits);
  });

  test.each(['OS_CACERT', 'REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE'])('trusts the authority of %s', async (variable) => {
    const env = { [variable]: join(runningStack().state, 'tls/ca.pem') };
    expect(await printedJson(show, { endpoint: tlsEndpoint(), env })).toMatchObject(digits);
  });

  test('refuses an authority that it does not know', async () => {
    expect(await failure(show, { endpoint: tlsEndpoint() })).toMatchObject({
      code: 'tls.untrusted',
      exit: 10,
      retryable: false,
    });
  });

  test('refuses a certificate for another name', async () => {
    const error = await failure([...authority(), ...show], { endpoint: tlsEndpoint('127.0.0.2') });
    expect(error).toMatchObject({ code: 'tls.name', exit: 10, retryable: false });
  });

  test('continues with --insecure, and warns', async () => {
    const result = await glanceCli(['--insecure', '-f', 'json', ...show], { endpoint: tlsEndpoint('127.0.0.2') });
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject(digits);
    expect(result.stderr).toMatch(/^warning: certificates are not checked/);
  });

  test('tells whether a port speaks TLS', async () => {
    const toTls = await failure(show, { endpoint: tlsEndpoint().replace('https:', 'http:') });
    expect(toTls['exit']).toBe(7);
    const toPlain = await failure(show, { endpoint: runningStack().glance.replace('http:', 'https:') });
    expect(toPlain).toMatchObject({ code: 'tls.protocol', exit: 7 });
  });
});

describe.skipIf(stack === null)('a Glance below a path', () => {
  const options = (): CliOptions => ({ endpoint: `${tlsEndpoint()}/image` });

  test('is found, shown and downloaded', async () => {
    expect(await printedJson([...authority(), ...show], options())).toMatchObject(digits);
    const target = join(await tempDir(), 'target');
    const argv = [...authority(), '--progress', 'none', 'download', sampleId(1), '-o', target];
    expect(await printedJson(argv, options())).toMatchObject({ digests: { sha512: getSample(1).sha512 } });
  });

  test('is listed over several pages', async () => {
    const argv = ['list', '--sort', 'id', '--limit', '40'];
    const short = await printedJson([...authority(), ...argv, '--page-size', '7'], options());
    expect(short).toEqual(await printedJson(argv));
  });
});

describe.skipIf(stack === null)('the token', () => {
  test('is named when it is missing', async () => {
    expect(await failure(show, { as: null })).toMatchObject({ code: 'auth.required', exit: 4 });
  });

  test('is named when it is wrong', async () => {
    const error = await failure(show, { as: null, env: { OS_TOKEN: 'not-a-token' } });
    expect(error).toMatchObject({ code: 'auth.required', exit: 4, http_status: 401 });
    expect(JSON.stringify(error)).not.toContain('not-a-token');
  });

  test('may come from a file', async () => {
    const file = join(await tempDir(), 'token');
    await writeFile(file, `${runningStack().tokens.demo}\n`);
    expect(await printedJson(['--token-file', file, ...show], { as: null })).toMatchObject(digits);
  });

  test.each([
    ['list', 'http'],
    ['show', 'http'],
    ['show', 'https'],
    ['download', 'http'],
    ['members', 'http'],
  ])('is in nothing that %s --debug prints over %s', async (command, scheme) => {
    const args = command === 'list' ? [] : [sampleId(command === 'members' ? 33 : 18)];
    const endpoint = scheme === 'http' ? runningStack().glance : tlsEndpoint();
    const result = await glanceCli(['--debug', ...authority(), command, ...args], { endpoint });
    expect(result.code).toBe(0);
    expect(result.stderr).toContain(`> GET ${endpoint}/v2/images`);
    const token = runningStack().tokens.demo;
    for (const part of [token, token.slice(0, 40), token.slice(-40)]) {
      expect(result.stdout + result.stderr).not.toContain(part);
    }
  });
});
