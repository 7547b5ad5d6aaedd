// The lines of progress bars. Pure: the same states give the same text.
import { formatBytes, formatDuration, formatRate } from '../size.ts';
import type { Style } from '../style.ts';
import { cautiousRuler } from '../width.ts';

/** The state of a transfer, as far as it is shown. */
export interface BarState {
  /** Safe for a terminal. */
  readonly name: string;
  readonly bytes: number;
  /** How many of `bytes` an earlier run left. */
  readonly kept: number;
  /** Null if unknown: then there is neither a percentage nor a bar. */
  readonly total: number | null;
  /** Null if not known yet. */
  readonly bytesPerSecond: number | null;
  /** Like `bytesPerSecond`, but over a longer time, to estimate the time left. */
  readonly steadyRate: number | null;
  /** What happens instead of transferring, such as `verifying sha512`; null while bytes arrive. */
  readonly phase: string | null;
}

const barCells = 24;
const leastBarCells = 6;
/** A name is not cut to less than this while something else can be dropped. */
const nameCells = 12;
const gap = '  ';

/**
 * Fixed widths in cells for what changes as bytes arrive, so that nothing else moves: ` 46 %`, `1.5 MiB`, `84.3 MiB/s`,
 * `12m left`.
 */
const shareCells = 5;
const bytesCells = 9;
const rateCells = 11;
const leftCells = 12;
const longSeconds = 600;
const longestSeconds = 100 * 3600 - 30;

/** One line of at most `cells` cells. */
export function barLine(state: BarState, cells: number, style: Style): string {
  return barLines([state], cells, style)[0] ?? '';
}

/**
 * Lines of at most `cells` cells, aligned in columns. On a narrow terminal, the bar, the time left, the rate and the
 * amount are dropped first, and then names are cut; a line with a phase has no bar if there is no room for both.
 */
export function barLines(states: readonly BarState[], cells: number, style: Style): string[] {
  const hasTotals = states.some(({ total }) => total !== null);
  const widestName = Math.max(0, ...states.map(({ name }) => cautiousRuler.width(name)));
  const wanted = Math.min(widestName, nameCells);
  const amounts = states.map((state) => describeAmount(state));
  const widest = Math.max(0, ...amounts.map((amount) => amount.length));
  let facts = states.map((state, index) => listFacts(state, (amounts[index] ?? '').padEnd(widest), hasTotals));
  while ((facts[0]?.length ?? 0) > 1 && wanted + gap.length + factsWidth(facts) > cells)
    facts = facts.map((each) => each.slice(0, -1));
  const rest = cells - factsWidth(facts) - gap.length;
  const bar = hasTotals ? barRoom(rest - wanted - gap.length) : 0;
  const name = Math.min(widestName, bar === 0 ? rest : rest - bar - gap.length);
  return states.map((state, index) => {
    const own = facts[index] ?? [];
    if (rest < 1) return own.join(gap).trimEnd().slice(0, Math.max(0, cells));
    const label = cautiousRuler.pad(cautiousRuler.cut(state.name, name), name, 'left');
    if (state.phase !== null)
      return phaseLine({ ...state, phase: state.phase }, label, own[0] ?? '', bar, cells, style);
    return joinParts([label, drawBar(state, bar, style), ...own]);
  });
}

function phaseLine(
  state: BarState & { readonly phase: string },
  label: string,
  amount: string,
  bar: number,
  cells: number,
  style: Style,
): string {
  const room = cells - cautiousRuler.width([...[label, amount].filter((part) => part !== ''), ''].join(gap));
  const fits = cautiousRuler.width(state.phase) + bar + gap.length <= room;
  return joinParts([label, fits ? drawBar(state, bar, style) : '', amount, cautiousRuler.cut(state.phase, room)]);
}

/** Percentage, amount, rate, time left; without a total, only amount and rate. */
function listFacts(
  { bytes, total, bytesPerSecond, steadyRate }: BarState,
  amount: string,
  hasTotals: boolean,
): string[] {
  const rate = (bytesPerSecond === null ? '' : formatRate(bytesPerSecond)).padStart(rateCells);
  if (!hasTotals) return [amount, rate];
  if (total === null) return [' '.repeat(shareCells), amount, rate, ' '.repeat(leftCells)];
  const share = `${String(Math.floor(shareOf(bytes, total) * 100)).padStart(3)} %`;
  const left = timeLeft(bytes, total, steadyRate).padEnd(leftCells);
  return [share, amount, rate, left];
}

function describeAmount({ bytes, total }: BarState): string {
  const amount = formatBytes(bytes).padStart(bytesCells);
  return total === null ? amount : `${amount} of ${formatBytes(total)}`;
}

/** Empty if unknown, or longer than anybody would wait. */
function timeLeft(bytes: number, total: number, bytesPerSecond: number | null): string {
  const seconds = bytesPerSecond === null ? Number.POSITIVE_INFINITY : (total - bytes) / bytesPerSecond;
  if (bytes >= total || seconds >= longestSeconds) return '';
  // From ten minutes on, seconds do not matter to anybody.
  const isLong = seconds >= longSeconds && seconds < 3600 - 30;
  return `${isLong ? `${String(Math.round(seconds / 60))}m` : formatDuration(seconds)} left`;
}

/** Cells of the bar; 0 for none. */
function barRoom(room: number): number {
  return room < leastBarCells ? 0 : Math.min(barCells, room);
}

/** Draws what an earlier run left in a different style from what arrived in this one. */
function drawBar({ bytes, kept, total }: BarState, cells: number, style: Style): string {
  if (total === null) return ' '.repeat(cells);
  const filled = Math.floor(shareOf(bytes, total) * cells);
  const old = kept === 0 ? 0 : Math.min(filled, Math.floor(shareOf(kept, total) * cells));
  return style.cyan('▓'.repeat(old) + '█'.repeat(filled - old)) + style.dim('░'.repeat(cells - filled));
}

/** From 0 to 1, even if more bytes arrive than expected. */
export function shareOf(bytes: number, total: number): number {
  return total <= 0 ? 1 : Math.min(1, bytes / total);
}

function factsWidth(facts: readonly (readonly string[])[]): number {
  return Math.max(0, ...facts.map((each) => each.join(gap).length));
}

function joinParts(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .join(gap)
    .trimEnd();
}
