// What is known about an image's data, and whether an answer is that data: field by field.
import { describe, expect, it } from 'vitest';
import { GlanceError, HttpError } from '../../../src/errors.ts';
import {
  contentLengthOf,
  checkDataAnswer,
  digestsOf,
  explainRange,
  md5OfEtag,
  parseContentRange,
  rangeRequest,
  unknownHashOf,
} from '../../../src/image/data-answer.ts';
import type { Image } from '../../../src/image/image.ts';
import { maskImage } from '../../../src/image/mask.ts';
import { explainRefusal, hasDataToCome, isGone, noDataError } from '../../../src/image/no-data.ts';
import { OddRecordError, showValue } from '../../../src/image/odd-record.ts';
import { explainPin, findPin, Pin } from '../../../src/image/pin.ts';
import type { HttpAnswer } from '../../../src/http/request.ts';
import { HeaderList } from '../../../src/http/text/headers.ts';
import type { ByteRange } from '../../../src/image/service.ts';
import { makeImage } from '../../support/images.ts';

const md5 = 'a'.repeat(32);
const sha256 = 'b'.repeat(64);

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe('digests of a record', () => {
  it.each<[Partial<Image>, readonly string[]]>([
    [{ checksum: md5, os_hash_algo: null, os_hash_value: null }, ['md5']],
    [{ checksum: null, os_hash_algo: 'sha256', os_hash_value: null }, []],
    [{ checksum: null, os_hash_algo: null, os_hash_value: sha256 }, []],
    [{ checksum: md5, os_hash_algo: 'SHA-256', os_hash_value: ` ${sha256.toUpperCase()} ` }, ['sha256', 'md5']],
    [{ checksum: md5, os_hash_algo: 'whirlpool', os_hash_value: sha256 }, ['md5']],
  ])('of %j are %j', (fields, algorithms) => {
    const digests = digestsOf(makeImage(fields));
    expect(digests.map(({ algorithm }) => algorithm)).toEqual(algorithms);
    for (const { algorithm, hex } of digests) expect(hex).toBe(algorithm === 'md5' ? md5 : sha256);
  });

  it('are refused if one has the wrong length', () => {
    const image = makeImage({ os_hash_algo: 'sha256', os_hash_value: md5 });
    expect(thrownBy(() => digestsOf(image))).toMatchObject({
      code: 'metadata.invalid',
      message: `the image's os_hash_value is not a sha256: "${md5}"`,
      facts: { image: image.id },
    });
  });

  it('mention an unknown algorithm', () => {
    const unknown = (os_hash_algo: string | null, os_hash_value: string | null): string | null =>
      unknownHashOf(makeImage({ os_hash_algo, os_hash_value }));
    expect(unknown('whirlpool', 'x')).toBe('whirlpool');
    expect([unknown('whirlpool', null), unknown(null, 'x'), unknown('sha256', 'x')]).toEqual([null, null, null]);
  });
});

