// The line of the progress bar. Pure: the same state gives the same text.
import { formatBytes, formatDuration, formatRate } from './size.ts';
import type { Style } from './style.ts';
import { cautiousRuler } from './width.ts';

/** What there is to show of a transfer. */
export interface BarState {
  /** Safe for a terminal. */
  readonly name: string;
  readonly bytes: number;
  /** Null where it is not known: then there is neither share nor bar. */
  readonly total: number | null;
  /** Null where it is not known yet. */
  readonly bytesPerSecond: number | null;
  /** What is done instead of transferring, such as `verifying sha512`; null while bytes come. */
  readonly phase: string | null;
}

const barCells = 24;
const leastBarCells = 8;
/** A name is not cut to less than this as long as something else can go. */
const nameCells = 16;
const gap = '  ';

/** One line of at most `cells` cells. On a narrow terminal time left, rate and amount go first, then the name. */
export function barLine(state: BarState, cells: number, style: Style): string {
  const facts = listFacts(state);
  const wanted = Math.min(cautiousRuler.width(state.name), nameCells);
  let shown = facts;
  while (shown.length > 1 && wanted + gap.length + width(shown) > cells) shown = shown.slice(0, -1);
  const text = shown.join(gap);
  const rest = cells - text.length - gap.length;
  if (rest < 1) return text.slice(0, Math.max(0, cells));
  const bar = barRoom(state, rest - wanted - gap.length);
  const nameRoom = bar === 0 ? rest : rest - bar - gap.length;
  const name = cautiousRuler.cut(state.name, nameRoom);
  return [name, ...(bar === 0 ? [] : [drawBar(state, bar, style)]), text].filter((part) => part !== '').join(gap);
}

function listFacts({ bytes, total, bytesPerSecond, phase }: BarState): string[] {
  const amount = total === null ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(total)}`;
  const share = total === null ? [] : [`${String(Math.floor(shareOf(bytes, total) * 100)).padStart(3)} %`];
  if (phase !== null) return [...share, amount, phase];
  const rate = bytesPerSecond === null ? [] : [formatRate(bytesPerSecond)];
  return [...share, amount, ...rate, ...timeLeft(bytes, total, bytesPerSecond)];
}

function timeLeft(bytes: number, total: number | null, bytesPerSecond: number | null): string[] {
  if (total === null || bytesPerSecond === null || bytesPerSecond < 1 || bytes >= total) return [];
  return [`${formatDuration((total - bytes) / bytesPerSecond)} left`];
}

/** Cells of the bar; 0 for none. */
function barRoom({ total }: BarState, room: number): number {
  return total === null || room < leastBarCells ? 0 : Math.min(barCells, room);
}

function drawBar({ bytes, total }: BarState, cells: number, style: Style): string {
  const filled = Math.floor(shareOf(bytes, total ?? 0) * cells);
  return style.cyan('█'.repeat(filled)) + style.dim('░'.repeat(cells - filled));
}

/** In [0, 1], also if more bytes come than there should be. */
export function shareOf(bytes: number, total: number): number {
  return total <= 0 ? 1 : Math.min(1, bytes / total);
}

function width(parts: readonly string[]): number {
  return parts.join(gap).length;
}
