// Lists of facts.
import { formatBytes } from '../output/size.ts';
import { countOf } from '../text/count.ts';
import { type Html, markup } from './markup.ts';

/** A field of a list of facts. */
export interface Fact {
  readonly key: string;
  readonly text: string;
}

/** A list of names and facts. */
export function renderFacts(facts: readonly Fact[]): Html {
  const lines = facts.map(
    ({ key, text }) =>
      markup`<dt>${key}</dt>
        <dd>${text}</dd>`,
  );
  return markup`<dl>${lines}</dl>`;
}

/** Drops unknown facts. */
export function presentFacts(rows: readonly (readonly [string, string | null])[]): readonly Fact[] {
  return rows.flatMap(([key, text]) => (text === null || text === '' ? [] : [{ key, text }]));
}

/** A number of bytes in a readable form, and exactly. */
export function bytesOf(bytes: number | bigint | null): string | null {
  if (bytes === null) return null;
  return bytes < 1024 ? countOf(bytes, 'byte') : `${formatBytes(Number(bytes))} (${String(bytes)})`;
}
