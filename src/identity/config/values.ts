// Parses settings: switches, lists, times, API versions, templates. Pure.
import { GlanceError } from '../../errors.ts';
import type { Setting } from './layer.ts';

/** Lower-case forms of a switch, as YAML 1.1, OpenStack and shells write them. */
const switches: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'on', 'y', 't', '1'].map((text) => [text, true] as const),
  ...['false', 'no', 'off', 'n', 'f', '0'].map((text) => [text, false] as const),
]);

/** A setting as text; null if unset. */
export function textOf(setting: Setting | undefined): string | null {
  if (setting === undefined) return null;
  return typeof setting.value === 'string' ? setting.value : setting.value.join(',');
}

/** The items of a setting that is a list, or text with commas. */
export function listOf(setting: Setting | undefined): readonly string[] {
  if (setting === undefined) return [];
  const parts = typeof setting.value === 'string' ? setting.value.split(',') : setting.value;
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** A switch; null if unset. @throws GlanceError `config.invalid` */
export function readSwitch(name: string, setting: Setting | undefined): boolean | null {
  if (setting === undefined) return null;
  const value = switches.get(textOf(setting)?.trim().toLowerCase() ?? '');
  if (value === undefined) throw badValue(name, setting, 'use true or false');
  return value;
}

/** Seconds as milliseconds; null if unset, or 0, which means no limit. @throws GlanceError `config.invalid` */
export function readSeconds(name: string, setting: Setting | undefined): number | null {
  if (setting === undefined) return null;
  const seconds = Number(textOf(setting));
  if (!Number.isFinite(seconds) || seconds < 0) throw badValue(name, setting, 'use a number of seconds');
  return seconds === 0 ? null : Math.ceil(seconds * 1000);
}

const mostRetries = 1000;

/** A number of retries; null if unset. @throws GlanceError `config.invalid` */
export function readCount(name: string, setting: Setting | undefined): number | null {
  if (setting === undefined) return null;
  const text = textOf(setting)?.trim() ?? '';
  const count = /^\d{1,4}$/.test(text) ? Number(text) : mostRetries + 1;
  if (count > mostRetries) throw badValue(name, setting, `use a whole number up to ${String(mostRetries)}`);
  return count;
}

/** `1`, `2`, `2.15` …; null if unset or to be discovered. @throws GlanceError `config.invalid` */
export function readApiVersion(name: string, setting: Setting | undefined): string | null {
  if (setting === undefined) return null;
  const match = /^v?([12](?:\.\d+)?)$|^(?:auto|latest)$/i.exec(textOf(setting)?.trim() ?? '');
  if (match === null) throw badValue(name, setting, 'use 1, 2 or auto');
  return match[1] ?? null;
}

/**
 * Interfaces in order, without duplicates; `publicURL` is the old form of `public`.
 * @throws GlanceError `config.invalid` for any but `public internal admin`
 */
export function readInterfaces(name: string, setting: Setting | undefined): readonly string[] {
  const interfaces = listOf(setting).map((item) => item.replace(/URL$/i, '').toLowerCase());
  if (setting !== undefined && !interfaces.every((item) => /^(?:public|internal|admin)$/.test(item))) {
    throw badValue(name, setting, 'use public, internal or admin');
  }
  return interfaces.length === 0 ? ['public'] : [...new Set(interfaces)];
}

/**
 * Replaces `{region_name}` and the like. An unset name is left as written, and inserted values are not searched again.
 */
export function fillTemplate(text: string, find: (name: string) => string | null): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => find(name) ?? whole);
}

function badValue(name: string, setting: Setting, hint: string): GlanceError {
  const value = textOf(setting) ?? '';
  return new GlanceError('config.invalid', `${setting.source}: ${name} cannot be "${value}"`, { hint });
}
