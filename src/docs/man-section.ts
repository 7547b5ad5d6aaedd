// Sections of a man page that do not come from the command tree: as values, and as roff.
import { display, escapeText, inline, paragraphs, sentence, taggedParagraph } from './roff.ts';

/** A piece of a section. In texts `` `words` `` are printed bold. */
export type ManBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'definitions'; readonly items: readonly Definition[] }
  | { readonly type: 'code'; readonly code: string };

/** A term and what it means. */
export interface Definition {
  readonly term: string;
  readonly text: string;
}

/** A section, such as FILES. */
export interface ManSection {
  /** In capitals. */
  readonly title: string;
  readonly blocks: readonly ManBlock[];
}

/** A row of the table of exit codes. */
export interface ExitStatus {
  readonly exit: number;
  readonly name: string;
  readonly when: string;
  /** What a script should do. */
  readonly advice: string;
}

/** Each code, with when it is used and what to do. */
export function exitStatusItems(table: readonly ExitStatus[]): readonly Definition[] {
  return table.map(({ exit, name, when, advice }) => ({
    term: `\`${String(exit)}\` (${name})`,
    text: `${sentence(when)} What to do: ${sentence(advice)}`,
  }));
}

/** The section EXIT STATUS. */
export function exitStatusSection(table: readonly ExitStatus[]): ManSection {
  return { title: 'EXIT STATUS', blocks: [{ type: 'definitions', items: exitStatusItems(table) }] };
}

/** The lines of a section, heading included. */
export function renderSection({ title, blocks }: ManSection): string[] {
  return [heading(title), ...blocks.flatMap((block, index) => renderBlock(block, index === 0))];
}

/** A heading, quoted if it has to be. */
export function heading(title: string, macro: '.SH' | '.SS' = '.SH'): string {
  const text = escapeText(title).replaceAll('"', '\\(dq');
  return `${macro} ${text.includes(' ') ? `"${text}"` : text}`;
}

function renderBlock(block: ManBlock, isFirst: boolean): string[] {
  if (block.type === 'definitions') return block.items.flatMap(({ term, text }) => taggedParagraph(inline(term), text));
  const lines = block.type === 'text' ? paragraphs(block.text) : display(block.code);
  return isFirst ? lines : ['.PP', ...lines];
}
