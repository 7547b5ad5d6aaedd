// One image on a page: its verdict, advice on each hazard, a picture of its disk, and the facts.
import { drawDisk } from '../disk/picture/draw-disk.ts';
import { adviceFor, type Hazard, unsafeFirst } from '../disk/parsing/hazards.ts';
import type { Report } from '../disk/report.ts';
import { describeContents } from '../output/reports/contents-text.ts';
import { countOf } from '../text/count.ts';
import { renderDisk } from './disk-svg.ts';
import { bytesOf, type Fact, presentFacts, renderFacts } from './facts.ts';
import { type Html, markup } from './markup.ts';

/** Rewords advice for its reader. */
export type WordAdvice = (advice: string) => string;

/**
 * A report, to be put below a heading that names its image.
 * @param isAlone whether the page is about this report only: then each hazard comes with its advice
 * @param told what the page says elsewhere. Absent: nothing
 */
export function renderReport(
  report: Report,
  wordAdvice: WordAdvice,
  isAlone: boolean,
  told: Pick<Report, 'id' | 'size'> = { id: null, size: null },
): Html {
  const head = (text: string): Html => (isAlone ? markup`<h2>${text}</h2>` : markup`<h3>${text}</h3>`);
  const picture = drawDisk(report);
  const disk =
    picture === null
      ? null
      : markup`${head('Disk')}
          ${renderDisk(picture)}`;
  const { contents } = report;
  const inside =
    contents === null
      ? null
      : markup`<div>
          ${head('Inside')}
          ${renderFacts(describeContents(contents, picture === null, wordAdvice))}
        </div>`;
  return markup`<p>${renderVerdict(report)}</p>
    ${renderHazards(report.hazards, isAlone ? wordAdvice : null)}${disk}
    <div class="columns">
      <div>
        ${head('Image data')}
        ${renderFacts(factsOf(report, told))}
      </div>
      ${inside}
    </div>`;
}

/** The parts of a report that make its verdict. */
export interface Verdict {
  /** Null if the data could not be read. */
  readonly safe: boolean | null;
  readonly hazards: readonly Pick<Hazard, 'code' | 'severity'>[];
  readonly error: Report['error'];
}

/** The verdict in words, coloured. */
export function renderVerdict({ safe, hazards, error }: Verdict): Html {
  if (safe === null)
    return markup`<span class="warn">could not be read</span> <span class="soft">${error?.message ?? null}</span>`;
  const warnings = hazards.filter(({ severity }) => severity === 'warning').length;
  if (!safe) return markup`<span class="bad">unsafe</span>`;
  return warnings === 0
    ? markup`<span class="good">safe</span>`
    : markup`<span class="good">safe</span>, <span class="warn">${countOf(warnings, 'warning')}</span>`;
}

function renderHazards(hazards: readonly Hazard[], wordAdvice: WordAdvice | null): Html | null {
  if (hazards.length === 0) return null;
  const lines = unsafeFirst(hazards).map((each) => {
    const advice =
      wordAdvice === null ? null : markup`<br /><span class="soft">To do: ${wordAdvice(adviceFor(each))}</span>`;
    return markup`<li>${renderHazardName(each)}: ${each.message}${advice}</li>`;
  });
  return markup`<ul>
    ${lines}
  </ul>`;
}

/** The names of the hazards, each kind once, without colour. */
export function nameHazards(hazards: readonly Pick<Hazard, 'code'>[]): string {
  return [...new Set(hazards.map(nameHazard))].join(', ');
}

function nameHazard({ code }: Pick<Hazard, 'code'>): string {
  return code.replaceAll('_', ' ');
}

/** The name of a hazard, coloured by its severity. */
export function renderHazardName(hazard: Pick<Hazard, 'code' | 'severity'>): Html {
  return markup`<span class="${hazard.severity === 'unsafe' ? 'bad' : 'warn'}">${nameHazard(hazard)}</span>`;
}

function factsOf(report: Report, told: Pick<Report, 'id' | 'size'>): readonly Fact[] {
  const { declared, size, virtual_size, features, details } = report;
  const isUnknown = details !== null && typeof details === 'object' && 'recognised' in details && !details.recognised;
  const rows: readonly (readonly [string, string | null])[] = [
    ['id', report.id === told.id ? null : report.id],
    ['file', report.path],
    ['format', isUnknown ? 'nothing was recognised' : report.format],
    ['declared as', declared.disk_format],
    ['size', size === told.size ? null : bytesOf(size)],
    ['virtual size', bytesOf(virtual_size)],
    ['declared virtual size', bytesOf(declared.virtual_size)],
    ['minimum disk', declared.min_disk === null || declared.min_disk === 0 ? null : `${String(declared.min_disk)} GiB`],
    ['backing file', textOf(report.backing_file)],
    ['data file', textOf(report.data_file)],
    ['encrypted', report.encrypted === true ? 'yes' : null],
    ['snapshots', report.snapshots === 0 ? null : textOf(report.snapshots)],
    ['features', Array.isArray(features) && features.length > 0 ? features.join(', ') : null],
  ];
  return presentFacts(rows);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
