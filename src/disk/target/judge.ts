// Whether a Glance of a given release, in its default configuration, would accept an upload of image data. That depends on its
// own content inspection, gaps included: it is no judgement of safety.
// @see https://opendev.org/openstack/glance `glance/location.py`, `glance/common/config.py`
import type { Inspection, Match } from './inspection.ts';
import type { FailedCheck } from './results.ts';

/** Versions of the code that decides; both releases log an odd MBR and accept it. */
const releases = {
  'glance-2025.1': { glance: 'stable/2025.1', oslo: '8.2.0' },
  'glance-2026.1': { glance: 'stable/2026.1', oslo: '10.0.1' },
} as const;

/** A release to judge for. */
export type TargetRelease = keyof typeof releases;

export const targetReleases = Object.keys(releases) as readonly TargetRelease[];

/** A reason against an upload, or why it would not be inspected. */
export interface TargetReason {
  /** Public interface: that of a check of oslo.utils, or `disk_format container_format format_mismatch multiple_formats incomplete inspection_failed not_inspected unread`. */
  readonly code: string;
  /** Lower case, no full stop. */
  readonly message: string;
  /** Where that is decided: project, version, file and symbol. */
  readonly source: string;
}

export interface Target {
  readonly release: TargetRelease;
  /** Null if that could not be determined. */
  readonly accepted: boolean | null;
  /** Why not; for an accepted upload, what is only logged, or why nothing is inspected. */
  readonly reasons: readonly TargetReason[];
}

const diskFormats: ReadonlySet<string> = new Set([
  'ami',
  'ari',
  'aki',
  'vhd',
  'vhdx',
  'vmdk',
  'raw',
  'qcow2',
  'vdi',
  'iso',
  'ploop',
]);
const containerFormats: ReadonlySet<string> = new Set([
  'ami',
  'ari',
  'aki',
  'bare',
  'ovf',
  'ova',
  'docker',
  'compressed',
]);
/** Formats that the inspector knows. */
const inspected: ReadonlySet<string> = new Set([
  'raw',
  'qcow2',
  'vhd',
  'vhdx',
  'vmdk',
  'vdi',
  'qed',
  'iso',
  'gpt',
  'luks',
]);

/** The formats an upload is declared to have. */
interface DeclaredFormats {
  readonly disk_format: string | null;
  readonly container_format: string | null;
}

type UploadFormats = Readonly<Record<'disk_format' | 'container_format', string>>;

/**
 * The formats to upload data as: those of its record or, where it has none, the detected ones, if Glance has a name for them.
 */
export function uploadFormats(
  { disk_format, container_format }: DeclaredFormats,
  format: string,
  container: string,
): UploadFormats {
  return {
    disk_format: disk_format ?? (diskFormats.has(format) ? format : 'raw'),
    container_format: container_format ?? (disk_format === null ? container : 'bare'),
  };
}

/** Judges an upload. */
export function judgeUpload(inspection: Inspection, upload: UploadFormats, release: TargetRelease): Target {
  const { glance, oslo } = releases[release];
  const sources = {
    config: (name: string): string => `glance ${glance}, glance/common/config.py: image_format_opts, ${name}`,
    upload: `glance ${glance}, glance/location.py: ImageProxy.set_data`,
    inspector: (where: string): string => `oslo.utils ${oslo}, oslo_utils/imageutils/format_inspector.py: ${where}`,
  };
  const verdict = decide(inspection, upload, sources);
  return { release, ...verdict };
}

interface Sources {
  readonly config: (name: string) => string;
  readonly upload: string;
  readonly inspector: (where: string) => string;
}

type Verdict = Omit<Target, 'release'>;

function decide({ matches, isBroken }: Inspection, upload: UploadFormats, sources: Sources): Verdict {
  const { disk_format: disk, container_format: container } = upload;
  const refuse = (code: string, message: string, source: string): Verdict => ({
    accepted: false,
    reasons: [{ code, message, source }],
  });
  if (!diskFormats.has(disk)) {
    return refuse('disk_format', `${disk} is not a disk format that it accepts`, sources.config('disk_formats'));
  }
  if (!containerFormats.has(container)) {
    return refuse(
      'container_format',
      `${container} is not a container format that it accepts`,
      sources.config('container_formats'),
    );
  }
  if (container !== 'bare' || isBroken) {
    const why = isBroken
      ? 'the inspection fails on text that is not ASCII, and is ignored'
      : `it does not inspect images of container format ${container}`;
    return { accepted: true, reasons: [{ code: 'not_inspected', message: why, source: sources.upload }] };
  }
  const isHybrid = matches.length === 2 && matches.every(({ format }) => format === 'iso' || format === 'gpt');
  const found = isHybrid ? matches.find(({ format }) => format === 'iso') : matches[0];
  if (matches.length > 1 && !isHybrid) {
    const names = matches.map(({ format }) => format).join(' and ');
    return refuse('multiple_formats', `it is ${names} at once`, sources.inspector('InspectWrapper.format'));
  }
  const format = found?.format ?? 'raw';
  const isFree = disk === 'raw' || (format === 'raw' && !inspected.has(disk));
  if (format !== disk && !isFree) {
    return refuse('format_mismatch', `it is declared as ${disk}, but detected as ${format}`, sources.upload);
  }
  return found === undefined ? { accepted: true, reasons: [] } : judgeMatch(found, disk, sources);
}

function judgeMatch({ format, state, failed, isSizeOdd }: Match, disk: string, sources: Sources): Verdict {
  const reason = (code: string, message: string, source: string): TargetReason => ({ code, message, source });
  if (isSizeOdd && format === disk) {
    const message = 'its virtual size cannot be read';
    return { accepted: false, reasons: [reason('inspection_failed', message, sources.upload)] };
  }
  const where = sources.inspector('FileInspector.safety_check');
  if (state === 'cut') {
    return {
      accepted: false,
      reasons: [reason('incomplete', `it ends before everything that makes it ${format} was seen`, where)],
    };
  }
  if (state === 'unread') {
    return { accepted: null, reasons: [reason('unread', 'the part that decides this could not be read', where)] };
  }
  const reasons = failed.map((check) => reason(check.code, check.message, sources.inspector(check.where)));
  if (format === 'gpt' && failed.every(isTolerated)) return { accepted: true, reasons: reasons.map(tellTolerated) };
  return { accepted: reasons.length === 0, reasons };

  function tellTolerated({ code, message, source }: TargetReason): TargetReason {
    const words = `${message}: that is logged only (gpt_safety_checks_nonfatal), and refused from 2026.2 on`;
    return reason(code, words, `${source}; ${sources.config('gpt_safety_checks_nonfatal')}`);
  }
}

function isTolerated({ code }: FailedCheck): boolean {
  return code === 'mbr';
}
