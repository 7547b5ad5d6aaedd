import { describe, expect, it } from 'vitest';
import { followRedirect, isPrivateHost, isRedirect } from '../../../src/http/redirect.ts';

const follow = (from: string, location: string | null, purpose: 'metadata' | 'data' = 'metadata') =>
  followRedirect({ from: new URL(from), location, purpose });

describe('followRedirect', () => {
  it('follows within an origin, relative or not, with credentials', () => {
    expect(follow('http://g:9292/v1', '/v1/')).toEqual({ url: new URL('http://g:9292/v1/'), sameOrigin: true });
    expect(follow('https://g/v1', 'https://g:443/v1/')).toEqual({ url: new URL('https://g/v1/'), sameOrigin: true });
  });

  it('refuses another origin for metadata: host, port or scheme', () => {
    for (const location of ['http://other:9292/', 'http://g:9293/', 'https://g:9292/', '//other/']) {
      expect(() => follow('http://g:9292/v1', location)).toThrow(
        expect.objectContaining({ code: 'http.redirect.refused' }),
      );
    }
  });

  it('follows image data to another origin without credentials', () => {
    const hop = follow('https://g/v1/images/1', 'https://store.example/x', 'data');
    expect(hop).toEqual({ url: new URL('https://store.example/x'), sameOrigin: false });
  });

  it('refuses https to http, whatever is fetched', () => {
    for (const purpose of ['metadata', 'data'] as const) {
      expect(() => follow('https://g/', 'http://g/', purpose)).toThrow(
        expect.objectContaining({ code: 'http.redirect.downgrade' }),
      );
    }
  });

  it('refuses to go from a public address into a private network', () => {
    for (const host of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '[::1]', '[fe80::1]', 'localhost', '192.168.0.1']) {
      expect(() => follow('https://glance.example/x', `https://${host}/latest`, 'data')).toThrow(
        expect.objectContaining({ code: 'http.redirect.refused' }),
      );
    }
    expect(follow('https://10.0.0.1/x', 'https://10.0.0.2/y', 'data').sameOrigin).toBe(false);
  });

  it('refuses a redirect that leads nowhere or away from http', () => {
    for (const location of [null, 'http://', 'file:///etc/passwd', 'javascript:1']) {
      expect(() => follow('http://g/', location, 'data')).toThrow(
        expect.objectContaining({ code: 'http.redirect.invalid' }),
      );
    }
  });
});

it('recognises redirects; 300 is a list of versions and 304 an answer', () => {
  expect([300, 301, 302, 303, 304, 307, 308].map(isRedirect)).toEqual([false, true, true, true, false, true, true]);
});

it.each([
  ['0.0.0.0', '0.255.255.255', '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '128.0.0.0'],
  ['169.254.0.0', '169.254.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.32.0.0'],
  ['192.168.0.0', '192.168.255.255', '192.169.0.0'],
  ['fc00::', 'fdff:ffff::', 'fe00::'],
  ['fe80::', 'febf:ffff::', 'ff00::'],
  ['fec0::', 'feff:ffff::', 'ff00::'],
  ['::', '::1', '::2'],
])('considers %s to %s private, and %s public', (first, last, next) => {
  expect([first, last, next].map(isPrivateHost)).toEqual([true, true, false]);
});

it('recognises private hosts by their written form', () => {
  expect(['8.8.8.8', 'example.org', '2001:db8::1', '127.1.2.3', '::1', 'a.localhost'].map(isPrivateHost)).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
});
