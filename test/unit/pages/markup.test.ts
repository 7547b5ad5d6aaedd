import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asHtml, markup } from '../../../src/pages/markup.ts';

it('escapes what is put into a template, and leaves HTML alone', () => {
  const evil = `<script>alert("1" & '2')</script>`;
  expect(markup`<p title="${evil}">${evil}${3}${null}${markup`<b>${'<'}</b>`}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;">' +
      '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;3<b>&lt;</b></p>',
  );
  expect(markup`${[asHtml('<i>'), markup`${10n}`]}`.text).toBe('<i>10');
});

it('spells out characters that are invisible or change the direction of writing', () => {
  expect(markup`${'a\u202eb\u0000c'}`.text).toBe('a\\u202eb\\x00c');
});

it('drops the line breaks of its templates, and keeps those of values', () => {
  const style = asHtml('a\n  b');
  expect(
    markup`
    <p>
      ${style}
    </p>`.text,
  ).toBe('<p>a\n  b</p>');
});

it('confines every text to its place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const { text: html } = markup`<p title="${text}">${text}</p>`;
      expect(html.match(/[<>"]/g)).toEqual(['<', '"', '"', '>', '<', '>']);
    }),
  );
});
