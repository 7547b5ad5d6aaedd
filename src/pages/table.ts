// The parts of a table that filters and sorts: see script.ts.
import { type Html, markup } from './markup.ts';

/** The field that a table is filtered with, which is of use with the script alone. */
export function renderFilter(id: string, countId: string): Html {
  return markup`<div class="field" hidden><label for="${id}">Filter</label>
    <input id="${id}" type="search" autocomplete="off">
    <span id="${countId}" class="soft" role="status"></span></div>`;
}

/** A cell that says what it is where the columns have no heads, as on a narrow screen. */
export function renderCell(label: string, text: string | null): Html {
  return text === null || text === '' ? markup`<td></td>` : markup`<td data-label="${label}">${text}</td>`;
}

/** The heads of its columns. */
export function renderHead(columns: readonly string[]): Html {
  return markup`<thead><tr>${columns.map((column) => markup`<th scope="col">${column}</th>`)}</tr></thead>`;
}
