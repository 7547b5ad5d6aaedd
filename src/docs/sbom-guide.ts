// What the topic sbom tells: what is in the list of an image's packages, and what to do with it.
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
  '# which images have a package, and in which version',
  'jq -r \'input_filename + " " + (.components[] | select(.name == "openssl").version)\' sbom/*.cdx.json',
].join('\n');

const pipeline = [
  'set -euo pipefail',
  'glance-cli inspect "$IMAGE" --sbom image.cdx.json',
  'version() { jq -er --arg name "$1" \'first(.components[] | select(.name == $name)).version\' image.cdx.json; }',
  '# older than that: the job fails. Debian and Ubuntu, by dpkg:',
  'dpkg --compare-versions "$(version openssl)" ge 3.0.15-1~deb12u1',
  '# Red Hat, SUSE and their kin, by rpm:',
  'test "$(rpm --eval "%{lua:print(rpm.vercmp(\'$(version openssl)\', \'1:3.0.7-28.el9\'))}")" -ge 0',
  '# or whatever a scanner finds',
  'trivy sbom --exit-code 1 --severity CRITICAL --ignore-unfixed image.cdx.json',
].join('\n');

const contents: readonly Definition[] = [
  {
    term: 'Packages',
    text: 'By dpkg (`status`, `status.d`), apk, pacman, and rpm in SQLite, ndb and BerkeleyDB, all that are there: name, version, package URL with architecture, system and source package, and the licence where the data base tells it. Of dpkg, packages of which only settings are left are not listed. The keys that rpm lists as packages (`gpg-pubkey`) are. What was installed by other means, such as pip or by hand, is not known.',
  },
  {
    term: 'The operating system',
    text: 'As a component, by the `ID` and the `VERSION_ID` of its os-release.',
  },
  {
    term: 'The image',
    text: 'As the subject: name, id, format, size, and the digests that its record has. They are not computed: the data is not read for them.',
  },
  {
    term: 'The same bytes',
    text: 'There is no serial number and no time in it, and all is sorted: two SBOMs of one image differ in nothing, and `diff` shows what is new in the next.',
  },
];

const limits: readonly Definition[] = [
  {
    term: 'All of it, or no file',
    text: 'Where less than all could be read it ends with `contents.limit` (9) or `contents.unreadable` (7), or as the store failed, and a file that was there stays. A file that is there and is no SBOM is not written over.',
  },
  {
    term: 'Reading',
    text: 'At most 256 MiB and 4,000 requests, unless `--contents-limit` says otherwise. A few MiB are usual; rpm takes about as much as its data base has, some ten MiB. Where a store has no ranges, `--spool` fetches the image first; images of a mirror (`DIRECTORY/ID`, `s3://BUCKET/PREFIX/ID`) can always be read.',
  },
  {
    term: 'trivy',
    text: 'knows some systems by words of its own. For these give them: `trivy sbom --distro alma/9.4`; so too `amazon`, `oracle` and `redhat`.',
  },
  { term: 'osv-scanner', text: 'wants the name of the file to end in `.cdx.json`.' },
];

/** The sections of the topic. */
export function sbomSections(): readonly ManSection[] {
  const about =
    'With `--sbom`, `inspect` lists every package that is installed in an image, as CycloneDX 1.6 in JSON. It reads the data bases ' +
    'of package managers where the image lies, by ranges; nothing is mounted, started or downloaded as a whole.';
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
