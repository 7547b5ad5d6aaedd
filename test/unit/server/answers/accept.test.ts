import { expect, it } from 'vitest';
import { prefersHtml } from '../../../../src/server/answers/accept.ts';

it.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8', true],
  ['text/html', true],
  ['TEXT/HTML ; q=0.2', true],
  ['text/html, */*', true],
  ['application/json;q=0.5, text/html;q=0.6', true],
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['text/*', false],
  ['application/json', false],
  ['application/json, text/html', false],
  ['text/html;q=0.5, application/json', false],
  ['text/html;q=0.9, */*', false],
  ['text/html;q=0', false],
  ['text/html;q=much', false],
  ['application/vnd.openstack.images-v2.0', false],
])('takes Accept: %s for a browser’s: %s', (accept, isBrowser) => {
  expect(prefersHtml(accept)).toBe(isBrowser);
});
