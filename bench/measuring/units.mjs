// Sizes as text.

const [mebibyte, gibibyte] = [1024 ** 2, 1024 ** 3];
/** @type {Readonly<Record<string, number>>} */
const units = { '': 1, K: 1024, M: mebibyte, G: gibibyte };

/**
 * Bytes of `512`, `64K`, `256M`, `4G`.
 * @param {string} text
 * @returns {number}
 * @throws {RangeError} if it is no size
 */
export function parseBytes(text) {
  const [, number, unit = ''] = /^(\d+)([KMG]?)(?:i?B)?$/i.exec(text) ?? [];
  const factor = units[unit.toUpperCase()];
  if (number === undefined || factor === undefined)
    throw new RangeError(`not a size: "${text}"; write it as 256M or 4G`);
  return Number(number) * factor;
}

/**
 * @param {number} bytes
 * @returns {string} such as `256 MiB`
 */
export function formatBytes(bytes) {
  const [unit, factor] = bytes >= gibibyte ? ['GiB', gibibyte] : ['MiB', mebibyte];
  return `${Number((bytes / factor).toFixed(1))} ${unit}`;
}