describe('an answer', () => {
  const answer = (status: number, headers: Readonly<Record<string, string>> = {}): HttpAnswer =>
    ({
      status,
      url: new URL('http://glance.example/v2'),
      headers: new HeaderList(Object.entries(headers).map(([name, value]) => ({ name, value }))),
    }) as unknown as HttpAnswer;
  const check = (given: HttpAnswer, range: ByteRange | null = null, size: number | null = 100): unknown => {
    const result = thrownBy(() => checkDataAnswer(given, makeImage({ size }), range, {}));
    return result instanceof GlanceError ? `${result.code}: ${result.message}` : result;
  };
  const part = { start: 10, end: 20 };
  const otherPart = 'http.range: glance.example sent a different part of the image than was asked for: ';

  it.each<[HttpAnswer, ByteRange | null, unknown]>([
    [answer(200), null, 0],
    [answer(200, { 'content-length': '100' }), null, 0],
    [
      answer(200, { 'content-length': '1' }),
      null,
      'integrity.size: glance.example announces 1 byte; the image has 100',
    ],
    [answer(206), null, 'http.protocol: glance.example answered 206 to a request for the whole image'],
    [answer(201), part, 'http.protocol: glance.example answered 201 to a request for a part'],
    // The whole image is sent anyway.
    [answer(200, { 'content-length': '100' }), part, 0],
    [
      answer(200, { 'content-length': '10' }),
      part,
      'integrity.size: glance.example announces 10 bytes; the image has 100',
    ],
    [answer(206, { 'content-range': 'bytes 10-19/100' }), part, 10],
    [answer(206, { 'content-range': 'bytes 10-19/*', 'content-length': '10' }), part, 10],
    [answer(206, { 'content-range': 'bytes 10-18/100', 'content-length': '9' }), part, 10],
    [answer(206, { 'content-range': 'bytes 10-20/100' }), part, `${otherPart}bytes 10-20/100`],
    [answer(206, { 'content-range': 'bytes 11-19/100' }), part, `${otherPart}bytes 11-19/100`],
    [answer(206, { 'content-range': 'bytes 10-19/101' }), part, `${otherPart}bytes 10-19/101`],
    [answer(206, { 'content-range': 'bytes 10-19/100', 'content-length': '9' }), part, `${otherPart}bytes 10-19/100`],
    [answer(206), part, `${otherPart}it does not say which`],
    [
      answer(206, { 'content-range': 'bytes 10-19/100', 'content-type': 'text/html' }),
      part,
      'http.not_image: glance.example sent text/html instead of image data',
    ],
    [answer(200, { 'content-encoding': 'Identity' }), null, 0],
    [
      answer(200, { 'content-encoding': 'gzip' }),
      null,
      'http.encoding: glance.example sent the image data in gzip, which was not asked for',
    ],
  ])('%o to %j: %s', (given, range, expected) => {
    expect(check(given, range)).toBe(expected);
  });

  it('may have any length and any range if the record has no size', () => {
    expect(check(answer(200, { 'content-length': '7' }), null, null)).toBe(0);
    expect(check(answer(206, { 'content-range': 'bytes 10-19/5000' }), part, null)).toBe(10);
  });

  it.each([
    ['', true],
    ['application/octet-stream; charset=binary', true],
    ['BINARY/octet-stream', true],
    ['application/force-download', true],
    ['application/x-qemu-disk', true],
    ['application/x-iso9660-image', true],
    ['application/x-www-form-urlencoded', false],
    ['application/json', false],
    ['text/plain', false],
    ['application/octet-streams', false],
  ])('of type %j may be image data: %j', (type, isImage) => {
    const result = check(answer(200, { 'content-type': type }));
    expect(result === 0).toBe(isImage);
  });

  it('has the length that it announces, if any', () => {
    expect(contentLengthOf(answer(200))).toBeNull();
    expect(contentLengthOf(answer(200, { 'content-length': '0' }))).toBe(0);
  });
});

it.each([
  ['bytes 0-0/1', { start: 0, end: 1, total: 1 }],
  ['BYTES 5-9/*', { start: 5, end: 10, total: null }],
  [' bytes 5-9/10 ', { start: 5, end: 10, total: 10 }],
  ['bytes 5-9/9', null],
  ['bytes 5-4/10', null],
  ['bytes 5-5/10', { start: 5, end: 6, total: 10 }],
  ['bytes */10', null],
  ['bytes 5-9', null],
  ['items 5-9/10', null],
  [`bytes 5-9/${'1'.repeat(16)}`, null],
])('a Content-Range of %j', (text, range) => {
  expect(parseContentRange(text)).toEqual(range);
});

it.each([
  [md5, md5],
  [`"${md5.toUpperCase()}"`, md5],
  [` W/"${md5}" `, md5],
  [`${md5}a`, null],
  [`x${md5}`, null],
  [null, null],
])('the MD5 of an ETag of %j', (etag, expected) => {
  expect(md5OfEtag(etag)).toBe(expected);
});

