import { describe, expect, it } from 'vitest';
import { findProxy } from '../../../src/http/proxy.ts';

const proxyFor = (url: string, env: Record<string, string>): string | null =>
  findProxy(new URL(url), env)?.href ?? null;

describe('findProxy', () => {
  it('goes by the scheme, lower case before upper case, an empty variable as if unset', () => {
    const env = { http_proxy: 'http://a:1', HTTP_PROXY: 'http://b:2', https_proxy: '', HTTPS_PROXY: 'http://c:3' };
    expect(proxyFor('http://g/', env)).toBe('http://a:1/');
    expect(proxyFor('https://g/', env)).toBe('http://c:3/');
    expect(proxyFor('https://g/', { http_proxy: 'http://a:1' })).toBeNull();
    expect(proxyFor('https://g/', { all_proxy: 'a:1' })).toBe('http://a:1/');
  });

  it.each([
    ['g.example', true],
    ['.example', true],
    ['*.example', true],
    ['example', true],
    ['ample', false],
    ['*', true],
    ['other, g.example', true],
    ['g.example:9292', true],
    ['g.example:80', false],
    ['G.EXAMPLE', true],
    ['', false],
  ])('with no_proxy=%s connects directly: %s', (list, direct) => {
    expect(proxyFor('http://g.example:9292/', { http_proxy: 'http://p:1', no_proxy: list }) === null).toBe(direct);
  });

  it('knows IPv6 addresses with and without brackets', () => {
    expect(proxyFor('http://[::1]:9292/', { http_proxy: 'http://p:1', no_proxy: '::1' })).toBeNull();
    expect(proxyFor('http://[::1]:9292/', { http_proxy: 'http://p:1', no_proxy: '[::1]:9292' })).toBeNull();
  });

  it.each(['socks5://p:1', 'http://', '::'])('refuses %s, naming the variable', (value) => {
    expect(() => proxyFor('http://g/', { HTTP_PROXY: value })).toThrow(
      expect.objectContaining({ code: 'config.invalid', message: expect.stringContaining('HTTP_PROXY') }),
    );
  });
});
