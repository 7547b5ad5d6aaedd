import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeControls, escapeJson } from '../../../src/text/escape.ts';
import { anyCharacter } from '../../support/any-text.ts';

const dangerous = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
/** Text that is likely to contain emoji, intact and broken. */
const emojiText = fc
  .array(
    fc.constantFrom('\u{1f469}', '\u{1f467}', '\u200d', '\ufe0f', '❤', '1', '\u20e3', '\u{e0067}', '\u{1f3f4}', 'a'),
  )
  .map((parts) => parts.join(''));

describe('escapeControls', () => {
  it.each([
    ['\u001b[2J', '\\x1b[2J'],
    ['a\u0007\u007f\u009b', 'a\\x07\\x7f\\x9b'],
    ['line\r\nbreak', 'line\\x0d\\x0abreak'],
    ['gpj.\u202eexe', 'gpj.\\u202eexe'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['\ud800', '\\ud800'],
    ['日本語 é ☃ עברית', '日本語 é ☃ עברית'],
    ['soft\u00adhyphen', 'soft\\xadhyphen'],
    ['filler\u3164', 'filler\\u3164'],
    ['hidden\u{e0100}\ufe01', 'hidden\\u{e0100}\\ufe01'],
    [
      'family \u{1f469}\u200d\u{1f467}, heart ❤\ufe0f, key 1\ufe0f\u20e3',
      'family \u{1f469}\u200d\u{1f467}, heart ❤\ufe0f, key 1\ufe0f\u20e3',
    ],
    ['a\u200db 1\ufe0f', 'a\\u200db 1\\ufe0f'],
    ['\u{1f3f4}\u{e0067}\u{e007f}', '\u{1f3f4}\\u{e0067}\\u{e007f}'],
    [
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}\u200d',
      '\u{1f3f4}\\u{e0067}\\u{e0062}\\u{e0065}\\u{e006e}\\u{e0067}\\u{e007f}\\u200d',
    ],
  ])('shows %j as %s', (text, shown) => {
    expect(escapeControls(text)).toBe(shown);
  });

  it('keeps line feeds of our own text on request', () => {
    expect(escapeControls('a\nb\u001b', { keepNewlines: true })).toBe('a\nb\\x1b');
  });

  it('leaves nothing that controls a terminal, and is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const once = escapeControls(text);
        expect(once).not.toMatch(dangerous);
        expect(escapeControls(once)).toBe(once);
      }),
    );
  });
});

it('keeps an invisible character only in an emoji, and then for good', () => {
  fc.assert(
    fc.property(emojiText, (text) => {
      const once = escapeControls(text);
      expect(escapeControls(once)).toBe(once);
      expect(
        once.replace(/[❤1\u{1f469}\u{1f467}]\ufe0f?\u20e3?(?:\u200d[❤\u{1f469}\u{1f467}]\ufe0f?)*/gu, ''),
      ).not.toMatch(dangerous);
    }),
  );
});

it('escapeJson changes no value', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      const json = escapeJson(JSON.stringify({ text }, null, 2));
      expect(JSON.parse(json)).toEqual({ text });
      expect(json.replaceAll('\n', '')).not.toMatch(dangerous);
    }),
  );
});
