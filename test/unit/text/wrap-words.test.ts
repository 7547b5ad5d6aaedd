import { expect, it } from 'vitest';
import { wrapWords } from '../../../src/text/wrap-words.ts';

it('breaks between words, and leaves a longer word whole', () => {
  expect(wrapWords('a word /a/longer/path of it', '  ', 8)).toBe('  a word\n  /a/longer/path\n  of it');
});

it('goes by the measure that is given', () => {
  const wide = (text: string): number => 2 * text.length;
  expect(wrapWords('ab cd', '', 6)).toBe('ab cd');
  expect(wrapWords('ab cd', '', 6, wide)).toBe('ab\ncd');
});
