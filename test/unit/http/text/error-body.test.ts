import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainSentence } from '../../../../src/http/text/error-body.ts';
import { parseRetryAfter, statusError } from '../../../../src/http/status.ts';

describe('plainSentence', () => {
  it('finds the sentence in HTML', () => {
    const html = `<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  The resource could not be found.<br /><br />\nImage with identifier 1 not found\n\n\n </body>\n</html>`;
    expect(plainSentence('text/html; charset=UTF-8', html, 'Not Found')).toBe('Image with identifier 1 not found');
  });

  it('finds it in JSON with HTML inside, with the status repeated', () => {
    const body = JSON.stringify({
      message:
        '400 Bad Request\n\nThe server could not comply with the request since it is either malformed or otherwise incorrect.\n\n limit param must be an integer  <br /><br />\n\n\n',
      code: '400 Bad Request',
      title: 'Bad Request',
    });
    expect(plainSentence('application/json', body, 'Bad Request')).toBe('limit param must be an integer');
  });

  it('finds it in plain text, and in Keystone-like JSON', () => {
    expect(plainSentence('text/plain', '404 Not Found\n\nNo such thing\n', 'Not Found')).toBe('No such thing');
    expect(plainSentence('application/json', '{"error":{"message":"expired","code":401}}', 'Unauthorized')).toBe(
      'expired',
    );
  });

  it('gives null if nothing is said', () => {
    expect(plainSentence(null, '', 'Not Found')).toBeNull();
    expect(
      plainSentence(
        'text/html',
        '<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>',
        'Not Found',
      ),
    ).toBeNull();
    expect(plainSentence('application/json', '{}', 'Not Found')).toBeNull();
  });

  it('is one bounded line, whatever arrives', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 5000 }),
        fc.constantFrom('text/html', 'application/json', null),
        (body, type) => {
          const sentence = plainSentence(type, body, 'Not Found');
          expect(sentence === null || (sentence.length <= 301 && !sentence.includes('\n'))).toBe(true);
        },
      ),
    );
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['7', 7000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2015 00:00:30 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['1e9', undefined],
    [null, undefined],
  ])('reads %s as %s ms', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });
});

it('maps statuses to codes', () => {
  const codes = [400, 401, 403, 404, 407, 408, 409, 429, 500, 501, 502, 503, 504, 520].map(
    (status) => `${String(status)} ${statusError('g', status, null, {}).code}`,
  );
  expect(codes).toEqual([
    '400 http.status',
    '401 auth.required',
    '403 auth.forbidden',
    '404 http.status',
    '407 proxy.denied',
    '408 http.unavailable',
    '409 http.status',
    '429 http.429',
    '500 http.500',
    '501 http.status',
    '502 http.502',
    '503 http.503',
    '504 http.504',
    '520 http.unavailable',
  ]);
});
