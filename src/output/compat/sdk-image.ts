// An image as openstacksdk represents it: `openstack` prints the SDK's view, not the server's answer.
import type { Image, ImageLocation } from '../../image/image.ts';
import { type PythonDict, type PythonValue, toPython } from './python.ts';

/**
 * The keys of the SDK's image in the SDK's order, in which `properties` is printed. The SDK keeps unknown keys in
 * `properties`.
 * @see openstacksdk `openstack/image/v2/image.py`
 */
export const sdkKeys: readonly string[] =
  `checksum container_format created_at disk_format os_hidden protected os_hash_algo os_hash_value min_disk
  min_ram name owner properties size store status updated_at virtual_size visibility file locations direct_url url
  metadata architecture hypervisor_type instance_type_rxtx_factor instance_uuid img_config_drive kernel_id os_distro
  os_version os_secure_boot os_shutdown_timeout ramdisk_id vm_mode hw_cpu_sockets hw_cpu_cores hw_cpu_threads
  hw_disk_bus hw_cpu_policy hw_cpu_thread_policy hw_rng_model hw_machine_type hw_scsi_model hw_serial_port_count
  hw_video_model hw_video_ram hw_watchdog_action os_command_line hw_vif_model hw_vif_multiqueue_enabled hw_boot_menu
  vmware_adaptertype vmware_ostype auto_disk_config os_type os_admin_user hw_qemu_guest_agent os_require_quiesce schema
  tags id`.split(/\s+/);

const knownKeys: ReadonlySet<string> = new Set(sdkKeys);

/** The SDK's own names for some keys. A property with such a name is taken for the key. */
export const sdkNames: Readonly<Record<string, string>> = {
  needs_config_drive: 'img_config_drive',
  needs_secure_boot: 'os_secure_boot',
  is_hw_vif_multiqueue_enabled: 'hw_vif_multiqueue_enabled',
  is_hw_boot_menu_enabled: 'hw_boot_menu',
  has_auto_disk_config: 'auto_disk_config',
};

const casts: ReadonlyMap<string, (text: string) => PythonValue> = new Map([
  ['hw_cpu_sockets', toInt],
  ['hw_cpu_cores', toInt],
  ['hw_cpu_threads', toInt],
  ['hw_serial_port_count', toInt],
  ['hw_video_ram', toInt],
  ['os_shutdown_timeout', toInt],
  ['instance_type_rxtx_factor', toFloat],
  ['hw_vif_multiqueue_enabled', toBool],
  ['hw_boot_menu', toBool],
  ['os_require_quiesce', toBool],
]);

/** The SDK's image: all its keys in order, null if unset, and some properties cast to other types. */
export function toSdkImage(image: Image): PythonDict {
  const known = new Map<string, PythonValue>(ownValues(image));
  const { properties: inner, ...properties } = image.properties;
  const unknown = new Map<string, PythonValue>(inner === undefined ? [] : [['properties', inner]]);
  for (const [key, value] of Object.entries(properties)) {
    const name = Object.hasOwn(sdkNames, key) ? (sdkNames[key] ?? key) : key;
    if (knownKeys.has(name)) known.set(name, castProperty(name, value));
    else unknown.set(name, value);
  }
  if (image.deleted_at !== null) unknown.set('deleted_at', image.deleted_at);
  if (image.stores !== null) unknown.set('stores', image.stores.join(','));
  known.set('properties', unknown);
  return new Map(sdkKeys.map((key) => [key, known.get(key) ?? null]));
}

function ownValues(image: Image): [string, PythonValue][] {
  const { properties: _properties, deleted_at: _deletedAt, stores: _stores, locations, ...own } = image;
  return [
    ...Object.entries(own),
    ['locations', locations?.map(toLocation) ?? null],
    ['file', `/v2/images/${image.id}/file`],
    ['schema', '/v2/schemas/image'],
  ];
}

function toLocation({ url, metadata }: ImageLocation): PythonValue {
  return new Map([
    ['url', url],
    ['metadata', toPython(metadata)],
  ]);
}

/** A text that cannot be cast stays as it is, whereas `openstack` ends with a traceback. */
function castProperty(key: string, value: string | null): PythonValue {
  return value === null ? null : (casts.get(key)?.(value) ?? value);
}

/**
 * Maximum number of digits that Python accepts in a number; a longer one is an error there. A text too long for that, even with
 * underscores between its digits, is not a number either.
 * @see https://docs.python.org/3/library/stdtypes.html#int-max-str-digits
 */
const maxDigits = 4300;

function toInt(text: string): PythonValue {
  const trimmed = text.slice(0, 3 * maxDigits).trim();
  if (text.length > 3 * maxDigits || !/^[-+]?\d+(?:_\d+)*$/.test(trimmed)) return null;
  const digits = trimmed.replace(/[+_]/g, '');
  if (digits.length > maxDigits + (digits.startsWith('-') ? 1 : 0)) return null;
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits);
}

function toFloat(text: string): PythonValue {
  if (text.length > 3 * maxDigits) return null;
  const trimmed = text.trim();
  const special = /^([-+]?)(?:(nan)|inf(?:inity)?)$/i.exec(trimmed);
  if (special !== null) {
    if (special[2] !== undefined) return { float: Number.NaN };
    return { float: special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY };
  }
  const isFloat = /^[-+]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+(?:_\d+)*)?$/i.test(
    trimmed,
  );
  return isFloat ? { float: Number(trimmed.replaceAll('_', '')) } : null;
}

/** In Python, every text except the empty one is true, even `false`. */
function toBool(text: string): PythonValue {
  return text !== '';
}
