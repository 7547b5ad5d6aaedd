// The files that commands read and write.
import type { CommandName } from './command-tree.ts';
import type { Definition } from './man-section.ts';

const clouds: Definition = {
  term: '`clouds.yaml`, `secure.yaml`, `clouds-public.yaml`',
  text:
    'Clouds, their secrets, and vendors. Searched for in the working directory, `~/.config/openstack` and `/etc/openstack`; ' +
    '`.yml` and `.json` work too. `OS_CLIENT_CONFIG_FILE` and `OS_CLIENT_SECURE_FILE` name other files.',
};

const tokens: Definition = {
  term: '`$XDG_CACHE_HOME/glance-cli/tokens/`',
  text:
    'Tokens and endpoints of earlier logins, one file for each scope, readable by their owner only. Under `~/.cache` if the ' +
    'variable is not set. `--no-token-cache` neither reads nor writes them; `glance-cli logout` removes them.',
};

const names: Definition = {
  term: '`$XDG_CACHE_HOME/glance-cli/names/`',
  text:
    'Names and ids of images for completion, good for a minute, readable by their owner only. Written by `list` and by ' +
    'completion itself, but not with `--no-token-cache`; `glance-cli logout` removes them.',
};

const code: Definition = {
  term: '`$XDG_CACHE_HOME/glance-cli/code/`',
  text:
    'With Node 22.8 and later: the compiled code of the program, for a faster start. Safe to remove. ' +
    '`NODE_DISABLE_COMPILE_CACHE=1` turns it off.',
};

const part: Definition = {
  term: '`.FILE.KEY.part`, `.FILE.KEY.part.json`',
  text:
    'Beside the target: image data that is not yet complete and verified, and a record of what is in it. The same command ' +
    'resumes from them. They become the target, or are removed. Once a download to the same target has finished, those of ' +
    'any other image are removed too.',
};

const lock: Definition = {
  term: '`.glance-cli-KEY.lock`',
  text:
    'Beside the target during a download, so that only one process writes to it. A lock left behind by a killed process ' +
    'is removed by the next one.',
};

const download: readonly Definition[] = [
  part,
  lock,
  {
    term: '`FILE.json`',
    text: 'With `--metadata`: the record of the image, for `glance-cli verify FILE`.',
  },
  { term: '`FILE.corrupt`', text: 'With `--keep-corrupt`: data that does not match its digest.' },
];

const mirror: readonly Definition[] = [
  { term: '`DIR/ID/ID.FORMAT`', text: 'The data of an image.' },
  {
    term: '`DIR/ID/digests.json`',
    text: 'The size and the digests of the data, and which of the digests the cloud published too. Mirrors made by earlier versions do not have it.',
  },
  { term: '`DIR/ID/image.json`', text: 'The record of the image when it was fetched. Written once the data is there.' },
  {
    term: '`DIR/ID/contents.json`',
    text: 'With `--contents`: what is in the disk, as `inspect` reports it, and the digest of the data that was read.',
  },
  {
    term: '`DIR/ID/failure.json`',
    text: 'Why the image cannot be fetched as it is. Removed once it has been fetched.',
  },
  { term: '`DIR/index.json`', text: 'What is complete and verified. Written last, in one step.' },
  {
    term: '`DIR/SHA512SUMS`, `DIR/SHA256SUMS`, `DIR/MD5SUMS`',
    text: 'The same, for `sha512sum -c` and the like.',
  },
];

const shared: Definition = {
  term: '`~/.aws/credentials`, `~/.aws/config`',
  text:
    'Profiles with keys, region and endpoint of a store, for a mirror in a bucket. `AWS_SHARED_CREDENTIALS_FILE` and ' +
    '`AWS_CONFIG_FILE` name others.',
};

const online = [clouds, tokens];

/** The files of each command. */
export const commandFiles: Readonly<Record<CommandName, readonly Definition[]>> = {
  list: [...online, names],
  show: online,
  download: [...download, ...online],
  inspect: [
    {
      term: '`FILE`',
      text: 'With `--sbom FILE`, the list of installed packages, and with `--html FILE`, the page: written once it is complete. A regular file that is there is replaced, unless it is the file being inspected; a link or anything else is refused.',
    },
    ...online,
  ],
  files: [shared, ...online],
  cat: [
    { ...part, text: 'Beside the target of `-o`: data that is not yet complete. It becomes the target or is removed.' },
    { ...lock, text: 'Beside the target of `-o`, so that only one process writes to it.' },
    shared,
    ...online,
  ],
  verify: [{ term: '`FILE.json`', text: 'The record that a file is compared with.' }, ...mirror, shared, ...online],
  mirror: [
    ...mirror,
    { ...lock, text: 'In `DIR`, and beside the data during a download: one process at a time works on a mirror.' },
    { ...part, text: 'Incomplete data, from which the next run resumes.' },
    shared,
    ...online,
  ],
  members: online,
  stores: online,
  serve: [
    {
      term: '`NAME.json`',
      text: 'Beside an image named `NAME`: its metadata, as `glance-cli show -f json` prints it. Missing keys are derived.',
    },
    { term: '`DIR/index.json`', text: 'In a mirror: what is in it.' },
    {
      term: '`DIR/.glance-cli-digests.json`',
      text: 'Digests of files whose record has none, by size, times of change and inode, so that each file is read only once.',
    },
    {
      term: '`DIR/.glance-cli-reports.txt`',
      text: 'The results of inspecting the images, for the pages. Safe to remove.',
    },
    shared,
  ],
  worker: [],
  queue: [],
  doctor: online,
  logout: [tokens, names],
  completion: [names],
  version: [],
};

/** The files of the program as a whole. */
export const programFiles: readonly Definition[] = [clouds, tokens, shared, names, code];
