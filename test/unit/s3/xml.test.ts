import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeXml, findElement, findText, parseXml } from '../../../src/s3/xml.ts';

describe('a document', () => {
  it('is elements with their text and what is within them', () => {
    const root = parseXml(
      '\ufeff<?xml version="1.0"?>\n<List xmlns="http://x/">\n <A>1</A><B><A>2</A></B><C/><D a="b" />\n</List>\n',
    );
    expect(root?.name).toBe('List');
    expect(root?.children.map(({ name, text }) => [name, text])).toEqual([
      ['A', '1'],
      ['B', ''],
      ['C', ''],
      ['D', ''],
    ]);
    const inner = root === null ? null : findElement(root, 'B');
    expect(inner === null ? null : findText(inner, 'A')).toBe('2');
  });

  it.each([
    ['&lt;&gt;&amp;&quot;&apos;', '<>&"\''],
    ['&amp;lt;', '&lt;'],
    ['&#252;&#xFC;&#x1F600;', 'üü😀'],
    ['&#0;', '\0'],
    ['&#x110000;&#9999999;&nbsp;&;&amp', '&#x110000;&#9999999;&nbsp;&;&amp'],
  ])('has the predefined entities of XML, and no others: %s', (written, text) => {
    expect(parseXml(`<a>${written}</a>`)?.text).toBe(text);
  });

  it('has the text that was escaped in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(parseXml(`<a>${escapeXml(text)}</a>`)?.text).toBe(text);
      }),
    );
  });
});

describe('elements that are processed as they arrive', () => {
  it('are complete, lie directly below the root, and are not part of it', () => {
    const taken: string[] = [];
    const root = parseXml('<L><A>0</A><I><A>1</A></I><B/><I>2</I><?x?><C><I>3</I></C><I/></L>', (element) => {
      if (element.name === 'I') taken.push(findText(element, 'A') ?? element.text);
      return element.name === 'I';
    });
    expect(taken).toEqual(['1', '2', '']);
    expect(root?.children.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
  });

  it('do not turn anything else into a document', () => {
    expect(parseXml('<L><I></I><I></L>', () => true)).toBeNull();
    expect(parseXml('<L><I/></L>x', () => true)).toBeNull();
  });
});

describe('what is not a document', () => {
  it.each([
    '',
    'text',
    '<a>',
    '<a',
    '</a>',
    '<a></b>',
    '<a></a></a>',
    '<a/><b/>',
    '<a/>x',
    'x<a/>',
    '<a><b></a></b>',
    '< a/>',
    '<1/>',
    '<a><!-- x --></a>',
    '<a><![CDATA[x]]></a>',
    '<!DOCTYPE html><html></html>',
    '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '{"a":1}',
  ])('%j is refused', (text) => {
    expect(parseXml(text)).toBeNull();
  });

  it('is refused if it is nested deeper than any answer', () => {
    expect(parseXml('<a>'.repeat(16) + '</a>'.repeat(16))).not.toBeNull();
    expect(parseXml('<a>'.repeat(17) + '</a>'.repeat(17))).toBeNull();
    expect(parseXml('<a>'.repeat(1_000_000))).toBeNull();
  });

  it('never causes a bug of ours', () => {
    const piece = fc.constantFrom('<', '>', '/', 'a', '<a>', '</a>', '&', '&#', ';', '?', '!', '"', '\0', '<?', '?>');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(() => parseXml(pieces.join(''))).not.toThrow();
      }),
    );
  });
});
