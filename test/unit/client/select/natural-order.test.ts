import { describe, expect, it } from 'vitest';
import { inNaturalOrder } from '../../../../src/client/select/natural-order.ts';
import { GlanceError } from '../../../../src/errors.ts';
import type { Image } from '../../../../src/image/image.ts';
import { makeImage } from '../../../support/images.ts';

/** Pages of this many images each, the later ones first by name. */
async function* descending(pages: number, size: number, properties: Image['properties'] = {}) {
  for (let page = pages; page > 0; page--) {
    yield Array.from({ length: size }, (_, index) =>
      makeImage({ name: `n${String(page * size - index)}`, properties }),
    );
  }
}

async function namesOf(pages: AsyncIterable<readonly Image[]>): Promise<(string | null)[]> {
  const names: (string | null)[] = [];
  for await (const page of pages) names.push(...page.map(({ name }) => name));
  return names;
}

describe('a list in natural order', () => {
  it('sorts ten thousand images, and continues in pages', async () => {
    const pages: (readonly Image[])[] = [];
    for await (const page of inNaturalOrder(descending(20, 500))) pages.push(page);
    expect(pages.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 1000));
    expect(pages.flat().map(({ name }) => name)).toEqual(
      Array.from({ length: 10_000 }, (_, at) => `n${String(at + 1)}`),
    );
  });

  it('keeps the order of a longer list, and streams it', async () => {
    let given = 0;
    const counted = async function* () {
      for await (const page of descending(4, 5000)) {
        given++;
        yield page;
      }
    };
    const pages = inNaturalOrder(counted());
    expect((await pages.next()).value?.[0]?.name).toBe('n20000');
    expect(given).toBe(3);
    expect((await namesOf(pages)).at(-1)).toBe('n1');
  });

  it('keeps the order of a list whose records are too long to hold', async () => {
    const long = { note: 'x'.repeat(1_000_000) };
    const names = await namesOf(inNaturalOrder(descending(80, 1, long)));
    expect([names[0], names.at(-1), names.length]).toEqual(['n80', 'n1', 80]);
    expect((await namesOf(inNaturalOrder(descending(30, 1, long))))[0]).toBe('n1');
  });

  it('gives what came before an error', async () => {
    const broken = async function* () {
      yield* descending(1, 2);
      throw new GlanceError('http.503', 'no more');
    };
    const pages = inNaturalOrder(broken());
    expect((await pages.next()).value?.map(({ name }) => name)).toEqual(['n1', 'n2']);
    await expect(pages.next()).rejects.toThrow('no more');
  });
});
