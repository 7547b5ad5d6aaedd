// Compares what the record of an image says about encryption with its bytes.
// @see https://specs.openstack.org/openstack/glance-specs/specs/2025.1/approved/glance/standardized_image_encryption.html
import { cutText } from './parsing/bytes.ts';
import type { DiskFinding } from './parsing/finding.ts';
import { hazard, type Hazard } from './parsing/hazards.ts';

const claims = ['os_encrypt_format', 'os_encrypt_key_id', 'os_encrypt_key_deletion_policy'] as const;
const longestShown = 40;

/** The hazard of a record that contradicts its data; null where it does not mention encryption, or agrees. */
export function compareEncryption(
  properties: Readonly<Record<string, string | null>>,
  finding: DiskFinding,
): Hazard | null {
  const claim = claims.find((name) => (properties[name] ?? '') !== '');
  if (claim === undefined) return null;
  const word = properties['os_encrypt_format'] ?? '';
  const said = word === '' ? `${claim} is set` : `os_encrypt_format is ${cutText(word, longestShown)}`;
  const isLuks = word.toLowerCase().startsWith('luks');
  const { format, encrypted, details } = finding;
  if (isLuks && format === 'luks') {
    const wanted = /\d$/.exec(word)?.[0];
    const version = typeof details['version'] === 'number' ? String(details['version']) : 'unknown';
    const isOther = wanted !== undefined && wanted !== version;
    return isOther ? hazard('encryption_mismatch', `${said}, but the data is LUKS version ${version}`) : null;
  }
  if (isLuks && encrypted && details['encryption'] === 'luks') return null;
  if (isLuks)
    return hazard(
      'encryption_mismatch',
      `${said}, but the data is ${encrypted ? 'encrypted in another way' : `plain ${format}`}`,
    );
  // Other kinds of encryption may not be recognisable at all.
  const isUnknown = details['recognised'] === false;
  return encrypted || isUnknown ? null : hazard('encryption_mismatch', `${said}, but the data is plain ${format}`);
}
