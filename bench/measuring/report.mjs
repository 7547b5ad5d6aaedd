// Measurements as a table: smallest, median, largest, and the ratio of runs in the same round.

/** @import { Measurement, Results } from './measure.mjs' */
/** @typedef {(measurement: Measurement) => number | null} Read one quantity; null where it is not known */

/** @type {Read} */
export const wallMs = (measurement) => measurement.wallMs;
/** @type {Read} */
export const wallSeconds = (measurement) => measurement.wallMs / 1000;
/** @type {Read} */
export const peakMebibytes = ({ peakBytes }) => (peakBytes === null ? null : peakBytes / 1024 ** 2);

/**
 * @param {readonly number[]} values
 * @returns {number} NaN if there are none
 */
function median(values) {
  const [low = NaN, high = low] = values
    .toSorted((a, b) => a - b)
    .slice(Math.floor((values.length - 1) / 2), Math.floor(values.length / 2) + 1);
  return (low + high) / 2;
}

/**
 * @param {Results} results
 * @param {string} name of a peer
 * @param {Read} read
 * @returns {number} NaN where it is not known
 */
export function medianOf(results, name, read) {
  return median((results.get(name) ?? []).map((measurement) => read(measurement) ?? NaN));
}

/**
 * Prints a table of one quantity. The ratio is the median of a peer's value divided by the last peer's in the same round.
 * @param {string} title
 * @param {Results} results
 * @param {Read} read
 */
export function printComparison(title, results, read) {
  const reference = [...results.values()].at(-1)?.map(read) ?? [];
  const rows = [...results].map(([name, measurements]) => {
    const known = measurements.map(read).filter((value) => value !== null);
    if (known.length === 0) return [name, '–', '–', '–', '–'];
    const ratios = known.map((value, round) => value / (reference[round] ?? NaN));
    return [
      name,
      ...[Math.min(...known), median(known), Math.max(...known)].map(formatNumber),
      median(ratios).toFixed(2),
    ];
  });
  process.stdout.write(formatTable([[title, 'min', 'median', 'max', 'ratio'], ...rows]));
}

/** @param {number} value */
function formatNumber(value) {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** @param {readonly (readonly string[])[]} rows of equal length */
function formatTable(rows) {
  const widthOf = (/** @type {number} */ column) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widthOf(column)) : cell.padStart(widthOf(column))))
      .join('  '),
  );
  return `\n${lines.join('\n')}\n`;
}
