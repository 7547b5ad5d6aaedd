// Formats sizes, rates and durations for people, and parses sizes.
import { GlanceError } from '../errors.ts';
import { countOf } from '../text/count.ts';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes in binary units: `512 B`, `1.0 KiB`, `5.0 GiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.95 would be rounded to 1024.0.
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${String(Math.round(bytes))} B` : `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** Bytes in a readable form, and exactly: `12.7 MiB (13287936 bytes)`, `1 byte`. */
export function describeBytes(bytes: number | bigint): string {
  const exact = countOf(bytes, 'byte');
  return bytes < 1024 ? exact : `${formatBytes(Number(bytes))} (${exact})`;
}

/** Bytes per second: `84.3 MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** Seconds as `7s`, `1m 05s`, `2h 03m`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${String(whole)}s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))}m ${twoDigits(whole % 60)}s`;
  return `${String(Math.floor(whole / 3600))}h ${twoDigits(Math.floor((whole % 3600) / 60))}m`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/**
 * Parses bytes such as `512`, `10M`, `1.5GiB` (1024-based) or `10MB` (1000-based), in upper or lower case.
 * @throws GlanceError `usage.argument`
 */
export function parseSize(text: string): number {
  // There is no such thing as half a byte, so a fraction needs a unit.
  const match = /^(\d{1,16})(?:\s?b)?$|^(\d{1,16}(?:\.\d{1,6})?)\s?([kmgtp])(i?b)?$/i.exec(text.trim());
  const [, whole, number = whole ?? '', letter = '', suffix = ''] = match ?? [];
  const base = suffix.toLowerCase() === 'b' ? 1000 : 1024;
  const bytes = Number(number) * base ** (powers[letter.toLowerCase()] ?? 0);
  if (match === null || !Number.isSafeInteger(Math.round(bytes))) {
    throw new GlanceError('usage.argument', `not a size: "${text}"`, { hint: 'write it as 512, 10M or 1.5GiB' });
  }
  return Math.round(bytes);
}
