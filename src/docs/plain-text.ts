// Sections as text for a terminal. Pure.
import { wrapWords } from '../text/wrap-words.ts';
import type { ManBlock, ManSection } from './man-section.ts';

const indent = '  ';
const deep = '      ';

/**
 * The sections, wrapped.
 * @param width cells of a line, ≥ 20
 */
export function renderPlain(sections: readonly ManSection[], width: number): string {
  return sections
    .map(({ title, blocks }) => [title, ...blocks.map((each) => renderBlock(each, width))].join('\n'))
    .join('\n\n');
}

function renderBlock(block: ManBlock, width: number): string {
  if (block.type === 'text') return wrapWords(plain(block.text), indent, width);
  if (block.type === 'code') return block.code.replace(/^/gm, deep);
  return block.items
    .map(({ term, text }) => `${indent}${plain(term)}\n${wrapWords(plain(text), deep, width)}`)
    .join('\n');
}

/** The text without the marks for bold, and with white space collapsed. */
function plain(text: string): string {
  return text.replaceAll('`', '').trim().replace(/\s+/g, ' ');
}
