import { describe, expect, it } from 'vitest';
import { type ErrorCode, type ErrorFacts, GlanceError, HttpError } from '../../../src/errors.ts';
import { explainApi, isOtherAnswer } from '../../../src/image/api-trouble.ts';

const http = (status: number, facts: ErrorFacts = {}, code: ErrorCode = 'http.status'): HttpError =>
  new HttpError(code, `answered ${String(status)}`, status, { httpStatus: status, ...facts });

it.each<[ErrorCode, boolean]>([
  ['http.status', true],
  ['json.invalid', true],
  ['auth.forbidden', true],
  ['net.reset', false],
  ['image.not_found', false],
])('%s recognises a server without what was asked for: %j', (code, isOne) => {
  expect(isOtherAnswer(new GlanceError(code, 'x'))).toBe(isOne);
});

describe('a failure that the choice of the API may explain', () => {
  it('has the guess as its hint', () => {
    const error = explainApi(http(500, { url: 'u' }), 1, 'it was a guess');
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ status: 500, message: 'answered 500', facts: { url: 'u', hint: 'it was a guess' } });
    const odd = explainApi(new GlanceError('metadata.invalid', 'odd', { hint: 'other' }), 2, 'it was a guess');
    expect(odd).toMatchObject({ code: 'metadata.invalid', message: 'odd', facts: { hint: 'it was a guess' } });
  });

  it('gives precedence to the hint of a refusal', () => {
    const refused = http(403, { hint: 'ask for the role' }, 'auth.forbidden');
    expect(explainApi(refused, 2, 'it was a guess')).toMatchObject({
      facts: { hint: 'ask for the role; it was a guess' },
    });
    expect(explainApi(http(403, {}, 'auth.forbidden'), 2, 'it was a guess')).toMatchObject({
      facts: { hint: 'it was a guess' },
    });
  });

  it('is reported if there is nothing at the address', () => {
    const hint = 'is the endpoint that of Glance? See `apiVersion` and glance-cli doctor';
    expect(explainApi(http(404, { url: 'http://h/v1' }), 1, null)).toMatchObject({
      facts: { hint: `Images API v1 is not at http://h/v1: ${hint}` },
    });
    expect(explainApi(http(404), 2, null)).toMatchObject({
      facts: { hint: `Images API v2 is not at that address: ${hint}` },
    });
  });

  it('is another error if the server offers other versions', () => {
    const cause = http(300, { url: 'http://h/v1' });
    expect(explainApi(cause, 1, null)).toMatchObject({
      code: 'api.version',
      message: 'http://h/v1: Images API v1 is not offered there: answered 300',
      facts: { httpStatus: 300, hint: expect.stringMatching(/^see `apiVersion`, or give the endpoint/) as string },
    });
  });

  it('is left alone otherwise', () => {
    const hinted = http(404, { hint: 'x' });
    for (const error of [hinted, http(409), new GlanceError('net.reset', 'x'), new Error('a bug')]) {
      expect(explainApi(error, 1, null)).toBe(error);
    }
    for (const error of [new GlanceError('net.reset', 'x'), new Error('a bug')]) {
      expect(explainApi(error, 1, 'it was a guess')).toBe(error);
    }
  });
});
