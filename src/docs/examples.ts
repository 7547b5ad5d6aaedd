// Examples that show what the program is for, in --help and on the man pages.
import type { CommandName } from './command-tree.ts';

/** What a call does, and the call itself; each line is a call. */
export interface Example {
  readonly text: string;
  readonly code: string;
}

/** For the program as a whole. */
export const programExamples: readonly Example[] = [
  { text: 'With a cloud from clouds.yaml:', code: 'glance-cli --os-cloud demo list' },
  { text: 'Without a login:', code: 'glance-cli --endpoint http://glance.example:9292 list' },
  {
    text: 'Find an image, see it, look inside, get it:',
    code: [
      "glance-cli list --name 'Ubuntu 24.04'",
      "glance-cli show 'Ubuntu 24.04'",
      "glance-cli inspect 'Ubuntu 24.04'",
      "glance-cli download 'Ubuntu 24.04' -o ubuntu.qcow2",
    ].join('\n'),
  },
  { text: 'Keep a directory in step with a cloud:', code: 'glance-cli mirror images/ --visibility public' },
];

/** Examples for each command. A test checks that each can be parsed. */
export const commandExamples: Readonly<Record<CommandName, readonly Example[]>> = {
  list: [
    { text: 'The newest ten images, newest first:', code: 'glance-cli list --sort created_at:desc --limit 10' },
    {
      text: 'Large active images that are tagged:',
      code: 'glance-cli list --status active --size-min 10G --tag production',
    },
    {
      text: 'By words in the name, or a pattern:',
      code: "glance-cli list ubuntu 24.04\nglance-cli list 'ubuntu-*-amd64'",
    },
    { text: 'Only ids:', code: 'glance-cli list -q --status queued' },
    { text: 'Ids and names for a script:', code: 'glance-cli list -f value -c id -c name' },
    { text: 'For jq, page by page:', code: "glance-cli list -f ndjson | jq -r 'select(.min_ram > 2048) | .id'" },
  ],
  show: [
    { text: 'The checksum of an image:', code: 'glance-cli show 1 -f value -c checksum' },
    { text: 'All metadata as JSON:', code: "glance-cli show 'Ubuntu 24.04' -f json" },
    { text: 'The newest of several with the same name:', code: 'glance-cli show cirros --latest' },
    { text: 'All images that match a pattern, as an array:', code: "glance-cli show 'ubuntu-2*' -f json" },
  ],
  download: [
    { text: 'To a file:', code: 'glance-cli download ubuntu -o ubuntu.qcow2' },
    { text: 'To a file named after the image, in this directory:', code: 'glance-cli download ubuntu -O' },
    { text: 'Several at once:', code: 'glance-cli download cirros ubuntu -o images/ --jobs 2' },
    {
      text: 'Several, with names made from a template:',
      code: "glance-cli download 'ubuntu*' -o 'images/{name}-{id}.{format}'",
    },
    { text: 'All images that match a pattern:', code: "glance-cli download 'ubuntu-2?.04' -o images/" },
    {
      text: 'The newest image that the filters find:',
      code: 'glance-cli download --property os_distro=ubuntu --tag prod --latest -o images/',
    },
    {
      text: 'Show what that would do, without doing it:',
      code: "glance-cli download 'ubuntu-2?.04' -o images/ --dry-run",
    },
    { text: 'Images listed in a file, one per line:', code: 'glance-cli download --images-from images.txt -o images/' },
    {
      text: 'A snapshot that is still being created, once it is complete:',
      code: 'glance-cli download snapshot -O --wait --latest',
    },
    { text: 'Through a pipe, verified on the way:', code: 'glance-cli download ubuntu | sha256sum' },
    {
      text: 'Only if the data has this digest, whatever the server says:',
      code: 'glance-cli download ubuntu -o ubuntu.qcow2 --expect sha256:HEX',
    },
    {
      text: "With the digest from its vendor's list:",
      code: 'glance-cli download noble -O --expect-from https://cloud-images.ubuntu.com/noble/current/SHA256SUMS --against-name noble-server-cloudimg-amd64.img',
    },
    { text: 'Faster, if the store supports ranges:', code: 'glance-cli download ubuntu -O --connections 4' },
    {
      text: 'From a store nearby, if it has the image:',
      code: 'glance-cli download ubuntu -O --prefer-store near',
    },
    { text: 'With a result for a program:', code: 'glance-cli download ubuntu -O -f json --progress none' },
  ],
  inspect: [
    { text: 'An image, by its first bytes:', code: 'glance-cli inspect cirros' },
    {
      text: 'All images that match a pattern, or that the filters find:',
      code: "glance-cli inspect 'ubuntu-*'\nglance-cli inspect --tag prod",
    },
    { text: 'A file, or a stream:', code: 'glance-cli inspect ./disk.qcow2\ncurl -s URL | glance-cli inspect -' },
    { text: 'What is in the disk, and what was left behind there:', code: 'glance-cli inspect cirros --contents' },
    {
      text: 'Whether a Glance would accept an upload of it, as an exit code:',
      code: 'glance-cli inspect disk.qcow2 --target glance-2026.1 --fail-on target',
    },
    { text: 'An image of a mirror in a bucket:', code: 'glance-cli inspect s3://images/prod/ID --contents' },
    {
      text: 'A whole cloud as a page for a browser:',
      code: 'glance-cli inspect --all --contents --html audit.html',
    },
    { text: 'The inventory of a cloud:', code: 'glance-cli inspect --all --contents -f ndjson' },
    { text: 'Everything that is installed, for a scanner:', code: 'glance-cli inspect cirros --sbom cirros.cdx.json' },
    { text: 'A whole cloud, for a report:', code: 'glance-cli inspect --all --fail-on warning -f ndjson' },
  ],
  files: [
    { text: 'The root directory of its system:', code: 'glance-cli files cirros' },
    {
      text: 'A directory, written either way:',
      code: 'glance-cli files cirros:/etc\nglance-cli files cirros /etc',
    },
    { text: 'The EFI system partition:', code: 'glance-cli files ./disk.qcow2 --partition 1' },
    {
      text: 'The largest logs, as a program sees them:',
      code: "glance-cli files cirros:/var/log -f json | jq -r 'sort_by(.size)[-5:][].name'",
    },
  ],
  cat: [
    { text: 'Which system it is:', code: 'glance-cli cat cirros:/etc/os-release' },
    { text: 'Save a file:', code: 'glance-cli cat cirros:/boot/vmlinuz -o vmlinuz --contents-limit 64M' },
    { text: 'From an image in a bucket:', code: 'glance-cli cat s3://images/prod/ID /etc/fstab' },
  ],
  verify: [
    { text: 'A file against the record that download --metadata wrote:', code: 'glance-cli verify cirros.qcow2' },
    { text: 'A file against the cloud:', code: 'glance-cli verify cirros.qcow2 cirros' },
    { text: 'A file against a digest:', code: 'glance-cli verify cirros.qcow2 --expect sha256:HEX' },
    {
      text: "A file against its vendor's list of checksums:",
      code: 'glance-cli verify noble-server-cloudimg-amd64.img --against SHA256SUMS',
    },
    { text: 'A mirror, offline:', code: 'glance-cli verify images/' },
    { text: 'A mirror in a bucket, without reading its data:', code: 'glance-cli verify s3://images/prod --quick' },
    {
      text: 'A large mirror, shared by the workers of a queue:',
      code: 'glance-cli verify s3://images/prod --queue redis://queue.example.com',
    },
  ],
  mirror: [
    { text: 'See what would be done:', code: 'glance-cli mirror images/ --visibility public --dry-run' },
    { text: 'Do it; the second run fetches what is new:', code: 'glance-cli mirror images/ --visibility public' },
    { text: 'Every ten minutes, without unsafe images:', code: 'glance-cli mirror images/ --watch 600 --require-safe' },
    { text: 'Into a bucket:', code: 'glance-cli mirror s3://images/prod --s3-endpoint https://rgw.example.com' },
  ],
  worker: [
    {
      text: 'On every machine that should help:',
      code: 'glance-cli worker --queue redis://queue.example.com',
    },
    {
      text: 'On one of them, plan and wait for the report:',
      code: 'glance-cli mirror s3://images/prod --queue redis://queue.example.com',
    },
  ],
  queue: [
    { text: 'See what failed, and retry it:', code: 'glance-cli queue failed\nglance-cli queue retry' },
    { text: 'Hold the workers while the cloud is being repaired:', code: 'glance-cli queue pause' },
  ],
  members: [
    { text: 'The projects an image is shared with:', code: 'glance-cli members cirros' },
    { text: 'What is shared with a project (API v1):', code: 'glance-cli members --shared-with PROJECT' },
  ],
  stores: [
    { text: 'The id of the default store:', code: "glance-cli stores -f json | jq -r '.[] | select(.default).id'" },
  ],
  serve: [
    {
      text: 'Serve a directory; list it from another terminal, or open http://127.0.0.1:9292/ in a browser:',
      code: 'glance-cli serve images/ --port 9292\nglance-cli --endpoint http://127.0.0.1:9292 list',
    },
    {
      text: 'Serve a mirror in a bucket:',
      code: 'glance-cli serve s3://images/prod --s3-endpoint https://rgw.example.com',
    },
  ],
  doctor: [
    { text: 'Find out why a login fails, without showing the password:', code: 'glance-cli --os-cloud demo doctor' },
  ],
  logout: [{ text: 'Make the next command log in again:', code: 'glance-cli logout' }],
  completion: [
    { text: 'In ~/.bashrc:', code: 'eval "$(glance-cli completion bash)"' },
    { text: 'In ~/.zshrc, after compinit:', code: 'eval "$(glance-cli completion zsh)"' },
    { text: 'In fish, permanently:', code: 'glance-cli completion fish > ~/.config/fish/completions/glance-cli.fish' },
  ],
  version: [{ text: 'The version that is installed:', code: 'glance-cli version' }],
};
