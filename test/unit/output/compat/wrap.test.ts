import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapText } from '../../../../src/output/compat/wrap.ts';

describe('text wrapped as in Python', () => {
  it.each([
    ['Look, goof-ball -- use the -b option!', 12, ['Look, goof-', 'ball -- use', 'the -b', 'option!']],
    ['5eed0000-0000-4000-8000-000000000048', 18, ['5eed0000-0000-', '4000-8000-', '000000000048']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['  ab  cd  ', 5, ['  ab', 'cd']],
    ['wait--there', 6, ['wait--', 'there']],
    ['日本語 日本語', 4, ['日本語', '日本語']],
    ['     ', 3, []],
  ])('breaks %j at %i into %j', (text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines);
  });

  it('loses nothing but blanks and fits the width', () => {
    const unit = fc.constantFrom('a', 'b', ' ', '-', '.', 'é', '😀');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (text, width) => {
        const lines = wrapText(text, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(Array.from(line).length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
