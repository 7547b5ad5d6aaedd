import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { selectRange } from '../../../../src/server/answers/range.ts';
import { makeEntry } from '../../../support/images.ts';
import { ask } from '../ask.ts';

const entry = makeEntry('0123456789', { id: '1' });
const line = 'GET /v1/images/1';

test.for([
  ['bytes=0-0', 'bytes 0-0/10', 1],
  ['bytes=2-5', 'bytes 2-5/10', 4],
  ['bytes=7-', 'bytes 7-9/10', 3],
  ['bytes=7-99999999999999999999', 'bytes 7-9/10', 3],
  ['bytes=-3', 'bytes 7-9/10', 3],
  ['bytes=-99', 'bytes 0-9/10', 10],
  ['Bytes=0-9', 'bytes 0-9/10', 10],
] as const)('answers %s with %s', ([range, contentRange, length]) => {
  const { status, headers, answer } = ask([entry], line, { range });

  expect(status).toBe(206);
  expect(headers).toMatchObject({
    'Content-Range': contentRange,
    'Content-Length': String(length),
    'Accept-Ranges': 'bytes',
  });
  expect(headers['X-Image-Meta-Size']).toBe('10');
  expect(answer.body).toMatchObject({ start: Number(/\d+/.exec(contentRange)?.[0]) });
});

test.for(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=99999999999999999999-'])('cannot satisfy %s', (range) => {
  const { status, headers } = ask([entry], line, { range });

  expect(status).toBe(416);
  expect(headers['Content-Range']).toBe('bytes */10');
});

test.for(['bytes=5-2', 'bytes=-', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=a-b', 'bytes=0x1-2', ''])(
  'sends the whole image for “%s”',
  (range) => {
    const { status, headers } = ask([entry], line, { range });

    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'Content-Length': '10' });
    expect(headers).not.toHaveProperty('Content-Range');
  },
);

test('sends a part only if the ETag is still the requested one', () => {
  const statusFor = (ifRange: string): number => ask([entry], line, { range: 'bytes=1-', 'if-range': ifRange }).status;
  const checksum = entry.image.checksum ?? '';

  expect(statusFor(checksum)).toBe(206);
  expect(statusFor(`"${checksum}"`)).toBe(206);
  expect(statusFor('"another"')).toBe(200);
  expect(statusFor(`W/"${checksum}"`)).toBe(200);
  expect(statusFor('Fri, 01 Jan 2038 00:00:00 GMT')).toBe(200);
});

test('has no range of an empty image to send', () => {
  const empty = makeEntry('', { id: '1' });

  expect(ask([empty], line, { range: 'bytes=0-' }).status).toBe(416);
  expect(ask([empty], line).status).toBe(200);
});

test('ignores ranges when told to, and does not announce them', () => {
  const { status, headers } = ask([entry], line, { range: 'bytes=0-0' }, { ranges: false });

  expect(status).toBe(200);
  expect(headers).not.toHaveProperty('Accept-Ranges');
});

test('selects exactly what is requested and exists, for any range of any size', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1200), fc.option(fc.nat(1200)), (size, first, last) => {
      const range = `bytes=${String(first)}-${last === null ? '' : String(last)}`;
      const bytes = Array.from({ length: size }, (_, index) => index);

      const selected = selectRange(new Map([['range', range]]), null, size);

      const wanted = bytes.filter((at) => at >= first && at <= (last ?? Infinity));
      const isBackwards = last !== null && last < first;
      expect(selected.kind).toBe(isBackwards ? 'whole' : wanted.length === 0 ? 'unsatisfiable' : 'part');
      expect(selected.kind === 'part' ? bytes.slice(selected.start, selected.end) : wanted).toEqual(wanted);
    }),
  );
});
