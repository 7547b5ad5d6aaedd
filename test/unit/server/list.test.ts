import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPairs } from '../../../src/server/images/pairs.ts';
import { toPythonJson } from '../../../src/server/answers/python-json.ts';
import { parseSince, toV1Time } from '../../../src/server/images/time.ts';
import { chooseErrorForm } from '../../../src/server/answers/accept.ts';
import { makeEntry } from '../../support/images.ts';
import type { CatalogImage } from '../../../src/server/images/catalog.ts';
import { ask, idsOf } from './ask.ts';

const many = Array.from({ length: 1100 }, (_, index) => makeEntry('', { id: `id-${String(index).padStart(4, '0')}` }));

test.for([
  ['', 25],
  ['?limit=%201%20', 1],
  ['?limit=%2B2', 2],
  ['?limit=1000000', 1000],
  ['?limit=0', 0],
] as const)('returns as many images as “%s” asks for, within bounds: %i', ([query, count]) => {
  expect(idsOf(ask(many, `GET /v1/images${query}`))).toHaveLength(count);
});

test.for([
  ['limit=-1', 'limit param must be positive'],
  ['limit=1.5', 'limit param must be an integer'],
  ['marker=%7Bxyz%7D', 'Invalid marker format'],
  ['marker=urn:uuid:00000000-0000-0000-0000-000000000000', 'Invalid marker. Image could not be found.'],
  ['min_ram=-1', 'Bad value passed to filter min_ram got -1'],
  ['is_public=', 'Bad value passed to filter is_public got'],
  ['changes-since=2010-02-30', 'Unrecognized changes-since value'],
] as const)('refuses %s: %s', ([query, message]) => {
  const { status, text } = ask(many, `GET /v1/images?${query}`);

  expect(status).toBe(400);
  expect(text).toContain(message);
});

test('checks filters before anything else, in the order of the query', () => {
  const { text } = ask([], 'GET /v1/images?limit=x&size_max=b&size_min=a');

  expect(text).toContain('filter size_max got b');
});

test('follows every page to the end, with each image exactly once, whatever the sort', () => {
  const formats = ['raw', 'qcow2', null];
  const entry = fc.record({
    name: fc.option(fc.constantFrom('a', 'b', 'Ü')),
    size: fc.option(fc.nat(3)),
    format: fc.nat(2),
  });
  const keys = ['name', 'size', 'disk_format', 'id', 'created_at', 'status', 'updated_at', 'container_format'];
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 12 }),
      fc.constantFrom(...keys),
      fc.constantFrom('asc', 'desc'),
      fc.integer({ min: 1, max: 5 }),
      (records, key, direction, limit) => {
        const catalog = records.map(({ name, size, format }, index) => {
          return makeEntry('', { id: `i${String(index)}`, name, size, disk_format: formats[format] ?? null });
        });
        const seen: string[] = [];
        for (;;) {
          const marker = seen.length === 0 ? '' : `&marker=${seen.at(-1) ?? ''}`;
          const page = idsOf(
            ask(catalog, `GET /v1/images?sort_key=${key}&sort_dir=${direction}&limit=${String(limit)}${marker}`),
          );
          seen.push(...page);
          if (page.length < limit) break;
        }
        const whole = idsOf(ask(catalog, `GET /v1/images?sort_key=${key}&sort_dir=${direction}&limit=1000`));
        expect(seen).toEqual(whole);
        expect(seen.toSorted()).toEqual(catalog.map(({ image }) => image.id).toSorted());
      },
    ),
  );
});

test('sorts times chronologically, whatever their decimals', () => {
  const catalog = ['05Z', '05.5Z', '05.54Z', '05.123456Z'].map((end) => {
    return makeEntry('', { id: end, created_at: `2026-01-02T03:04:${end}` });
  });

  expect(idsOf(ask(catalog, 'GET /v1/images?sort_dir=asc'))).toEqual(['05Z', '05.123456Z', '05.5Z', '05.54Z']);
});

test('tells public images from the rest by is_public', () => {
  const catalog = [makeEntry('', { id: 'open' }), makeEntry('', { id: 'closed', visibility: 'private', owner: 'p' })];
  const idsFor = (value: string): readonly string[] =>
    idsOf(ask(catalog, `GET /v1/images?is_public=${value}&sort_dir=asc`));

  expect(idsFor('False')).toEqual(['closed']);
  expect(idsFor('0')).toEqual(['closed']);
  expect(idsFor('None')).toEqual(['closed', 'open']);
  expect(idsFor('True')).toEqual(['closed', 'open']);
});

test('filters by protection and by required disk', () => {
  const catalog = [makeEntry('', { id: 'a', protected: true, min_disk: 10 }), makeEntry('', { id: 'b' })];

  expect(idsOf(ask(catalog, 'GET /v1/images?protected=true'))).toEqual(['a']);
  expect(idsOf(ask(catalog, 'GET /v1/images?protected=0'))).toEqual(['b']);
  expect(idsOf(ask(catalog, 'GET /v1/images?min_disk=10'))).toEqual(['a']);
  expect(idsOf(ask(catalog, 'GET /v1/images?property-toString=x'))).toEqual([]);
});

