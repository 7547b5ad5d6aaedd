// The closed list of hazards: what makes an image unsafe to hand to a hypervisor, or worth a warning. Codes are public interface.
import { cutText } from './bytes.ts';

/** Whether a hazard makes the image unsafe. */
export type Severity = 'unsafe' | 'warning';

/**
 * Each code with its severity. Two may be mere warnings: `end_unread` outside VMDK, and `partition_table` if only an old
 * address is odd.
 */
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
  empty: 'warning',
  looks_like_text: 'warning',
  partitions_unread: 'warning',
  min_disk: 'warning',
  encryption_mismatch: 'warning',
  host_keys: 'warning',
  machine_id_set: 'warning',
  password_set: 'warning',
  authorized_keys: 'warning',
  shell_history: 'warning',
  cloud_init_missing: 'warning',
  end_of_life: 'warning',
  declared_os_mismatch: 'warning',
} as const satisfies Readonly<Record<string, Severity>>;

export type HazardCode = keyof typeof hazardCodes;

const otherFile = 'do not use it: opening it reads a file of the host; ask its owner for a standalone image';
const notReadable = 'do not use it: programs may read something other than what was checked; create it again';

/** What to do about each hazard, at the severity of its code: one sentence without a full stop. */
export const hazardAdvice: Readonly<Record<HazardCode, string>> = {
  backing_file: otherFile,
  data_file: otherFile,
  external_extent: otherFile,
  unsupported_subformat: 'convert it to qcow2 or raw where it was made',
  unsupported_version: 'convert it to a current version where it was made',
  unknown_feature: 'do not use it until you know what that feature means',
  banned_format: 'convert it to qcow2 version 3 in a sandbox',
  header_invalid: notReadable,
  header_truncated: 'upload it again: its data ends within its header',
  descriptor_invalid: notReadable,
  footer_mismatch: notReadable,
  end_unread: 'download it with `requireSafe`, which reads all of it',
  partition_table: notReadable,
  polyglot: 'do not use it: programs disagree about what it is',
  format_mismatch: 'do not use it as declared: a raw disk that is probed may be opened as another format',
  virtual_size_mismatch: 'do not trust the declared size; upload it again',
  extended_l2: 'use it with QEMU 5.2 or newer',
  dirty: 'it was not closed cleanly; repair it with qemu-img check -r all',
  corrupt: 'its own header calls it corrupt; repair it with qemu-img check -r all, or upload it again',
  snapshots: 'guests cannot see internal snapshots; delete them with qemu-img snapshot -d',
  truncated: 'its data ends early; upload it again',
  compressed: 'decompress it before using it as a disk',
  empty: 'upload its data',
  looks_like_text: 'look at what was uploaded: it may be an error page',
  partitions_unread: 'download it and inspect the file, where they can be read',
  min_disk: 'set min_disk to what the virtual size needs',
  encryption_mismatch: 'make the os_encrypt_ properties match the data, or upload the right data',
  host_keys: 'remove the keys of its SSH server, so that each guest creates its own; virt-sysprep does that',
  machine_id_set: 'empty /etc/machine-id and remove /var/lib/dbus/machine-id, so that each guest gets its own',
  password_set: 'lock these accounts, or make sure that only the right people know the passwords',
  authorized_keys: 'remove the keys: whoever holds them can log in to every guest',
  shell_history: 'remove it, and change the secrets that were typed there',
  cloud_init_missing: 'install cloud-init, or make sure that guests get keys, names and networks without it',
  end_of_life: 'replace it with a version that gets security updates',
  declared_os_mismatch: 'make these properties match the contents, or upload the right image',
};

/** What to do about hazards that are less severe than their code. */
const adviceForWarning: Partial<Readonly<Record<HazardCode, string>>> = {
  partition_table: 'nothing: several older partitioning tools write it this way',
};

/** What to do about a hazard: one sentence without a full stop; never "do not use it" for a warning. */
export function adviceFor({ code, severity }: Pick<Hazard, 'code' | 'severity'>): string {
  return (severity === 'warning' ? adviceForWarning[code] : undefined) ?? hazardAdvice[code];
}

/** One hazard of one image. */
export interface Hazard {
  readonly code: HazardCode;
  readonly severity: Severity;
  /** For people, lower case, with the value found. Not escaped: it may quote bytes of the image. */
  readonly message: string;
}

/** Hazards that make an image unsafe, then warnings. */
export function unsafeFirst(hazards: readonly Hazard[]): readonly Hazard[] {
  return hazards.toSorted((left, right) => Number(left.severity !== 'unsafe') - Number(right.severity !== 'unsafe'));
}

/** A name in an image may be a megabyte long. */
const longestMessage = 400;

/** Creates a hazard with the severity of its code, or another where rules differ. A long message is cut. */
export function hazard(code: HazardCode, message: string, severity: Severity = hazardCodes[code]): Hazard {
  return { code, severity, message: cutText(message, longestMessage) };
}
