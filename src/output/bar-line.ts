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
const leastBarCells = 6;
/** A name is not cut to less than this as long as something else can go. */
const nameCells = 12;
const gap = '  ';

/** Cells of what changes as bytes come, so that nothing else has to move: `1.5 MiB`, `84.3 MiB/s`, `12m 07s left`. */
const bytesCells = 9;
const rateCells = 11;
const leftCells = 12;
const longestSeconds = 100 * 3600 - 30;

/** One line of at most `cells` cells. On a narrow terminal bar, time left, rate and amount go first, then the name. */
export function barLine(state: BarState, cells: number, style: Style): string {
  let facts = listFacts(state);
  const wanted = Math.min(cautiousRuler.width(state.name), nameCells);
  while (facts.length > 1 && wanted + gap.length + width(facts) > cells) facts = facts.slice(0, -1);
  const rest = cells - width(facts) - gap.length;
  const text = facts.join(gap).trimEnd();
  if (rest < 1) return text.slice(0, Math.max(0, cells));
  const bar = barRoom(state, rest - wanted - gap.length);
  const name = cautiousRuler.cut(state.name, bar === 0 ? rest : rest - bar - gap.length);
  return [name, ...(bar === 0 ? [] : [drawBar(state, bar, style)]), text].filter((part) => part !== '').join(gap);
}

function listFacts({ bytes, total, bytesPerSecond, phase }: BarState): string[] {
  const rate = bytesPerSecond === null ? '' : formatRate(bytesPerSecond);
  if (total === null) return [formatBytes(bytes), phase ?? rate];
  const share = `${String(Math.floor(shareOf(bytes, total) * 100)).padStart(3)} %`;
  const amount = `${formatBytes(bytes).padStart(bytesCells)} of ${formatBytes(total)}`;
  if (phase !== null) return [share, amount, phase];
  return [share, amount, rate.padStart(rateCells), timeLeft(bytes, total, bytesPerSecond).padEnd(leftCells)];
}

/** Nothing where it is not known, or so long that nobody waits for it. */
function timeLeft(bytes: number, total: number, bytesPerSecond: number | null): string {
  const seconds = bytesPerSecond === null ? Number.POSITIVE_INFINITY : (total - bytes) / bytesPerSecond;
  return bytes < total && seconds < longestSeconds ? `${formatDuration(seconds)} left` : '';
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
