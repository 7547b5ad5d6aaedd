import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpError } from '../../../src/errors.ts';
import type { Image } from '../../../src/image/image.ts';
import { OddRecordError } from '../../../src/image/odd-record.ts';
import { idOf, keepOddOnes, type Page, type PagePlan, walkPages } from '../../../src/image/paging.ts';
import { buildV1Image } from '../../../src/image/v1/fields.ts';

const image = (id: string): Image =>
  buildV1Image({ fields: new Map([['id', id]]), properties: new Map(), nullIsWritten: false }, null);
const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `i${String(index).padStart(5, '0')}`);

/** A list of ids served as Glance does: after the marker, at most `cap` at a time. */
function serve(all: readonly string[], cap: number, asked: (string | undefined)[] = []): PagePlan['fetchPage'] {
  return (marker, size) => {
    asked.push(marker);
    const start = marker === undefined ? 0 : all.indexOf(marker) + 1;
    if (marker !== undefined && start === 0) {
      return Promise.reject(new HttpError('http.status', 'no such marker', 400, {}));
    }
    return Promise.resolve({ images: all.slice(start, start + Math.min(size, cap)).map(image), more: null });
  };
}

async function collect(plan: Partial<PagePlan> & Pick<PagePlan, 'fetchPage'>): Promise<string[]> {
  const found: string[] = [];
  const full: PagePlan = { pageSize: 1000, limit: undefined, marker: undefined, matches: null, ...plan };
  for await (const page of walkPages(full)) found.push(...page.map(({ id }) => id));
  return found;
}

