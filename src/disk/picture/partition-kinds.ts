// The purposes of partitions, by their types.
import type { Partition } from '../parsing/finding.ts';

/**
 * @see https://uapi-group.org/specifications/specs/discoverable_partitions_specification/
 * @see https://en.wikipedia.org/wiki/GUID_Partition_Table#Partition_type_GUIDs
 */
const kindsByGuid: Readonly<Record<string, string>> = {
  'C12A7328-F81F-11D2-BA4B-00A0C93EC93B': 'EFI system',
  '21686148-6449-6E6F-744E-656564454649': 'BIOS boot',
  '9E1A2D38-C612-4316-AA26-8B49521E5A8B': 'PReP boot',
  'BC13C2FF-59E6-4262-A352-B275FD6F7172': 'extended boot loader',
  '0FC63DAF-8483-4772-8E79-3D69D8477DE4': 'Linux',
  '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709': 'Linux root',
  'B921B045-1DF0-41C3-AF44-4C6F280D3FAE': 'Linux root',
  '44479540-F297-41B2-9AF7-D131D5F0458A': 'Linux root',
  '8484680C-9521-48C6-9C11-B0720656F69E': 'Linux /usr',
  '933AC7E1-2EB4-4F13-B844-0E14E2AEF915': 'Linux /home',
  '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F': 'Linux swap',
  'E6D6D379-F507-44C2-A23C-238F2A3DF928': 'Linux LVM',
  'A19D880F-05FC-4D3B-A006-743F0F84911E': 'Linux RAID',
  'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7': 'basic data',
  'E3C9E316-0B5C-4DB8-817D-F92DF00215AE': 'Microsoft reserved',
  'DE94BBA4-06D1-4D40-A16A-BFD50179D6AC': 'Windows recovery',
};

/** @see https://www.win.tue.nl/~aeb/partitions/partition_types-1.html */
const kindsByByte: Readonly<Record<string, string>> = {
  '01': 'FAT',
  '04': 'FAT',
  '05': 'extended',
  '06': 'FAT',
  '07': 'NTFS or exFAT',
  '0B': 'FAT',
  '0C': 'FAT',
  '0E': 'FAT',
  '0F': 'extended',
  '41': 'PReP boot',
  '82': 'Linux swap',
  '83': 'Linux',
  '85': 'extended',
  '8E': 'Linux LVM',
  EE: 'GPT',
  EF: 'EFI system',
  FD: 'Linux RAID',
};

/** The purpose of a partition in a word or two; its type if that is unknown. */
export function partitionKindOf({ type }: Partition): string {
  const kinds = type.length > 2 ? kindsByGuid : kindsByByte;
  return Object.hasOwn(kinds, type) ? (kinds[type] ?? type) : type;
}

/** Whether it contains the logical partitions of an MBR. */
export function isExtended({ type }: Partition): boolean {
  return kindsByByte[type] === 'extended';
}
