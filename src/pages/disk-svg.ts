// Draws a disk as SVG: its parts to scale, with the used share of each filled.
import type { Part, Picture } from '../disk/picture/draw-disk.ts';
import { describeParts, namePart } from '../output/reports/parts-text.ts';
import { renderFacts } from './facts.ts';
import { type Html, markup } from './markup.ts';

/** Smallest share of the width, 0 to 1, that has room for a part's number. */
const labelShare = 0.02;

/** A drawing of a disk, and a list of its parts below it. */
export function renderDisk(picture: Picture): Html {
  let left = 0;
  const shapes = picture.parts.map((part) => {
    const shape = renderPart(part, left);
    left += part.share;
    return shape;
  });
  const note = picture.isToScale ? null : markup`<figcaption class="soft">Small parts are drawn wider.</figcaption>`;
  return markup`<figure><svg role="img" aria-label="the disk, to scale">${shapes}</svg>${note}</figure>
    ${renderFacts(describeParts(picture))}`;
}

function renderPart(part: Part, left: number): Html {
  const { kind, share, used, filesystem, number } = part;
  const title = markup`<title>${namePart(part)}</title>`;
  const place = markup`x="${percent(left)}" width="${percent(share)}"`;
  if (kind === 'free') return markup`<g>${title}<rect class="free" ${place} /></g>`;
  const background = used === null && filesystem === null ? 'what' : 'room';
  const filled =
    used === null ? null : markup`<rect class="used" x="${percent(left)}" width="${percent(share * used)}" />`;
  const label =
    number === null || share < labelShare
      ? null
      : markup`<text x="${percent(left + share / 2)}" y="1.9em">${number}</text>`;
  return markup`<g>${title}<rect class="${background}" ${place} />${filled}<rect class="edge" ${place} />${label}</g>`;
}

/** Nobody can see anything finer. */
function percent(share: number): string {
  return `${String(Math.round(share * 10_000) / 100)}%`;
}
