// The topic sbom: what is in the list of an image's packages, and what to do with it.
import type { Definition, ManSection } from './man-section.ts';

const one = [
  'glance-cli inspect cirros --sbom cirros.cdx.json',
  'trivy sbom cirros.cdx.json',
  'grype sbom:cirros.cdx.json',
  'osv-scanner scan source -L cirros.cdx.json',
  '# without a file',
  'glance-cli inspect cirros --sbom - | grype',
].join('\n');

const cloud = [
  'mkdir -p sbom',
  'glance-cli list --status active -f value -c id | while read -r id; do',
  '  glance-cli inspect "$id" --sbom "sbom/$id.cdx.json" --fail-on never -f json \\',
  '    < /dev/null > "sbom/$id.json" || echo "$id $?" >> sbom/failed',
  'done',
  '# which images have a package, and which version of it',
  'jq -r \'input_filename + " " + (.components[] | select(.name == "openssl").version)\' sbom/*.cdx.json',
].join('\n');

const pipeline = [
  'set -euo pipefail',
  'glance-cli inspect "$IMAGE" --sbom image.cdx.json',
  'version() { jq -er --arg name "$1" \'first(.components[] | select(.name == $name)).version\' image.cdx.json; }',
  '# fail if the version is older: on Debian and Ubuntu, by dpkg',
  'dpkg --compare-versions "$(version openssl)" ge 3.0.15-1~deb12u1',
  '# on Red Hat, SUSE and the like, by rpm',
  'test "$(rpm --eval "%{lua:print(rpm.vercmp(\'$(version openssl)\', \'1:3.0.7-28.el9\'))}")" -ge 0',
  '# or fail on what a scanner finds',
  'trivy sbom --exit-code 1 --severity CRITICAL --ignore-unfixed image.cdx.json',
].join('\n');

const contents: readonly Definition[] = [
  {
    term: 'Packages',
    text: 'All packages of dpkg (`status`, `status.d`), apk, pacman, and rpm (in SQLite, ndb or BerkeleyDB): name, version, package URL with architecture, system and source package, and the licence if the database has it. The keys that rpm lists as packages (`gpg-pubkey`) are included; packages that dpkg has removed except for their settings are not. Software installed in other ways, such as with pip or by hand, is not covered.',
  },
  {
    term: 'The operating system',
    text: 'A component, named by `ID` and `VERSION_ID` of its os-release.',
  },
  {
    term: 'The image',
    text: 'The subject of the list: name, id, format, size, and the digests in its record. The digests are not computed, as that would take reading all of the data.',
  },
  {
    term: 'The same bytes',
    text: 'It has no serial number and no time, and everything is sorted. Two SBOMs of the same image are identical, and `diff` shows what changed in the next image.',
  },
];

const limits: readonly Definition[] = [
  {
    term: 'Everything, or no file',
    text: 'If not everything can be read, the command fails with `contents.limit` (9), with `contents.unreadable` (7), or with the error of the store, and an existing file stays as it was. What is inspected is never overwritten, nor is anything but a regular file.',
  },
  {
    term: 'Reading',
    text: 'At most 256 MiB in 4,000 requests, unless `--contents-limit` says otherwise. A few MiB are typical; rpm needs about the size of its database, some tens of MiB. If a store does not support ranges, `--spool` fetches the image first; images of a mirror (`DIRECTORY/ID`, `s3://BUCKET/PREFIX/ID`) can always be read.',
  },
  {
    term: 'trivy',
    text: 'has its own names for some systems, which have to be given: `trivy sbom --distro alma/9.4`, and likewise `amazon`, `oracle` and `redhat`.',
  },
  { term: 'osv-scanner', text: 'requires a file name that ends in `.cdx.json`.' },
];

/** The sections of the topic. */
export function sbomSections(): readonly ManSection[] {
  const about =
    'With `--sbom`, `inspect` lists every package that is installed in an image, as CycloneDX 1.6 in JSON. It reads the databases ' +
    'of the package managers straight from the image, by ranges; nothing is mounted or started, and the image is not downloaded.';
  return [
    {
      title: 'SBOM',
      blocks: [
        { type: 'text', text: about },
        { type: 'code', code: one },
      ],
    },
    { title: 'WHAT IS IN IT', blocks: [{ type: 'definitions', items: contents }] },
    { title: 'WHAT TO KNOW', blocks: [{ type: 'definitions', items: limits }] },
    { title: 'A WHOLE CLOUD', blocks: [{ type: 'code', code: cloud }] },
    { title: 'IN CI', blocks: [{ type: 'code', code: pipeline }] },
  ];
}
