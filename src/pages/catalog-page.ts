// The images that a server offers, as a searchable table.
import type { Image } from '../image/image.ts';
import { framePage } from './frame.ts';
import { type Html, markup } from './markup.ts';
import { nameHazards, renderVerdict, type Verdict } from './report-section.ts';
import { closeTable, openTable, renderCell, renderSize } from './table.ts';

/** One row of a table of images. */
export interface CatalogRow {
  readonly image: Image;
  /** Null if the data was not inspected yet. */
  readonly found: (Verdict & { readonly system: string | null }) | null;
}

const columns = ['Name', 'Verdict', 'Format', 'System', 'Created', 'Id', 'Size'];

/** The page in pieces, one for each row. @param title what is served */
export function renderCatalog(title: string, rows: Iterable<CatalogRow>): Generator<string> {
  return framePage(title, renderTable(rows));
}

/** The URL of an image's page, relative to that of the catalog. */
function pageOf(id: string): string {
  return `page/${encodeURIComponent(id)}`;
}

function* renderTable(rows: Iterable<CatalogRow>): Generator<Html> {
  yield openTable(columns);
  let isEmpty = true;
  for (const row of rows) {
    isEmpty = false;
    yield renderRow(row);
  }
  yield closeTable;
  if (isEmpty) yield markup`<p>There are no images here.</p>`;
}

function renderRow({ image, found }: CatalogRow): Html {
  const { id, name, status, size, disk_format: format, created_at: created } = image;
  const state = status === 'active' || status === null ? null : markup` <span class="soft">${status}</span>`;
  return markup`<tr>
    <th scope="row"><a href="${pageOf(id)}">${name === null || name === '' ? id : name}</a>${state}</th>
    <td>${renderFound(found)}</td>
    ${renderCell('format', format)}${renderCell('system', found?.system ?? null)}
    <td class="date" data-label="created">${created?.slice(0, 10) ?? null}</td>
    <td class="id" data-label="id">${id}</td>
    ${renderSize('size', size)}
  </tr>`;
}

function renderFound(found: CatalogRow['found']): Html {
  if (found === null) return markup`<span class="soft">not inspected yet</span>`;
  const codes = nameHazards(found.hazards);
  const hazards = codes === '' ? null : markup`<br><span class="soft">${codes}</span>`;
  return markup`${renderVerdict(found)}${hazards}`;
}
