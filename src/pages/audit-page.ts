// An audit as one page: a summary, a searchable table, and each image.
import { adviceFor, type Hazard } from '../disk/parsing/hazards.ts';
import type { Report } from '../disk/report.ts';
import { describeSystem } from '../output/reports/contents-text.ts';
import { countOf } from '../text/count.ts';
import { renderFacts } from './facts.ts';
import { framePage } from './frame.ts';
import { asHtml, type Html, markup } from './markup.ts';
import { nameHazards, renderHazardName, renderReport, renderVerdict, type WordAdvice } from './report-section.ts';
import { closeTable, openTable, renderCell, renderSize } from './table.ts';

/** Maximum number of lines of each ranking above the table; the rest is only counted. */
const rankedLines = 12;

export interface AuditPageOptions {
  /** When the audit was made, ISO 8601; null to leave it out. */
  readonly madeAt: string | null;
  /** Absent: the advice names options as the library does. */
  readonly wordAdvice?: WordAdvice;
}

/** Collects reports, of which it keeps only what a page shows. */
export class AuditPage {
  readonly #rows: string[] = [];
  readonly #titles: string[] = [];
  /** Without headings. */
  readonly #sections: string[] = [];
  readonly #verdicts = new Map<string, number>();
  /** By code and severity. */
  readonly #hazards = new Map<string, RankedHazard>();
  readonly #formats = new Map<string, number>();
  readonly #systems = new Map<string, number>();
  readonly #madeAt: string | null;
  readonly #wordAdvice: WordAdvice;
  #first: Report | null = null;

  constructor({ madeAt, wordAdvice = (advice) => advice }: AuditPageOptions) {
    this.#madeAt = madeAt;
    this.#wordAdvice = wordAdvice;
  }

  add(report: Report): void {
    const { safe, hazards, format, contents } = report;
    const number = this.#rows.length + 1;
    count(this.#verdicts, safe === null ? 'could not be read' : safe ? 'safe' : 'unsafe');
    this.#countHazards(hazards);
    if (format !== null) count(this.#formats, format);
    if (contents !== null) count(this.#systems, describeSystem(contents) ?? 'not read');
    this.#rows.push(renderRow(report, number).text);
    this.#first ??= report;
    this.#titles.push(titleOf(report));
    this.#sections.push(renderReport(report, this.#wordAdvice, false).text);
  }

  /** The page in pieces. If there is only one report, the page is about that one. */
  *render(): Generator<string> {
    const only = this.#sections.length === 1 ? this.#first : null;
    if (only === null) yield* framePage('Images', this.#renderAll());
    else yield* framePage(titleOf(only), [this.#renderOrigin(), renderReport(only, this.#wordAdvice, true)]);
  }

  *#renderAll(): Generator<Html> {
    yield this.#renderOrigin();
    const verdicts = [...this.#verdicts].map(([verdict, images]) => {
      const kind = verdict === 'safe' ? 'good' : verdict === 'unsafe' ? 'bad' : 'warn';
      return markup`<li><b>${images}</b><span class="${kind}">${verdict}</span></li>`;
    });
    yield markup`<ul class="counts">${verdicts}</ul>
      <div class="columns">${renderRanking('Formats', this.#formats)}${renderRanking('Systems', this.#systems)}</div>
      ${this.#renderHazards()}
      <h2>All images</h2>
      ${openTable(columns)}`;
    for (const row of this.#rows) yield asHtml(row);
    yield closeTable;
    for (const [index, section] of this.#sections.entries()) {
      const heading = markup`<h2 id="image-${index + 1}">${this.#titles[index] ?? ''}</h2>`;
      yield markup`<section class="image">${heading}${asHtml(section)}</section>`;
    }
  }

  #countHazards(hazards: readonly Hazard[]): void {
    for (const each of new Map(hazards.map((one) => [`${one.code} ${one.severity}`, one])).values()) {
      const key = `${each.code} ${each.severity}`;
      this.#hazards.set(key, { hazard: each, images: (this.#hazards.get(key)?.images ?? 0) + 1 });
    }
  }

  /** Hazards that make images unsafe come first, then those that most images have; each with advice, given once. */
  #renderHazards(): Html | null {
    if (this.#hazards.size === 0) return null;
    const ranked = [...this.#hazards.values()].toSorted(
      (a, b) => Number(a.hazard.severity !== 'unsafe') - Number(b.hazard.severity !== 'unsafe') || b.images - a.images,
    );
    const lines = ranked.map(({ hazard, images }) => {
      const advice = this.#wordAdvice(adviceFor(hazard));
      return markup`<li>
        ${renderHazardName(hazard)}: ${countOf(images, 'image')}<br /><span class="soft">To do: ${advice}</span>
      </li>`;
    });
    return markup`<h2>Hazards</h2>
      <ul>
        ${lines}
      </ul>`;
  }

  #renderOrigin(): Html {
    const madeAt = this.#madeAt;
    const made = madeAt === null ? null : markup`, <time datetime="${madeAt}">${madeAt}</time>`;
    return markup`<p class="soft">${countOf(this.#sections.length, 'image')} inspected by glance-cli${made}</p>`;
  }
}

const columns = ['Name', 'Verdict', 'Hazards', 'Format', 'System', 'Disk'];

interface RankedHazard {
  /** One of these rankings. */
  readonly hazard: Hazard;
  readonly images: number;
}

function titleOf({ name, id, path }: Report): string {
  return name ?? path ?? id ?? 'standard input';
}

function renderRow(report: Report, number: number): Html {
  const { virtual_size: size, contents, hazards, format } = report;
  const system = contents === null ? null : describeSystem(contents);
  return markup`<tr>
    <th scope="row"><a href="#image-${number}">${titleOf(report)}</a></th>
    <td>${renderVerdict(report)}</td>
    <td>${nameHazards(hazards)}</td>
    ${renderCell('format', format)}${renderCell('system', system)}${renderSize('disk', size)}
  </tr>`;
}

/** The most frequent come first. */
function renderRanking(title: string, counts: ReadonlyMap<string, number>): Html | null {
  if (counts.size === 0) return null;
  const ranked = [...counts].toSorted(([a, more], [b, fewer]) => fewer - more || (a < b ? -1 : 1));
  const facts = ranked.slice(0, rankedLines).map(([key, images]) => ({ key, text: String(images) }));
  const rest = ranked.length > rankedLines ? markup`<p class="soft">and ${ranked.length - rankedLines} more</p>` : null;
  return markup`<div>
    <h2>${title}</h2>
    ${renderFacts(facts)}
    ${rest}
  </div>`;
}

function count(counts: Map<string, number>, word: string): void {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}
