// Compares what the record of an image says about the system inside with what is there.
import { type Hazard, hazard } from '../parsing/hazards.ts';
import { cutText } from '../parsing/bytes.ts';
import type { OperatingSystem } from './contents.ts';

/** Properties of a record, by name; unset is null or absent. */
export type Claims = Readonly<Record<string, string | null | undefined>>;

/**
 * The IDs of os-release, by the names used in os_distro.
 * @see https://docs.openstack.org/glance/latest/admin/useful-image-properties.html
 */
const distributions: Readonly<Record<string, string>> = {
  archlinux: 'arch',
  alma: 'almalinux',
  amazon: 'amzn',
  amazonlinux: 'amzn',
  centosstream: 'centos',
  oracle: 'ol',
  oraclelinux: 'ol',
  redhat: 'rhel',
  redhatenterpriselinux: 'rhel',
  rockylinux: 'rocky',
  suse: 'sles',
  sled: 'sled',
};

const architectures: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x64: 'x86_64',
  arm64: 'aarch64',
  i386: 'i686',
  i486: 'i686',
  i586: 'i686',
  x86: 'i686',
  ppc64el: 'ppc64le',
  ppc64: 'ppc64le',
};

/**
 * Where the two disagree about the system. What is not claimed, or not known from the disk, does not count as a disagreement.
 */
export function compareSystem(claims: Claims, os: OperatingSystem): readonly Hazard[] {
  const { id, version_id: version } = os;
  const { os_distro: distro, os_version: saidVersion } = claims;
  if (isSaid(distro) && id !== null && !isSameDistribution(distro, id)) return [mismatch('os_distro', distro, id)];
  const isOther = isSaid(saidVersion) && version !== null && !isSameVersion(saidVersion, os);
  return isOther ? [mismatch('os_version', saidVersion, version)] : [];
}

/** Where the two disagree about the architecture. */
export function compareArchitecture(claims: Claims, architecture: string): readonly Hazard[] {
  return ['hw_architecture', 'architecture'].flatMap((key) => {
    const said = claims[key];
    return isSaid(said) && !isSameArchitecture(said, architecture) ? [mismatch(key, said, architecture)] : [];
  });
}

function mismatch(key: string, said: string, found: string): Hazard {
  return hazard('declared_os_mismatch', `${key} is ${cutText(said, 100)}, but the disk has ${cutText(found, 100)}`);
}

function isSaid(claim: string | null | undefined): claim is string {
  return typeof claim === 'string' && claim.trim() !== '';
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function isSameDistribution(said: string, id: string): boolean {
  const word = plain(said.slice(0, 200));
  const found = plain(id);
  if (word === '' || word === 'linux') return true;
  const known = Object.hasOwn(distributions, word) ? distributions[word] : undefined;
  // opensuse stands for both Leap and Tumbleweed.
  return found === (known ?? word) || (word === 'opensuse' && found.startsWith('opensuse'));
}

/**
 * Compares the parts that both have: 9 matches 9.3, and 22.04.3 matches 22.04. A codename is a version too; any other text
 * without a digit is not.
 */
function isSameVersion(said: string, { version_id: version, codename }: OperatingSystem): boolean {
  const text = said.slice(0, 200).trim().toLowerCase();
  const number = /\d+(?:\.\d+)*/.exec(text)?.[0];
  if (number === undefined)
    return codename === null || !/^[a-z]+$/.test(text) || isWordForNewest(text) || text === codename;
  const [left, right] = [number.split('.'), (version ?? '').split('.')];
  const common = Math.min(left.length, right.length);
  return left.slice(0, common).every((part, index) => Number(part) === Number(right[index]));
}

function isWordForNewest(text: string): boolean {
  return ['latest', 'stable', 'testing', 'rolling', 'lts', 'current'].includes(text);
}

function isSameArchitecture(said: string, found: string): boolean {
  const word = said.trim().toLowerCase().slice(0, 100);
  if (found === 'arm') return word.startsWith('arm') && word !== 'arm64';
  const same = (name: string): string => (Object.hasOwn(architectures, name) ? (architectures[name] ?? name) : name);
  return same(word) === same(found);
}
