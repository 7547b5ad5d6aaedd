// The disk of an image as a line, and a description of each of its parts.
import { drawDisk, type Part, type Picture, type Report } from '../../../client/inspect/report.ts';
import { renderGroups } from '../../../output/record.ts';
import { describeParts } from '../../../output/reports/parts-text.ts';
import type { Style } from '../../../output/style.ts';
import type { ResultOptions } from '../../context.ts';

/** Maximum width of the line in cells: a wider one would show nothing more. */
const mostCells = 76;
const margin = '  ';

/** The partitions and file systems of a disk, with a line to scale on a terminal; empty if none are known. */
export async function describeDisk(report: Report, results: ResultOptions): Promise<string> {
  const picture = drawDisk(report);
  if (picture === null) return '';
  const text = await renderGroups([{ title: 'disk', fields: describeParts(picture) }], results);
  if (results.width === null || !results.headers) return text;
  const [title = '', ...rest] = text.split('\n');
  const note = picture.isToScale ? '' : results.style.dim('  small parts are drawn wider');
  const line = margin + drawLine(picture, Math.min(mostCells, results.width - margin.length), results.style);
  return [title + note, line, ...rest].join('\n');
}

/** Used space filled, other space in partitions light, and space outside partitions as dots. */
function drawLine({ parts }: Picture, width: number, style: Style): string {
  const cells = Math.max(parts.length, width - parts.length - 1);
  let drawn = 0;
  let share = 0;
  const pieces = parts.map((part, index) => {
    share += part.share;
    const left = parts.length - 1 - index;
    const until = Math.min(cells - left, Math.max(drawn + 1, Math.round(share * cells)));
    const own = until - drawn;
    drawn = until;
    return drawPart(part, own, style);
  });
  const edge = style.dim('│');
  return edge + pieces.join(edge) + edge;
}

function drawPart({ kind, used, filesystem }: Part, cells: number, style: Style): string {
  if (kind === 'free') return style.dim('·'.repeat(cells));
  const filled = used === null ? 0 : Math.min(cells, Math.max(1, Math.round(used * cells)));
  const rest = (used === null && filesystem === null ? '▒' : '░').repeat(cells - filled);
  return style.cyan('█'.repeat(filled)) + style.dim(rest);
}
