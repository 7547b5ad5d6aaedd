import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bold, display, escapeText, inline, italic, paragraph, paragraphs, sentence } from '../../../src/docs/roff.ts';

/** What roff prints for one line of source, without fonts. */
function printed(source: string): string {
  const names: Readonly<Record<string, string>> = { aq: "'", ha: '^', ti: '~', ga: '`', en: '–', em: '—', dq: '"' };
  return source
    .replace(/^\\&/, '')
    .replace(/\\(?:f[BIR]|\((..)|\[u([0-9A-F]+)\]|(.))/g, (_all, name?: string, code?: string, char?: string) => {
      if (name !== undefined) return names[name] ?? '?';
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      return char === 'e' ? '\\' : (char ?? '');
    });
}

describe('escapeText', () => {
  test.each([
    ['--no-color', '\\-\\-no\\-color'],
    ['C:\\images', 'C:\\eimages'],
    ["image's", 'image\\(aqs'],
    ['raw, vmdk, …', 'raw, vmdk, ...'],
    ['^~`', '\\(ha\\(ti\\(ga'],
    ['≥ 1', '\\[u2265] 1'],
    ['😀', '\\[u1F600]'],
    ['1 – 2', '1 \\(en 2'],
  ])('writes %s as %s', (text, source) => {
    expect(escapeText(text)).toBe(source);
  });

  test('gives ASCII that prints as the text, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const source = escapeText(text);
        expect(source).toMatch(/^[\x20-\x7e]*$/);
        expect(printed(source)).toBe(text.replaceAll('…', '...').replaceAll('\u00a0', ' '));
      }),
    );
  });
});

describe('inline', () => {
  test('prints marked words bold and keeps them on one line', () => {
    expect(inline('see `glance-cli show` first')).toBe('see \\fBglance\\-cli\\ show\\fR first');
  });

  test('leaves a single mark as it is', () => {
    expect(inline('a ` b')).toBe('a \\(ga b');
  });

  test('has bold for what is typed, and italic for what is replaced', () => {
    expect([bold('-f'), italic('file')]).toEqual(['\\fB\\-f\\fR', '\\fIfile\\fR']);
  });
});

describe('paragraph', () => {
  test('begins each sentence on a line of its own', () => {
    expect(paragraph('One. Two! (Three?) four')).toEqual(['One.', 'Two!', '(Three?)', 'four']);
  });

  test('does not mistake abbreviations and an ellipsis for the end of a sentence', () => {
    expect(paragraph('raw, e.g. (i.e. not) qcow2, … and more')).toEqual(['raw, e.g. (i.e. not) qcow2, ... and more']);
  });

  test('protects a line that would be a macro', () => {
    expect(paragraph('.part is its suffix')).toEqual(['\\&.part is its suffix']);
  });

  test('keeps every word, in short lines without macros, whatever the text', () => {
    const word = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/[\s`]/.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), (words) => {
        const lines = paragraph(words.join(' '));
        expect(lines.map(printed).join(' ')).toBe(words.join(' '));
        for (const line of lines) {
          expect(line).not.toMatch(/^[.']/);
          expect(line.length).toBeLessThanOrEqual(80);
        }
      }),
    );
  });

  test('is separated from the next by a macro, except before the first', () => {
    expect(paragraphs('One\nline.\n\nTwo.\n')).toEqual(['One line.', '.PP', 'Two.']);
  });
});

test('display keeps lines as they are and protects those that start with a dot', () => {
  expect(display('a  b\n.c')).toEqual(['.RS 4', '.EX', 'a  b', '\\&.c', '.EE', '.RE']);
});

test.each([
  ['done', 'done.'],
  ['done.', 'done.'],
  ['raw, …', 'raw, …'],
])('sentence writes %s as %s', (text, expected) => {
  expect(sentence(text)).toBe(expected);
});
