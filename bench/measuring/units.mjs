// Sizes as text.

const units = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/**
 * Bytes of `512`, `64K`, `256M`, `4G`.
 * @param {string} text
 * @returns {number}
 * @throws {RangeError} if it is no size
 */
export function parseBytes(text) {
  const [, number, unit = ''] = /^(\d+)([KMG]?)(?:i?B)?$/i.exec(text) ?? [];
  if (number === undefined) throw new RangeError(`not a size: "${text}"; write it as 256M or 4G`);
  return Number(number) * units[unit.toUpperCase()];
}

/**
 * @param {number} bytes
 * @returns {string} such as `256 MiB`
 */
export function formatBytes(bytes) {
  const [unit, factor] = bytes >= units.G ? ['GiB', units.G] : ['MiB', units.M];
  return `${Number((bytes / factor).toFixed(1))} ${unit}`;
}
