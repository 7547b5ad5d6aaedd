// The frame of a page: its head, what it may load, and the parts that all pages share.
import { createHash } from 'node:crypto';
import { asHtml, type Html, markup } from './markup.ts';
import { script } from './script.ts';
import { style } from './style.ts';

/**
 * What a page may load and do: only its own style and script, identified by their hashes.
 * @see https://www.w3.org/TR/CSP3/
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src '${digestOf(style)}'`,
  `script-src '${digestOf(script)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/**
 * A self-contained page, in pieces.
 * @param main its content, below the heading
 * @param above what comes before the heading; null for nothing
 */
export function* framePage(title: string, main: Iterable<Html>, above: Html | null = null): Generator<string> {
  yield markup`<!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}">
    <meta name="referrer" content="no-referrer">
    <title>${title}</title>
    <style>${asHtml(style)}</style>
    </head>
    <body>
    <a class="skip" href="#main">Skip to content</a>
    ${above}
    <main id="main" tabindex="-1">
    <h1>${title}</h1>
  `.text;
  for (const { text } of main) yield text;
  yield markup`</main><script>${asHtml(script)}</script></body></html>`.text;
  yield '\n';
}
