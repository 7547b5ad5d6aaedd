// The images that a server offers, as a table to search.
import type { Image } from '../image/image.ts';
import { formatBytes } from '../output/size.ts';
import { framePage } from './frame.ts';
import { type Html, markup } from './markup.ts';
import { renderVerdict, type Verdict } from './report-section.ts';
import { renderCell, renderFilter, renderHead } from './table.ts';

/** What a table of images says of one. */
export interface CatalogRow {
  readonly image: Image;
  /** Null as long as nobody has looked at its data. */
  readonly found: (Verdict & { readonly system: string | null }) | null;
}

const columns = ['Name', 'Verdict', 'Format', 'System', 'Created', 'Id', 'Size'];

/** The page, in pieces, one a row. @param title what is served */
export function renderCatalog(title: string, rows: Iterable<CatalogRow>): Generator<string> {
  return framePage(title, renderTable(rows));
}

/** The address of an image's page, from that of the catalog. */
export function pageOf(id: string): string {
  return `page/${encodeURIComponent(id)}`;
}

function* renderTable(rows: Iterable<CatalogRow>): Generator<Html> {
  yield markup`${renderFilter('filter', 'count')}
    <table class="rows" data-filter="filter" data-count="count">${renderHead(columns)}<tbody>`;
  let isEmpty = true;
  for (const row of rows) {
    isEmpty = false;
    yield renderRow(row);
  }
  yield markup`</tbody></table>${isEmpty ? markup`<p>There are no images here.</p>` : null}`;
}

function renderRow({ image, found }: CatalogRow): Html {
  const { id, name, status, size, disk_format: format, created_at: created } = image;
  const state = status === 'active' || status === null ? null : markup` <span class="soft">${status}</span>`;
  const bytes =
    size === null
      ? markup`<td class="n"></td>`
      : markup`<td class="n" data-label="size" data-sort="${size}">${formatBytes(size)}</td>`;
  return markup`<tr>
    <th scope="row"><a href="${pageOf(id)}">${name === null || name === '' ? id : name}</a>${state}</th>
    <td>${renderFound(found)}</td>
    ${renderCell('format', format)}${renderCell('system', found?.system ?? null)}
    <td class="date" data-label="created">${created?.slice(0, 10) ?? null}</td>
    <td class="id" data-label="id">${id}</td>
    ${bytes}
  </tr>`;
}

function renderFound(found: CatalogRow['found']): Html {
  if (found === null) return markup`<span class="soft">not looked at yet</span>`;
  const codes = [...new Set(found.hazards.map(({ code }) => code.replaceAll('_', ' ')))].join(', ');
  const hazards = codes === '' ? null : markup`<br><span class="soft">${codes}</span>`;
  return markup`${renderVerdict(found)}${hazards}`;
}
