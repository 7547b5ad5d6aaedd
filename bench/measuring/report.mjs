// Measurements as a table: smallest, median, largest, and the ratio of runs in the same round.

/**
 * @param {readonly number[]} values at least one
 * @returns {number}
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * A table of one quantity. The ratio is the median of a peer's value divided by the last peer's in the same round.
 * @param {string} title
 * @param {readonly string[]} names of the peers
 * @param {readonly (readonly (number | null)[])[]} values by peer; the same index is the same round
 * @returns {string}
 */
export function formatComparison(title, names, values) {
  const reference = values.at(-1) ?? [];
  const rows = names.map((name, peer) => {
    const known = values[peer].filter((value) => value !== null);
    if (known.length === 0) return [name, '–', '–', '–', '–'];
    const ratios = known.map((value, round) => value / (reference[round] ?? Number.NaN));
    return [
      name,
      ...[Math.min(...known), median(known), Math.max(...known)].map(formatNumber),
      median(ratios).toFixed(2),
    ];
  });
  return formatTable([[title, 'min', 'median', 'max', 'ratio'], ...rows]);
}

function formatNumber(value) {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function formatTable(rows) {
  const widths = rows[0].map((_cell, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '),
  );
  return `\n${lines.join('\n')}\n`;
}
