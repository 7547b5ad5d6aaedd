// The lines of progress bars. Pure: the same states give the same text.
import { formatBytes, formatDuration, formatRate } from '../size.ts';
import type { Style } from '../style.ts';
import { cautiousRuler } from '../width.ts';

/** What there is to show of a transfer. */
export interface BarState {
  /** Safe for a terminal. */
  readonly name: string;
  readonly bytes: number;
  /** Of `bytes`, those that an earlier run left. */
  readonly kept: number;
  /** Null where it is not known: then there is neither share nor bar. */
  readonly total: number | null;
  /** Null where it is not known yet. */
  readonly bytesPerSecond: number | null;
  /** As `bytesPerSecond`, over a longer time: what the time left is reckoned with. */
  readonly steadyRate: number | null;
  /** What is done instead of transferring, such as `verifying sha512`; null while bytes come. */
  readonly phase: string | null;
}

const barCells = 24;
const leastBarCells = 6;
/** A name is not cut to less than this as long as something else can go. */
const nameCells = 12;
const gap = '  ';

/** Cells of what changes as bytes come, so that nothing else has to move: ` 46 %`, `1.5 MiB`, `84.3 MiB/s`, `12m left`. */
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
 * Lines of at most `cells` cells, what belongs together below each other. On a narrow terminal bar, time left, rate and
 * amount go first, then the names; where a phase is told, its line has no bar if there is no room for both.
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

/** Share, amount, rate, time left; where no total is known amount and rate only. */
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

/** Nothing where it is not known, or so long that nobody waits for it. */
function timeLeft(bytes: number, total: number, bytesPerSecond: number | null): string {
  const seconds = bytesPerSecond === null ? Number.POSITIVE_INFINITY : (total - bytes) / bytesPerSecond;
  if (bytes >= total || seconds >= longestSeconds) return '';
  // Nobody waits for the seconds of a quarter of an hour.
  const isLong = seconds >= longSeconds && seconds < 3600 - 30;
  return `${isLong ? `${String(Math.round(seconds / 60))}m` : formatDuration(seconds)} left`;
}

/** Cells of the bar; 0 for none. */
function barRoom(room: number): number {
  return room < leastBarCells ? 0 : Math.min(barCells, room);
}

/** What an earlier run left looks other than what came now. */
function drawBar({ bytes, kept, total }: BarState, cells: number, style: Style): string {
  if (total === null) return ' '.repeat(cells);
  const filled = Math.floor(shareOf(bytes, total) * cells);
  const old = kept === 0 ? 0 : Math.min(filled, Math.floor(shareOf(kept, total) * cells));
  return style.cyan('▓'.repeat(old) + '█'.repeat(filled - old)) + style.dim('░'.repeat(cells - filled));
}

/** In [0, 1], also if more bytes come than there should be. */
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
