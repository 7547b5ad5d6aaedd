import { describe, expect, it } from 'vitest';
import { findProxy } from '../../../../src/http/connect/proxy.ts';

const proxyFor = (url: string, env: Record<string, string>): string | null =>
  findProxy(new URL(url), env)?.url.href ?? null;

describe('findProxy', () => {
  it('goes by the scheme, lower case before upper case, and ignores empty variables', () => {
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

  it.each([
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.30', false],
    ['10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '10.1.2.99/24', true],
    ['10.1.2.3', '10.1.3.0/24', false],
    ['10.1.2.3', '10.1.2.2/31', true],
    ['10.1.2.4', '10.1.2.2/31', false],
    ['10.1.2.3', '10.1.2.3/32', true],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['10.1.2.3', '10.0.0.0/33', false],
    ['10.1.2.3', '10.0.0.0/8x', false],
    ['10.1.2.3', '10.0.0.0/', false],
    ['10.1.2.3', '10.0.0.0/-8', false],
    ['10.1.2.3', '167838211', true],
    ['10.1.2.3', '0x0a010203', true],
    ['10.1.2.3', '012.1.2.3', true],
    ['10.1.2.3', '10.66051', true],
    ['10.1.2.3', '10.1.2.3.', true],
    ['167838211', '10.0.0.0/8', true],
    ['0x0a.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3.', '10.0.0.0/8', true],
    ['10.1.2.3', '10.0.0.0/8:9292', true],
    ['10.1.2.3', '10.1.2.3:80', false],
    ['10.1.2.3', '::ffff:10.1.2.3', true],
    ['10.1.2.3', '::ffff:10.0.0.0/104', true],
    ['10.1.2.3', '::/0', false],
    ['[::ffff:10.1.2.3]', '10.0.0.0/8', true],
    ['[::ffff:10.1.2.3]', '10.1.2.3', true],
    ['[::ffff:10.1.2.3]', '11.0.0.0/8', false],
    ['[::1]', '::1', true],
    ['[::1]', '[::1]', true],
    ['[::1]', '[::1]:9292', true],
    ['[::1]', '[::1]:80', false],
    ['[::1]', '0:0:0:0:0:0:0:1', true],
    ['[::1]', '::1/128', true],
    ['[::1]', '::2', false],
    ['[fd00::5]', 'fd00::/8', true],
    ['[fd00::5]', '[fd00::]/8', true],
    ['[fd00::5]', 'FD00:0::5', true],
    ['[fd00::5]', 'fe00::/8', false],
    ['[fd00::5]', '::/129', false],
    ['[fe80::5]', 'fe80::5%eth0', true],
    ['[fe80::5]', '[fe80::5%25eth0]:9292', true],
    ['[fe80::5]', 'fe80::%eth0/10', true],
    ['fd00.example', 'fd00::/8', false],
    ['10.example', '10.0.0.0/8', false],
    ['a.g.example', 'g.example', true],
    ['ag.example', 'g.example', false],
    ['g.example.', 'g.example', true],
    ['g.example', 'g.example.', true],
    ['g.example', '..example', true],
    ['g.example', '.', false],
    ['g.example', ',,[],*.,/8,:,:9292', false],
    ['b\u00fccher.example', 'b\u00fccher.example', true],
    ['b\u00fccher.example', 'xn--bcher-kva.example', true],
    ['g.example', 'other\tg.example', true],
    ['g.example', ' ,other ,, .example', true],
    ['g.example', 'other,*', true],
    ['g.example', 'http://g.example', false],
    ['g.example', 'a@g.example', false],
  ])('connects to %s directly with no_proxy=%s: %s', (host, list, direct) => {
    const env = { http_proxy: 'http://p:1', no_proxy: list };
    expect(proxyFor(`http://${host}:9292/`, env) === null).toBe(direct);
  });

  it('ignores an entry longer than any host name, and continues after it', () => {
    // Soft hyphens, which are dropped from names.
    const spelled = (count: number): string => `g${'\u00ad'.repeat(count)}`;
    const exempting = (list: string): string | null =>
      proxyFor('http://g/', { http_proxy: 'http://p:1', no_proxy: list });
    expect(exempting(spelled(10))).toBeNull();
    expect(exempting(spelled(2000))).toBe('http://p:1/');
    expect(exempting(`${spelled(2000)},g`)).toBeNull();
  });

  it('handles an entry of any length', () => {
    for (const part of ['.', '*.', '[', ':1', '/1', '%', '1.']) {
      expect(proxyFor('http://g/', { http_proxy: 'http://p:1', no_proxy: part.repeat(100_000) })).toBe('http://p:1/');
    }
  });

  it.each([
    ['p:1', 'http://p:1/'],
    ['p.example', 'http://p.example/'],
    ['HTTP://P:1', 'http://p:1/'],
    ['https://p:1', 'https://p:1/'],
    ['//p:1', 'http://p:1/'],
    ['"http://p:1"', 'http://p:1/'],
    ["'p:1'", 'http://p:1/'],
    [' http://p:1/ ', 'http://p:1/'],
    ['http://p:1/proxy.pac?x#y', 'http://p:1/'],
    ['http://[::1]:3128', 'http://[::1]:3128/'],
    ['http://my_proxy:1', 'http://my_proxy:1/'],
  ])('takes %s as intended', (value, expected) => {
    expect(proxyFor('http://g/', { http_proxy: value })).toBe(expected);
  });

  it.each([
    ['http://p:1', null],
    ['http://apikey@p:1', 'apikey:'],
    ['http://apikey:@p:1', 'apikey:'],
    ['http://:secret@p:1', ':secret'],
    ['http://u:100%@p:1', 'u:100%'],
    ['http://u:%zz%4@p:1', 'u:%zz%4'],
    ['http://u:a%40b%3Ac%25@p:1', 'u:a@b:c%'],
    ['u:a:b@p:1', 'u:a:b'],
    ['http://u:a@b@p:1', 'u:a@b'],
    ['http://u:\u00e9%C3%A9"\' @p:1', 'u:\u00e9\u00e9"\' '],
    ['http://u:%ff%00@p:1', Buffer.from('u:\xff\x00', 'latin1')],
  ])('sends the login in %s whatever characters it contains, and shows it nowhere', (value, login) => {
    const proxy = findProxy(new URL('http://g/'), { http_proxy: value });
    const expected = login === null ? null : `Basic ${Buffer.from(login).toString('base64')}`;
    expect([proxy?.authorization, proxy?.url.href]).toEqual([expected, 'http://p:1/']);
  });

  it.each([
    'socks5://p:1',
    'socks5h://u:s3cret@p:1',
    'ftp://p:1',
    'http://',
    '::',
    'http:p:1',
    'http:/p:1',
    'http://p:99999',
    'http://p:x',
    'http://u:s3cret/p@p:1',
    'http://u:12?s3cret@p:1',
    'http://u:s3cret#@p:1',
    'u:12/s3cret@p:1',
    '"http://p:1',
    "http://'p':1",
    'http://p q:1',
    'http://p%:1',
    '%',
    '@',
    '/tmp/proxy.sock',
    `http://${'p'.repeat(100_000)}:x`,
  ])('refuses %s, naming the variable and not its value', (value) => {
    const refusal = (): unknown => findProxy(new URL('http://g/'), { HTTP_PROXY: value });
    expect(refusal).toThrow(
      expect.objectContaining({ code: 'config.invalid', message: expect.stringMatching(/^HTTP_PROXY .{10,100}$/) }),
    );
    expect(refusal).not.toThrow(/s3cret/);
  });
});