test('reports who an image is shared with, and what is shared with a project', () => {
  const shared = makeEntry('', { id: 'a', visibility: 'shared', owner: 'p' }, [{ member_id: 'q', can_share: true }]);

  expect(ask([shared], 'GET /v1/images/a/members').text).toBe('{"members": [{"can_share": true, "member_id": "q"}]}');
  expect(ask([shared], 'GET /v1/shared-images/q').text).toBe(
    '{"shared_images": [{"image_id": "a", "can_share": true}]}',
  );
  expect(ask([shared], 'GET /v1/shared-images/r').text).toBe('{"shared_images": []}');
});

test('interprets a query as intended', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }))),
      (pairs) => {
        const query = pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');

        expect(readPairs(query)).toEqual(pairs);
      },
    ),
  );
  expect(readPairs('a=1+2;b&c=%zz&&a=3')).toEqual([
    ['a', '1 2'],
    ['b', ''],
    ['c', '%zz'],
    ['a', '3'],
  ]);
});

test.each(['/v1/images', '/v1/images/detail', '/v2/images'])(
  'refuses a query of %s with more parameters than any client sends, each of which costs a look at every image',
  (path) => {
    const query = (count: number): string => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&');

    expect(ask([], `GET ${path}?${query(128)}`).status).toBe(200);
    expect(ask([], `GET ${path}?${query(129)}`)).toMatchObject({
      status: 400,
      text: expect.stringContaining('More than 128 parameters') as string,
    });
  },
);

test('compares by each sort key once, however often it is named', () => {
  let looks = 0;
  const make = (id: string): CatalogImage => {
    const entry = makeEntry('', { id });
    const image = Object.defineProperty({ ...entry.image }, 'id', {
      enumerable: true,
      get: () => {
        looks += 1;
        return id;
      },
    });
    return { ...entry, image };
  };
  const looksFor = (sort: string): number => {
    looks = 0;
    const answer = ask([make('b'), make('a'), make('c')], `GET /v2/images?limit=1&sort=${sort}`);
    expect(idsOf(answer)).toEqual(['a']);
    return looks;
  };

  expect(looksFor(`name,id:asc${',id'.repeat(4000)}`)).toBe(looksFor('name,id:asc'));
});

test('writes equivalent JSON in ASCII', () => {
  // Any code unit: the arbitrary `binary`, of code points, takes more than a second.
  const text = fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(fc.dictionary(text, text, { maxKeys: 4 }), (value) => {
      const json = toPythonJson(value);

      expect(json).toMatch(/^[\x20-\x7e]*$/);
      expect(JSON.parse(json)).toEqual(value);
    }),
  );
  expect(toPythonJson({ a: [1, null, true], ü: '\x7f😀/' })).toBe(
    '{"a": [1, null, true], "\\u00fc": "\\u007f\\ud83d\\ude00/"}',
  );
});

test.for([
  ['2010', '2010-01-01T00:00:00.000000'],
  ['2010-2', '2010-02-01T00:00:00.000000'],
  ['2010-02-03', '2010-02-03T00:00:00.000000'],
  ['2010-02-03 09', '2010-02-03T09:00:00.000000'],
  ['2010-02-03T09:34:01,5Z', '2010-02-03T09:34:01.500000'],
  ['2010-02-03T09:34:01.1234567+02:00', '2010-02-03T07:34:01.123456'],
  ['2010-02-03T09:34-0130', '2010-02-03T11:04:00.000000'],
] as const)('understands the time %s', ([text, time]) => {
  expect(parseSince(text)).toBe(time);
});

test.for(['', 'yesterday', '2010-13', '2010-02-30', '2010-02-03T25:00', '10-02-03', '2010-02-03T09:34:01 02:00'])(
  'does not understand the time “%s”',
  (text) => {
    expect(parseSince(text)).toBeNull();
  },
);

test('writes times with six decimals and without a zone', () => {
  expect(toV1Time('2026-11-23T11:52:28Z')).toBe('2026-11-23T11:52:28.000000');
  expect(toV1Time('2026-11-23T11:52:28.5401719Z')).toBe('2026-11-23T11:52:28.540171');
});

test.for([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'html'],
  ['text/*', 'html'],
  ['application/json', 'json'],
  ['application/json, */*', 'json'],
  ['application/json;q=0.5, text/html', 'html'],
  ['text/html;q=0.1, application/*;q=0.2', 'json'],
  ['text/html;q=0, application/json;q=0', 'text'],
  ['application/json;q=x', 'text'],
  ['image/png', 'text'],
] as const)('answers a client that accepts %s in %s', ([accept, form]) => {
  expect(chooseErrorForm(accept, 1)).toBe(form);
});
