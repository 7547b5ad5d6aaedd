// The table of a page, which can be filtered and sorted: see script.ts.
import { formatBytes } from '../output/size.ts';
import { type Html, markup } from './markup.ts';

/** The filter field, which the script shows, and the table up to its rows. */
export function openTable(columns: readonly string[]): Html {
  return markup`<div class="field" hidden><label for="filter">Filter</label>
    <input id="filter" type="search" autocomplete="off">
    <span id="count" class="soft" role="status"></span></div>
    <table class="rows" data-filter="filter" data-count="count">
    <thead><tr>${columns.map((column) => markup`<th scope="col">${column}</th>`)}</tr></thead><tbody>`;
}

/** What follows the rows. */
export const closeTable = markup`</tbody></table>`;

/** A cell with its own label, for narrow screens that hide the head of the table. */
export function renderCell(label: string, text: string | null): Html {
  return text === null || text === '' ? markup`<td></td>` : markup`<td data-label="${label}">${text}</td>`;
}

/** {@link renderCell} for bytes: readable, and sorted by number. */
export function renderSize(label: string, bytes: number | bigint | null): Html {
  if (bytes === null) return markup`<td class="n"></td>`;
  return markup`<td class="n" data-label="${label}" data-sort="${bytes}">${formatBytes(Number(bytes))}</td>`;
}
