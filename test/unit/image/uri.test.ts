import { describe, expect, it } from 'vitest';
import { findPin } from '../../../src/image/pin.ts';
import { join, parseImageUri } from '../../../src/image/uri.ts';

describe('parseImageUri', () => {
  it.each([
    ['http://glance.openstack.example.org/images/1', 'http://glance.openstack.example.org/', '1'],
    ['http://h:9292/v1/images/abc', 'http://h:9292/v1', 'abc'],
    ['https://h/image/v2/images/abc/file', 'https://h/image/v2', 'abc'],
    ['http://h/v1/images/a%20b', 'http://h/v1', 'a b'],
  ])('takes %s apart', (text, base, id) => {
    expect(parseImageUri(text)).toEqual({ base: new URL(base), id });
  });

  it.each([
    '1',
    'http://h/',
    'http://h/images/',
    'http://h/images/detail',
    'ftp://h/images/1',
    'http://h/images/%ff',
    'images/1',
  ])('does not accept %s as one', (text) => {
    expect(parseImageUri(text)).toBeUndefined();
  });
});

describe('join', () => {
  it('keeps a path prefix and encodes what people typed', () => {
    expect(join(new URL('http://h/image/v1/'), 'images', 'a/b ?#%é').href).toBe(
      'http://h/image/v1/images/a%2Fb%20%3F%23%25%C3%A9',
    );
    expect(join(new URL('http://u:p@h/?x=1#y'), 'images', '1').href).toBe('http://h/images/1');
  });
});

describe('findPin', () => {
  const hex = 'a'.repeat(32);
  it('takes a digest at the end', () => {
    const { name, pin } = findPin(`my@image@MD5:${hex.toUpperCase()}`);
    expect(name).toBe('my@image');
    expect(pin?.digest).toEqual({ algorithm: 'md5', hex });
  });

  it.each(['name', 'user@host', `x@md5:${hex}a`, `x@sm3:${hex}`, `@md5:${hex}`])('leaves %s as a name', (text) => {
    expect(findPin(text)).toEqual({ name: text, pin: null });
  });
});
