// The closed list of hazards: what makes an image unsafe to hand to a hypervisor, or worth a warning. Codes are public interface.

/** Whether a hazard makes the image unsafe. */
export type Severity = 'unsafe' | 'warning';

/** Each code with its severity; `end_unread` is a warning outside VMDK. */
export const hazardCodes = {
  backing_file: 'unsafe',
  data_file: 'unsafe',
  external_extent: 'unsafe',
  unsupported_subformat: 'unsafe',
  unsupported_version: 'unsafe',
  unknown_feature: 'unsafe',
  banned_format: 'unsafe',
  header_invalid: 'unsafe',
  header_truncated: 'unsafe',
  descriptor_invalid: 'unsafe',
  footer_mismatch: 'unsafe',
  end_unread: 'unsafe',
  partition_table: 'unsafe',
  polyglot: 'unsafe',
  format_mismatch: 'unsafe',
  virtual_size_mismatch: 'unsafe',
  extended_l2: 'warning',
  dirty: 'warning',
  corrupt: 'warning',
  snapshots: 'warning',
  truncated: 'warning',
  compressed: 'warning',
  min_disk: 'warning',
} as const satisfies Readonly<Record<string, Severity>>;

export type HazardCode = keyof typeof hazardCodes;

/** One hazard of one image. */
export interface Hazard {
  readonly code: HazardCode;
  readonly severity: Severity;
  /** For people, lower case, with the value found. Not escaped: it may quote bytes out of the image. */
  readonly message: string;
}

/** A hazard with the severity of its code, or with another one where the rules say so. */
export function hazard(code: HazardCode, message: string, severity: Severity = hazardCodes[code]): Hazard {
  return { code, severity, message };
}
