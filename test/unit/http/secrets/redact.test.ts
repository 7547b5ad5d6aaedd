import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderList } from '../../../../src/http/text/headers.ts';
import {
  isSafeHeader,
  maskLocation,
  mayHoldLogin,
  redactHeaders,
  redactUrl,
} from '../../../../src/http/secrets/redact.ts';

describe('isSafeHeader', () => {
  it.each([
    ['ETag', true],
    ['X-Image-Meta-Min_Disk', true],
    ['x-image-meta-virtual-size', true],
    ['x-image-meta-location', false],
    ['x-image-meta-', false],
    ['x-amz-security-token', false],
    ['content_type', false],
  ])('%s: %s', (name, isSafe) => {
    expect(isSafeHeader(name)).toBe(isSafe);
  });
});

describe('redactHeaders', () => {
  it('shows only what is known to be harmless', () => {
    const lines = redactHeaders(
      new Map([
        ['accept', 'application/json'],
        ['x-auth-token', 's3cret'],
        ['authorization', 'Bearer s3cret'],
        ['cookie', 's3cret'],
        ['x-new-thing', 's3cret'],
      ]),
    );
    expect(lines).toEqual([
      'accept: application/json',
      'x-auth-token: [redacted]',
      'authorization: [redacted]',
      'cookie: [redacted]',
      'x-new-thing: [redacted]',
    ]);
  });

  it('hides custom properties and locations of an image, and redacts the target of a redirect', () => {
    const headers = new HeaderList([
      { name: 'X-Image-Meta-Disk_format', value: 'raw' },
      { name: 'X-Image-Meta-Property-Password', value: 's3cret' },
      { name: 'X-Image-Meta-Location', value: 'swift://a:s3cret@h/c' },
      { name: 'Location', value: 'https://u:s3cret@host/x?sig=s3cret&limit=5' },
    ]);
    const text = redactHeaders(headers).join('\n');
    expect(text).not.toContain('s3cret');
    expect(text).toContain('X-Image-Meta-Disk_format: raw');
    expect(text).toContain('limit=5');
  });

  it('never shows the value of an unknown header', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const [line = ''] = redactHeaders(new Map([[name, 's3cret']]));
        expect(isSafeHeader(name) || name.toLowerCase() === 'location' || !line.includes('s3cret')).toBe(true);
      }),
    );
  });
});

describe('redactUrl', () => {
  it.each(['http:user:hunter2@host', 'http:\\\\user:hunter2@host', 'user:hunter2@host:9292', '://user:hunter2@host'])(
    'hides the login in %j, which is treated as a URL with one',
    (text) => {
      expect(mayHoldLogin(text)).toBe(true);
      expect(redactUrl(text)).not.toContain('hunter2');
    },
  );

  it.each([
    ['https://user:pw@host/v1/images?limit=5&token=abc#x', 'https://redacted@host/v1/images?limit=5&token=redacted'],
    ['http://host:9292/v1/images/detail?name=a%20b', 'http://host:9292/v1/images/detail?name=a+b'],
    ['/v1/', '/v1/'],
    ['not a url', '[redacted]'],
    ['/\\[', '[redacted]'],
    ['//[', '[redacted]'],
    ['/\\host/x?token=abc', '//host/x?token=redacted'],
    ['//u:pw@host/x', '//redacted@host/x'],
    ['/\t/host/x', '//host/x'],
    ['/x?token=abc#y', '/x?token=redacted'],
    ['/x?property-os=linux&limit=1', '/x?property-os=linux&limit=1'],
    ['/x?xproperty-os=linux', '/x?xproperty-os=redacted'],
    ['https://user@host/', 'https://redacted@host/'],
    ['https://:pw@host/', 'https://redacted@host/'],
    ['https://host/#token', 'https://host/'],
    // How many values are hidden is not shown.
    ['https://host/?token=a&token=b&limit=1', 'https://host/?token=redacted&limit=1'],
    ['http://relative.invalid/x', 'http://relative.invalid/x'],
  ])('makes %s into %s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown.replace('a+b', 'a%20b'));
  });
});

it('shows or hides any text without failing', () => {
  const odd = fc.array(
    fc.constantFrom('/', '\\', '[', ']', '%', '@', ':', '?', '#', 'a', '\t', '\u0000', '\ud800', 'http://'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        odd.map((parts) => parts.join('')),
        fc.string(),
      ),
      (text) => {
        expect(typeof redactUrl(text)).toBe('string');
        expect(redactHeaders(new HeaderList([{ name: 'Location', value: text }]))).toHaveLength(1);
      },
    ),
    { numRuns: 500 },
  );
});

describe('maskLocation', () => {
  it.each([
    ['swift://account:key/container/image.tar.gz.0', 'swift://***:***/container/image.tar.gz.0'],
    ['swift+https://user:pa/ss@auth.example/v1/c/o', 'swift+https://***:***@auth.example/v1/c/o'],
    ['s3://key:secret@s3.example/bucket/o', 's3://***:***@s3.example/bucket/o'],
    ['https://host:8080/image?sig=abc&expires=1', 'https://host:8080/image?sig=***&expires=***'],
    ['https://host/image', 'https://host/image'],
    ['swift://@host/image', 'swift://***:***@host/image'],
    // The last @ ends the key. A port has up to five digits.
    ['swift://user:k@y@host/o', 'swift://***:***@host/o'],
    ['https://host:1/o', 'https://host:1/o'],
    ['https://host:65535/o', 'https://host:65535/o'],
    ['swift://account:123456/o', 'swift://***:***/o'],
    ['swift://account:1a/o', 'swift://***:***/o'],
    ['swift://account:/o', 'swift://***:***/o'],
    ['account:key', '***:***'],
    ['host', 'host'],
    ['/path/a:b', '/path/a:b'],
    ['https://host/o?', 'https://host/o?=***'],
    ['https://host/o?flag&a=b=c&d', 'https://host/o?flag=***&a=***&d=***'],
    [`${'s'.repeat(64)}://account:key/o`, `${'s'.repeat(64)}://***:***/o`],
    ['rbd://fsid/pool/image/snap', 'rbd://fsid/pool/image/snap'],
    ['file:///var/lib/glance/images/1', 'file:///var/lib/glance/images/1'],
  ])('makes %s into %s', (location, masked) => {
    expect(maskLocation(location)).toBe(masked);
  });

  it('leaves no password, whatever characters it consists of', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9/:?&=%~]{8,20}$/), (password) => {
        expect(maskLocation(`swift+https://user:${password}@auth.example/c/o`)).not.toContain(password);
      }),
    );
  });
});