describe('a range', () => {
  const signal = AbortSignal.abort();
  const going = new AbortController().signal;
  const part = { start: 10, end: 20 };

  it('is requested by its first and last byte', () => {
    expect([rangeRequest(null), rangeRequest(part)]).toEqual([{}, { range: { first: 10, last: 19 } }]);
  });

  it('that is unavailable is reported, unless that may pass or is known', () => {
    const refused = new GlanceError('http.status', 'answered 400', { hint: 'x', url: 'u' });
    expect(explainRange(refused, part, going)).toMatchObject({
      code: 'http.range',
      message: 'a part of the image cannot be fetched: answered 400',
      facts: { url: 'u', hint: undefined },
    });
    expect(explainRange(refused, null, going)).toBe(refused);
    expect(explainRange(refused, part, signal)).toBe(refused);
    for (const code of ['http.range', 'net.reset'] as const) {
      const error = new GlanceError(code, 'x');
      expect(explainRange(error, part, going)).toBe(error);
    }
    const bug = new Error('a bug');
    expect(explainRange(bug, part, going)).toBe(bug);
  });
});

describe('a pin', () => {
  it.each([
    [`cirros@md5:${md5}`, 'cirros', 'md5'],
    [`a@b@SHA-256:${sha256.toUpperCase()}`, 'a@b', 'sha256'],
    [`@md5:${md5}`, `@md5:${md5}`, null],
    [`md5:${md5}`, `md5:${md5}`, null],
    [`cirros@md5:${md5}a`, `cirros@md5:${md5}a`, null],
    [`cirros@nothing:${md5}`, `cirros@nothing:${md5}`, null],
    ['user@host', 'user@host', null],
    [`x@md5:${md5}`, 'x', 'md5'],
  ])('%s is the name %s and %j', (query, name, algorithm) => {
    const found = findPin(query);
    expect([found.name, found.pin?.digest.algorithm ?? null]).toEqual([name, algorithm]);
    if (found.pin !== null) expect(found.pin.digest.hex).toBe(algorithm === 'md5' ? md5 : sha256);
  });

  it("is compared with the record's digest of that algorithm", () => {
    const pin = new Pin({ algorithm: 'md5', hex: md5 });
    const id = 'an-id';
    expect(pin.check(makeImage({ id, checksum: md5 }))).toBeUndefined();
    expect(pin.check(makeImage({ id, checksum: null }))).toBeUndefined();
    const other = 'c'.repeat(32);
    expect(thrownBy(() => pin.check(makeImage({ id, checksum: other })))).toMatchObject({
      code: 'integrity.pin',
      message: `image an-id is not the pinned one: its md5 is ${other}, not ${md5}`,
      facts: { image: id, hint: 'the image was replaced, or the pin is for another one' },
    });
  });

  it('that is malformed is reported if no image has the name', () => {
    const missing = new GlanceError('image.not_found', 'none', { image: 'x' });
    expect(explainPin(missing, 'cirros@md5:abc')).toMatchObject({
      code: 'image.not_found',
      message: 'none',
      facts: {
        image: 'x',
        hint: expect.stringMatching(/^was a pin meant.*not a md5 digest.*32 hex digits$/) as string,
      },
    });
    expect(explainPin(missing, 'cirros@nothing:abc')).toMatchObject({
      facts: { hint: expect.stringContaining('not a digest: "nothing:abc"') as string },
    });
    const other = new GlanceError('http.status', 'x');
    for (const [error, query] of [
      [missing, 'cirros'],
      [missing, `cirros@md5:${md5}`],
      [missing, `@md5:${md5}`],
      [other, 'cirros@md5:abc'],
    ] as const) {
      expect(explainPin(error, query)).toBe(error);
    }
  });
});

describe('locations', () => {
  const url = 'swift://account:key/c/o';
  const masked = 'swift://***:***/c/o';

  it.each<[Partial<Image>, Partial<Image>]>([
    [
      { direct_url: url, locations: null },
      { direct_url: masked, locations: null },
    ],
    [
      { direct_url: null, locations: [{ url, metadata: { key: 'x' } }] },
      { direct_url: null, locations: [{ url: masked, metadata: {} }] },
    ],
    [
      { direct_url: null, locations: [] },
      { direct_url: null, locations: [] },
    ],
  ])('%j are shown as %j', (fields, shown) => {
    expect(maskImage(makeImage(fields))).toEqual(makeImage(shown));
  });

  it('leave an image without any unchanged', () => {
    const image = makeImage({ direct_url: null, locations: null });
    expect(maskImage(image)).toBe(image);
  });
});

