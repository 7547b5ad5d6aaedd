// Names packages so that any scanner recognizes them, whoever wrote the list.
// @see https://github.com/package-url/purl-spec, and its types deb, rpm, apk and alpm
import type { OperatingSystem } from '../../disk/contents/contents.ts';
import type { InstalledPackage, PackageManager } from '../../disk/packages/installed-package.ts';

const types: Readonly<Record<PackageManager, string>> = { dpkg: 'deb', apk: 'apk', rpm: 'rpm', pacman: 'alpm' };
/** The vendor of packages if the system does not identify itself. */
const makers: Readonly<Record<PackageManager, string | null>> = {
  dpkg: 'debian',
  apk: 'alpine',
  rpm: null,
  pacman: 'arch',
};

/** The package URL of a package. @param os the system that it is installed in; null if that is not known */
export function packageUrlOf(installed: InstalledPackage, os: OperatingSystem | null): string {
  const { manager, name, architecture, epoch } = installed;
  const maker = makerOf(manager, os);
  // Only in the names of rpm packages is case significant.
  const path = [types[manager], maker, manager === 'rpm' ? name : name.toLowerCase()];
  const version = manager === 'rpm' ? withoutEpoch(installed.version) : installed.version;
  const qualifiers = new Map([
    ['arch', architecture],
    ['distro', distroOf(os)],
    ['epoch', manager === 'rpm' && epoch !== null ? String(epoch) : null],
    ['upstream', upstreamOf(installed)],
  ]);
  const query = [...qualifiers].flatMap(([key, value]) => (value === null ? [] : [`${key}=${encode(value)}`]));
  return [
    `pkg:${path.flatMap((part) => (part === null ? [] : [encode(part)])).join('/')}`,
    version === null ? '' : `@${encode(version)}`,
    query.length === 0 ? '' : `?${query.join('&')}`,
  ].join('');
}

/** Scanners know some vendors by other names than those of their systems. */
function makerOf(manager: PackageManager, os: OperatingSystem | null): string | null {
  const id = os?.id?.toLowerCase() ?? 'linux';
  if (id === 'linux') return makers[manager];
  if (id === 'rhel') return 'redhat';
  if (id.startsWith('opensuse')) return 'opensuse';
  return /^sle[sd]/.test(id) ? 'suse' : id;
}

function distroOf(os: OperatingSystem | null): string | null {
  if (os === null || os.id === null) return null;
  return os.version_id === null ? os.id : `${os.id}-${os.version_id}`;
}

/** Its source package, as grype and syft write it; null if that has the same name and version. */
function upstreamOf({ manager, name, version, source }: InstalledPackage): string | null {
  if (source === null) return null;
  if (manager === 'rpm') return source.version === null ? source.name : `${source.name}-${source.version}.src.rpm`;
  if (source.version !== null && source.version !== version) return `${source.name}@${source.version}`;
  return source.name === name ? null : source.name;
}

/** The version of an rpm package: in a package URL, the epoch is separate. */
export function withoutEpoch(version: string | null): string | null {
  return version === null ? null : version.replace(/^\d+:/, '');
}

const plain = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_~:'));

function encode(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    plain.has(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}
