import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { escapeControls } from '../../../src/text/escape.ts';
import { cautiousRuler, createRuler, splitGraphemes } from '../../../src/output/width.ts';

const shownText = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => escapeControls(text));

describe('a ruler', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['שלום', 4],
    ['👩‍👧❤️', 4],
    ['e\u0301', 1],
    ['…', 1],
  ])('measures %s', async (text, cells) => {
    expect((await createRuler([text])).width(text)).toBe(cells);
  });

  it.each([
    ['plain', 5, 'plain'],
    ['plain', 4, 'pla…'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['👩‍👧👩‍👧', 3, '👩‍👧…'],
    ['plain', 1, '…'],
    ['plain', 0, ''],
  ])('cuts %s to %d cells', async (text, cells, shown) => {
    expect((await createRuler([text])).cut(text, cells)).toBe(shown);
  });

  it('cuts to no more cells than available, and pads to exactly that', async () => {
    const ruler = await createRuler(['é']);
    fc.assert(
      fc.property(shownText, fc.nat(50), fc.constantFrom('left', 'right'), (text, cells, align) => {
        const cut = ruler.cut(text, cells);
        expect(stringWidth(cut)).toBeLessThanOrEqual(cells);
        expect(ruler.width(ruler.pad(cut, cells, align))).toBe(cells);
      }),
    );
  });

  it('measures long texts as the sum of their parts', async () => {
    const text = '日本😀é '.repeat(2000);
    expect((await createRuler([text])).width(text)).toBe(2000 * 8);
    expect([...splitGraphemes(text)].join('')).toBe(text);
  });
});

it('the cautious ruler never measures too little', () => {
  fc.assert(
    fc.property(shownText, (text) => {
      expect(cautiousRuler.width(text)).toBeGreaterThanOrEqual(stringWidth(text));
    }),
  );
  expect(['naïve', 'Привет', 'שלום', '日本語'].map((text) => cautiousRuler.width(text))).toEqual([5, 6, 4, 6]);
});
