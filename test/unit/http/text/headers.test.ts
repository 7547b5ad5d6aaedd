import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeaderValue, HeaderList } from '../../../../src/http/text/headers.ts';
import { anyCharacter } from '../../../support/any-text.ts';

const list = (...pairs: [string, string][]): HeaderList =>
  HeaderList.fromRaw(pairs.flatMap(([name, value]) => [Buffer.from(name), Buffer.from(value)]));

describe('header values', () => {
  it('are UTF-8 if the bytes are valid', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(decodeHeaderValue(Buffer.from(text, 'utf8'))).toBe(Buffer.from(text, 'utf8').toString('utf8'));
      }),
    );
    expect(decodeHeaderValue(Buffer.from('\uFEFFname'))).toBe('\uFEFFname');
  });

  it('are latin-1 otherwise, byte for byte', () => {
    expect(decodeHeaderValue(Buffer.from([0x63, 0x61, 0x66, 0xe9]))).toBe('café');
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = decodeHeaderValue(bytes);
        const back =
          text === Buffer.from(bytes).toString('latin1') ? Buffer.from(text, 'latin1') : Buffer.from(text, 'utf8');
        expect(back.toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });
});

describe('HeaderList', () => {
  it('compares names without case and keeps order and capitals', () => {
    const headers = list(['Etag', 'abc'], ['X-Image-Meta-Size', '5']);
    expect(headers.get('ETAG')).toBe('abc');
    expect([...headers]).toEqual([
      { name: 'Etag', value: 'abc' },
      { name: 'X-Image-Meta-Size', value: '5' },
    ]);
    expect(headers.get('x-missing')).toBeNull();
  });

  it('does not join duplicates', () => {
    const headers = list(['Via', 'a'], ['via', 'b']);
    expect(headers.getAll('via')).toEqual(['a', 'b']);
  });

  it('accepts a single-valued header twice only with the same value', () => {
    expect(list(['Content-Length', '5'], ['content-length', '5']).getSingle('content-length')).toBe('5');
    expect(() => list(['Content-Length', '5'], ['Content-Length', '6']).getSingle('content-length')).toThrow(
      expect.objectContaining({ code: 'http.bad_header' }),
    );
  });
});