describe('an image without data', () => {
  it.each<[string | null, boolean, boolean, string, string | undefined]>([
    [
      'queued',
      true,
      false,
      'has no data: its status is queued',
      'try again when its status is active; download with `waitMs: 3600000` waits for that',
    ],
    [
      'saving',
      true,
      false,
      'has no data: its status is saving',
      'try again when its status is active; download with `waitMs: 3600000` waits for that',
    ],
    [
      'importing',
      true,
      false,
      'has no data: its status is importing',
      'try again when its status is active; download with `waitMs: 3600000` waits for that',
    ],
    ['killed', false, true, 'has no data: its status is killed', undefined],
    ['pending_delete', false, true, 'has no data: its status is pending_delete', undefined],
    [
      'active',
      false,
      false,
      'is active, but the server has lost its data',
      'ask whoever runs the server to check its store',
    ],
    [
      null,
      false,
      false,
      'is listed, but the server has lost its data',
      'ask whoever runs the server to check its store',
    ],
  ])('of status %j: may still get it %j, never will %j', (status, isToCome, isOver, text, hint) => {
    const image = makeImage({ id: 'i', name: 'n', status });
    expect([hasDataToCome(image), isGone(image)]).toEqual([isToCome, isOver]);
    const answered = new HttpError('http.status', 'x', 404, { url: 'u' });
    expect(noDataError(image, answered)).toMatchObject({
      code: 'image.no_data',
      message: `image "n" (i) ${text}`,
      facts: { url: 'u', image: 'i', hint },
    });
    expect(noDataError(makeImage({ id: 'i', name: null, status }), null).message).toBe(`image i ${text}`);
  });

  it('is refused as deactivated if the record says so', () => {
    const refused = new HttpError('auth.forbidden', 'x', 403, { url: 'u' });
    const image = makeImage({ id: 'i', status: 'deactivated' });
    expect(explainRefusal(refused, image)).toMatchObject({
      code: 'image.deactivated',
      message: 'image i is deactivated: its data is not given out',
      facts: { url: 'u' },
    });
    expect(explainRefusal(refused, makeImage({ status: 'active' }))).toBe(refused);
    const missing = new HttpError('http.status', 'x', 404, {});
    expect(explainRefusal(missing, image)).toBe(missing);
    const other = new GlanceError('auth.forbidden', 'x');
    expect(explainRefusal(other, image)).toBe(other);
  });
});

describe('an odd record', () => {
  const odd = (fields: Partial<Image>, count: number): OddRecordError =>
    new OddRecordError(
      makeImage(fields),
      Array.from({ length: count }, (_, index) => ({ key: `k${String(index)}`, reason: 'is odd' })),
    );

  it.each<[Partial<Image>, string]>([
    [{ id: 'i', name: 'n' }, 'image i ("n")'],
    [{ id: 'i', name: null }, 'image i'],
    [{ id: '', name: 'n' }, 'an image without an id, "n"'],
    [{ id: '', name: null }, 'an image without an id'],
    [{ id: 'i'.repeat(80), name: 'n'.repeat(81) }, `image ${'i'.repeat(80)} ("${'n'.repeat(80)}…")`],
  ])('of %j is described as it is', (fields, name) => {
    const error = odd(fields, 1);
    expect(error.message).toBe(`the record of ${name} is malformed: k0 is odd`);
    expect(error.facts.image).toBe(fields.id === '' ? undefined : fields.id);
  });

  it('names eight fields and counts the others', () => {
    const named = Array.from({ length: 8 }, (_, index) => `k${String(index)} is odd`).join('; ');
    expect(odd({}, 8).message).toMatch(new RegExp(`: ${named}$`));
    expect(odd({}, 10).message).toMatch(new RegExp(`: ${named}; and 2 more$`));
  });

  it.each([
    ['text', '"text"'],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    [[1], 'a list'],
    [{}, 'an object'],
    [null, 'null'],
    [5, '5'],
  ])('shows %j as %s', (value, shown) => {
    expect(showValue(value)).toBe(shown);
  });
});
