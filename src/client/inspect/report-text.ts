// Reports as text: in the form in which they pass through a queue, where anybody may have written them, and as they are stored.
import { type Contents, unreadContents, whysUnread } from '../../disk/contents/contents.ts';
import { type Hazard, type HazardCode, hazardCodes } from '../../disk/parsing/hazards.ts';
import { type Report, reportKeys } from '../../disk/report.ts';
import { type Target, targetReleases } from '../../disk/target/judge.ts';
import { GlanceError } from '../../errors.ts';
import { toJson } from '../../text/json.ts';

/** Represents integers of any size in JSON, which has no type for them: an object with this key alone. */
const wholeKey = '$whole';
const maxDigits = 40;

/** A report on one line, for {@link parseReport}. */
export function formatReport(report: Report): string {
  return JSON.stringify(report, (_key, value: unknown) =>
    typeof value === 'bigint' ? { [wholeKey]: value.toString() } : value,
  );
}

/** A report as `inspect -f json` prints it. */
export function printReport(report: Report): string {
  return `${toJson(Object.fromEntries(reportKeys.map((key) => [key, report[key]])), 2)}\n`;
}

/**
 * Reads what {@link formatReport} wrote about an image.
 * @throws GlanceError `metadata.invalid` for anything else
 */
export function parseReport(text: string, id: string): Report {
  const value = parse(text);
  const report = isObject(value) ? toReport(value) : null;
  if (report !== null && report.id === id) return report;
  throw new GlanceError('metadata.invalid', 'this version does not understand its report', {
    image: id,
    hint: 'use the same version of glance-cli everywhere',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) => (isObject(value) ? toWhole(value) : value)) as unknown;
  } catch {
    return null;
  }
}

function toWhole(value: Readonly<Record<string, unknown>>): unknown {
  const digits = value[wholeKey];
  if (typeof digits !== 'string' || digits.length > maxDigits || !/^-?\d+$/.test(digits)) return value;
  return BigInt(digits);
}

function toReport(value: Readonly<Record<string, unknown>>): Report | null {
  const { id, name, path, format, size, declared, hazards, safe, bytes_read, error, contents } = value;
  if (![id, name, path, format].every(isText) || !isObject(declared) || !isNumber(size)) return null;
  if (![declared['disk_format'], declared['container_format']].every(isText)) return null;
  if (![declared['virtual_size'], declared['min_disk']].every(isWhole)) return null;
  if (!Array.isArray(hazards) || !hazards.every(isHazard) || typeof bytes_read !== 'number') return null;
  if ((safe !== null && typeof safe !== 'boolean') || !(contents === null || isContents(contents))) return null;
  const { code, message }: Readonly<Record<string, unknown>> = isObject(error) ? error : { code: '', message: '' };
  if (typeof code !== 'string' || typeof message !== 'string' || (error !== null && !isObject(error))) return null;
  const virtualSize = value['virtual_size'] ?? null;
  if (virtualSize !== null && typeof virtualSize !== 'bigint') return null;
  if (!isTable(value['partitions']) || !isObject(value['details']) || !Array.isArray(value['features'])) return null;
  if (!(value['target'] === null || isTarget(value['target']))) return null;
  return Object.fromEntries(reportKeys.map((key) => [key, value[key] ?? null])) as Report;
}

function isHazard(value: unknown): value is Hazard {
  if (!isObject(value)) return false;
  const { code, severity, message } = value;
  if (typeof code !== 'string' || !Object.hasOwn(hazardCodes, code)) return false;
  const gravest = hazardCodes[code as HazardCode];
  return typeof message === 'string' && (severity === 'warning' || severity === gravest);
}

function isTable(value: unknown): value is Report['partitions'] {
  if (value === null) return true;
  if (!isObject(value) || typeof value['scheme'] !== 'string') return false;
  const { entries } = value;
  return entries === null || (Array.isArray(entries) && entries.every(isPartition));
}

function isTarget(value: unknown): value is Target {
  if (!isObject(value)) return false;
  const { release, accepted, reasons } = value;
  if (!targetReleases.some((each) => each === release) || !Array.isArray(reasons)) return false;
  const isReason = (each: unknown): boolean =>
    isObject(each) && typeof each['code'] === 'string' && typeof each['message'] === 'string';
  return (accepted === null || typeof accepted === 'boolean') && reasons.every(isReason);
}

function isPartition(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { number, type, name, start, size } = value;
  const areWhole = typeof start === 'bigint' && typeof size === 'bigint';
  return typeof number === 'number' && typeof type === 'string' && isText(name) && areWhole;
}

/** Requires all keys and, in each, everything that is shown to people. */
function isContents(value: unknown): value is Contents {
  if (!isObject(value) || !Object.keys(unreadContents('limit')).every((key) => Object.hasOwn(value, key))) return false;
  const { read, why, filesystems, os, kernels, packages, cloud_init, machine_id, bytes_read, requests } = value;
  if (typeof read !== 'boolean' || !isWhy(why) || !Array.isArray(filesystems)) return false;
  if (!filesystems.every(isFileSystem) || typeof bytes_read !== 'number' || typeof requests !== 'number') return false;
  const osTexts = ['id', 'name', 'pretty_name', 'version_id', 'architecture'];
  const isSystem = os === null || (isObject(os) && osTexts.every((key) => isText(os[key])));
  const areCounted =
    packages === null || (isObject(packages) && isText(packages['manager']) && isNumber(packages['count']));
  if (!isSystem || !areCounted || !isText(machine_id) || !(cloud_init === null || isCloudInit(cloud_init)))
    return false;
  return kernels === null || (Array.isArray(kernels) && kernels.every(isKernel));
}

function isWhy(value: unknown): boolean {
  return value === null || whysUnread.some((each) => each === value);
}

function isKernel(value: unknown): boolean {
  return isObject(value) && isText(value['version']);
}

function isCloudInit(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { datasources } = value;
  return datasources === null || (Array.isArray(datasources) && datasources.every(isText));
}

function isFileSystem(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { partition, type, label, uuid, size, free } = value;
  return [partition, type, label, uuid].every(isText) && isNumber(size) && isNumber(free);
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isNumber(value: unknown): value is number | null {
  return value === null || typeof value === 'number';
}

function isWhole(value: unknown): value is number | null {
  return value === null || Number.isInteger(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
