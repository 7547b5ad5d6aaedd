// Writes an image's packages as CycloneDX 1.6. The same contents give the same bytes: no serial number, no time, all
// sorted.
// @see https://cyclonedx.org/docs/1.6/json/
import type { OperatingSystem } from '../../disk/contents/contents.ts';
import type { InstalledPackage } from '../../disk/packages/installed-package.ts';
import type { Digest, DigestAlgorithm } from '../../digests.ts';
import { escapeJson } from '../../text/escape.ts';
import { version as ownVersion } from '../../version.ts';
import { withoutEpoch } from './package-url.ts';

/** A package, and its package URL. */
export interface ListedPackage extends InstalledPackage {
  readonly purl: string;
}

/** The image in which the packages are installed. */
export interface SbomSubject {
  /** Null for a file. */
  readonly id: string | null;
  readonly name: string | null;
  /** Null if it is in Glance. */
  readonly path: string | null;
  readonly format: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** The digests in its record. */
  readonly digests: readonly Digest[];
}

/** The algorithms for which CycloneDX has a name. */
const hashNames: Partial<Record<DigestAlgorithm, string>> = {
  md5: 'MD5',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
  'sha3-256': 'SHA3-256',
  'sha3-384': 'SHA3-384',
  'sha3-512': 'SHA3-512',
  blake2b512: 'BLAKE2b-512',
};

interface Component {
  readonly 'bom-ref': string;
  readonly [key: string]: unknown;
}

/**
 * The document, ending in a line feed. Harmless to a terminal, whatever the packages are called.
 * @param toolVersion version of the program named as its author. Absent: the library's
 */
export function renderCycloneDx(
  subject: SbomSubject,
  os: OperatingSystem | null,
  packages: readonly ListedPackage[],
  toolVersion = ownVersion,
): string {
  const image = describeImage(subject);
  const system = os === null ? [] : [describeSystem(os)];
  const installed = withOwnReferences(packages.toSorted((left, right) => compare(orderOf(left), orderOf(right))));
  const references = installed.map((component) => component['bom-ref']);
  const [home = image] = system;
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'glance-cli', version: toolVersion }] },
      component: image,
    },
    components: [...system, ...installed],
    dependencies: [
      ...(home === image ? [] : [{ ref: image['bom-ref'], dependsOn: [home['bom-ref']] }]),
      { ref: home['bom-ref'], dependsOn: references },
    ],
  };
  return escapeJson(`${JSON.stringify(document, null, 2)}\n`);
}

/** The type is the one that trivy uses for a virtual machine: for a file, it would reject the whole document. */
function describeImage({ id, name, path, format, size, digests }: SbomSubject): Component {
  const hashes = digests.flatMap(({ algorithm, hex }) => {
    const alg = hashNames[algorithm];
    return alg === undefined ? [] : [{ alg, content: hex }];
  });
  const properties = propertiesOf([
    ['glance-cli:image:id', id],
    ['glance-cli:image:format', format],
    ['glance-cli:image:size', size],
  ]);
  const fileName = path?.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return {
    type: 'container',
    'bom-ref': id === null ? 'image' : `glance:images/${encodeURIComponent(id)}`,
    name: name ?? id ?? fileName ?? 'image',
    ...(hashes.length === 0 ? {} : { hashes }),
    ...properties,
  };
}

/** Scanners compare with the values in os-release, so those serve as name and version. */
function describeSystem({ id, name, version_id: version, pretty_name: pretty }: OperatingSystem): Component {
  const word = id ?? name ?? 'linux';
  return {
    type: 'operating-system',
    'bom-ref': `os:${word}${version === null ? '' : `@${version}`}`,
    name: word,
    ...(version === null ? {} : { version }),
    ...(pretty === null ? {} : { description: pretty }),
  };
}

function describePackage({ purl, licence, ...installed }: ListedPackage, reference: string): Component {
  const { name, version } = installed;
  return {
    type: 'library',
    'bom-ref': reference,
    name,
    ...(version === null ? {} : { version }),
    ...(licence === null ? {} : { licenses: [{ license: { name: licence } }] }),
    purl,
    ...propertiesOf(sourceProperties(installed)),
  };
}

/**
 * Advisories are about source packages, which trivy knows only by properties of its own; without them, the package itself
 * counts as one.
 * @see https://github.com/aquasecurity/trivy pkg/sbom/io/decode.go
 */
function sourceProperties({ manager, name, version, source, epoch }: Omit<InstalledPackage, 'licence'>): Properties {
  const own = manager === 'rpm' ? withoutEpoch(version) : version;
  if (source === null || (source.name === name && source.version === own)) return [];
  const whole = source.version ?? '';
  const bare = withoutEpoch(whole) ?? '';
  const ownEpoch = bare.length < whole.length ? whole.slice(0, whole.indexOf(':')) : null;
  const dash = manager === 'apk' ? -1 : bare.lastIndexOf('-');
  return [
    ['aquasecurity:trivy:SrcName', source.name],
    ['aquasecurity:trivy:SrcVersion', (dash < 0 ? bare : bare.slice(0, dash)) || null],
    ['aquasecurity:trivy:SrcRelease', dash < 0 ? null : bare.slice(dash + 1)],
    // The name of an rpm source does not contain an epoch; it has that of its packages.
    ['aquasecurity:trivy:SrcEpoch', manager === 'rpm' ? epoch : ownEpoch],
  ];
}

type Properties = readonly (readonly [name: string, value: string | number | null])[];

function propertiesOf(properties: Properties): { readonly properties?: readonly object[] } {
  const known = properties.flatMap(([name, value]) => (value === null ? [] : [{ name, value: String(value) }]));
  return known.length === 0 ? {} : { properties: known };
}

/** Every component gets a unique reference, even if a database has two packages with the same name and version. */
function withOwnReferences(packages: readonly ListedPackage[]): readonly Component[] {
  const seen = new Map<string, number>();
  return packages.map((each) => {
    const count = (seen.get(each.purl) ?? 0) + 1;
    seen.set(each.purl, count);
    return describePackage(each, count === 1 ? each.purl : `${each.purl}#${String(count)}`);
  });
}

function orderOf({ name, version, purl, licence }: ListedPackage): string {
  return [name, version, purl, licence].join('\0');
}

/** Compares code units, which is the same everywhere. */
function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