describe('walkPages', () => {
  it('gives every image once and in order, for any page size, any cap of the server, any limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 120 }),
        fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
        async (count, pageSize, cap, limit) => {
          const all = ids(count);
          expect(await collect({ fetchPage: serve(all, cap), pageSize, limit })).toEqual(all.slice(0, limit));
        },
      ),
    );
  });

  it('asks once if the server says that nothing follows, and once more if it does not say', async () => {
    const asked: (string | undefined)[] = [];
    expect(await collect({ fetchPage: serve(ids(3), 1000, asked) })).toEqual(ids(3));
    expect(asked).toEqual([undefined, 'i00002']);
    const told: (string | undefined)[] = [];
    const fetchPage: PagePlan['fetchPage'] = async (marker, size) => ({
      ...(await serve(ids(3), 1000, told)(marker, size)),
      more: false,
    });
    expect(await collect({ fetchPage })).toEqual(ids(3));
    expect(told).toEqual([undefined]);
  });

  it('requests no more than the limit, and nothing with a limit of 0', async () => {
    const sizes: number[] = [];
    const fetchPage: PagePlan['fetchPage'] = (marker, size) => {
      sizes.push(size);
      return serve(ids(100), 1000)(marker, size);
    };
    expect(await collect({ fetchPage, limit: 7 })).toHaveLength(7);
    expect(await collect({ fetchPage, limit: 0 })).toHaveLength(0);
    expect(sizes).toEqual([7]);
  });

  it('counts the limit in images that match', async () => {
    const found = await collect({
      fetchPage: serve(ids(500), 100),
      limit: 5,
      matches: (record) => idOf(record).endsWith('00'),
    });
    expect(found).toEqual(['i00000', 'i00100', 'i00200', 'i00300', 'i00400']);
  });

  it('steps back when the image at the marker was deleted meanwhile', async () => {
    const all = ids(60);
    let requests = 0;
    const fetchPage: PagePlan['fetchPage'] = (marker, size) => {
      requests++;
      if (requests === 2) all.splice(all.indexOf('i00029'), 1);
      return serve(all, 30)(marker, size);
    };
    const found = await collect({ fetchPage, pageSize: 30 });
    expect(found).toEqual(ids(60));
  });

  it('gives what it has, and reports that the rest is lost, if the images before the marker are gone too', async () => {
    const all = ids(60);
    let requests = 0;
    const fetchPage: PagePlan['fetchPage'] = (marker, size) => {
      requests++;
      if (requests === 2) all.splice(all.indexOf('i00020'), 10);
      return serve(all, 30)(marker, size);
    };
    const found: string[] = [];
    const walk = async (): Promise<void> => {
      const plan = { pageSize: 30, limit: undefined, marker: undefined, matches: null, fetchPage };
      for await (const page of walkPages(plan)) found.push(...page.map(({ id }) => id));
    };
    await expect(walk()).rejects.toMatchObject({ code: 'partial', facts: { hint: 'run the same command again' } });
    expect(found).toEqual(ids(30));
    expect(requests).toBe(5);
  });

  it('starts over if the only image so far was deleted', async () => {
    const all = ids(3);
    let requests = 0;
    const fetchPage: PagePlan['fetchPage'] = (marker, size) => {
      requests++;
      if (requests === 2) all.shift();
      return serve(all, 1)(marker, size);
    };
    expect(await collect({ fetchPage, pageSize: 1 })).toEqual(ids(3));
  });

  it('reports a server that says that more follows, but sends nothing', async () => {
    const fetchPage = (): Promise<Page> => Promise.resolve({ images: [], more: true });
    await expect(collect({ fetchPage })).rejects.toMatchObject({ code: 'page.loop' });
  });

  it('reads no more of an endless list than its limit of records, and gives what it read', async () => {
    let made = 0;
    const fetchPage = (_marker: string | undefined, size: number): Promise<Page> =>
      Promise.resolve({ images: Array.from({ length: size }, () => image(`i${String(made++)}`)), more: true });
    const found: string[] = [];
    const plan = { pageSize: 30, limit: undefined, marker: undefined, maxRecords: 100, fetchPage };
    const walk = async (matches: PagePlan['matches']): Promise<void> => {
      for await (const page of walkPages({ ...plan, matches })) found.push(...page.map(({ id }) => id));
    };
    await expect(walk(null)).rejects.toMatchObject({
      code: 'page.limit',
      message: expect.stringContaining('120') as string,
    });
    expect(found).toEqual(Array.from({ length: 120 }, (_, index) => `i${String(index)}`));
    // Images that do not match count too.
    await expect(walk(() => false)).rejects.toMatchObject({ code: 'page.limit' });
    expect([found.length, made]).toEqual([120, 240]);
    expect(await collect({ fetchPage, limit: 90, maxRecords: 90, pageSize: 30 })).toHaveLength(90);
  });

  it('tells images apart by ids of any length', async () => {
    const all = ids(9).map((id) => 'x'.repeat(5000) + id);
    expect(await collect({ fetchPage: serve(all, 2) })).toEqual(all);
  });

  it('reports that the first marker is unknown', async () => {
    await expect(collect({ fetchPage: serve(ids(3), 10), marker: 'gone' })).rejects.toMatchObject({ status: 400 });
  });

  it('stops if a server ignores the marker and has less than a page', async () => {
    const fetchPage = (): Promise<Page> => Promise.resolve({ images: ids(30).map(image), more: null });
    expect(await collect({ fetchPage })).toEqual(ids(30));
  });

  it('reports a server that repeats the same full page', async () => {
    const fetchPage = (_marker: string | undefined, size: number): Promise<Page> =>
      Promise.resolve({ images: ids(size).map(image), more: null });
    await expect(collect({ fetchPage, pageSize: 50 })).rejects.toMatchObject({ code: 'page.loop' });
  });
});

describe('a page with odd records', () => {
  const odd = (): never => {
    throw new OddRecordError(image('a'), [{ key: 'size', reason: 'is not a number' }]);
  };
  const readOdd = (count: number): number => keepOddOnes(Array.from({ length: count }), odd).length;

  it('is read up to as many as were requested, and refused with one more', () => {
    expect(readOdd(1000)).toBe(1000);
    expect(() => readOdd(1001)).toThrow(
      expect.objectContaining({ code: 'json.invalid', message: 'over 1000 records of one answer could not be read' }),
    );
  });

  it('may have any number of good ones besides them', () => {
    expect(keepOddOnes(Array.from({ length: 1001 }), () => image('a'))).toHaveLength(1001);
  });

  it('is not read further if something else failed', () => {
    const fail = (): never => {
      throw new TypeError('a bug');
    };
    expect(() => keepOddOnes([1], fail)).toThrow(TypeError);
  });
});
