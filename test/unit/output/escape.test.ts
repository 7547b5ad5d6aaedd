import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeControls, escapeJson } from '../../../src/output/escape.ts';

const dangerous = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

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
  ])('shows %j as %s', (text, shown) => {
    expect(escapeControls(text)).toBe(shown);
  });

  it('lets line feeds of our own text stand if asked', () => {
    expect(escapeControls('a\nb\u001b', { keepNewlines: true })).toBe('a\nb\\x1b');
  });

  it('leaves nothing that drives a terminal, and changes nothing when applied again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = escapeControls(text);
        expect(once).not.toMatch(dangerous);
        expect(escapeControls(once)).toBe(once);
      }),
    );
  });
});

it('escapeJson changes no value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = escapeJson(JSON.stringify({ text }, null, 2));
      expect(JSON.parse(json)).toEqual({ text });
      expect(json.replaceAll('\n', '')).not.toMatch(dangerous);
    }),
  );
});
