// The files that commands read and write.
import type { Definition } from './man-section.ts';

const clouds: Definition = {
  term: '`clouds.yaml`, `secure.yaml`, `clouds-public.yaml`',
  text:
    'Clouds, their secrets, and vendors. Looked for in the working directory, `~/.config/openstack` and `/etc/openstack`; ' +
    'also as `.yml` and `.json`. `OS_CLIENT_CONFIG_FILE` and `OS_CLIENT_SECURE_FILE` name others.',
};

const tokens: Definition = {
  term: '`$XDG_CACHE_HOME/glance-cli/tokens/`',
  text:
    'Tokens and endpoints of earlier logins, one file for each scope, readable by their owner only; without the variable ' +
    'under `~/.cache`. `--no-token-cache` neither reads nor writes them, `glance-cli logout` removes them.',
};

const names: Definition = {
  term: '`$XDG_CACHE_HOME/glance-cli/names/`',
  text:
    'Names and ids of images for completion, good for a minute, readable by their owner only. Written by `list` and by ' +
    'completion itself; not with `--no-token-cache`; `glance-cli logout` removes them.',
};

const code: Definition = {
  term: '`$XDG_CACHE_HOME/glance-cli/code/`',
  text:
    'With Node 22.8 and later: compiled code of the program, so that the next start is faster. Safe to remove. ' +
    '`NODE_DISABLE_COMPILE_CACHE=1` turns it off.',
};

const part: Definition = {
  term: '`.FILE.KEY.part`, `.FILE.KEY.part.json`',
  text:
    'Beside the target: image data that is not complete or not verified, and the record of what is in it. The same command ' +
    'resumes from them. They become the target or are removed; a later download of that target, once finished, removes ' +
    'those of any image.',
};

const lock: Definition = {
  term: '`.glance-cli-KEY.lock`',
  text:
    'Beside the target during a download, so that only one process writes to it. One that a killed process left behind ' +
    'is removed by the next.',
};

const download: readonly Definition[] = [
  part,
  lock,
  {
    term: '`FILE.json`',
    text: 'With `--metadata`: the record of the image. `glance-cli verify FILE` compares with it.',
  },
  { term: '`FILE.corrupt`', text: 'With `--keep-corrupt`: data whose digest does not match.' },
];

const mirror: readonly Definition[] = [
  { term: '`DIR/ID/ID.FORMAT`', text: 'The data of an image.' },
  {
    term: '`DIR/ID/digests.json`',
    text: 'Size and digests of the data, and which of them the cloud named too. Mirrors of earlier versions have none.',
  },
  { term: '`DIR/ID/image.json`', text: 'The record of the image at that time. Written once the data is there.' },
  {
    term: '`DIR/ID/contents.json`',
    text: 'With `--contents`: what is in the disk, as `inspect` reports it, and the digest of the data that it is about.',
  },
  { term: '`DIR/ID/failure.json`', text: 'Why the image cannot be fetched as it is. Removed once it is there.' },
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

/** By command. */
export const commandFiles: Readonly<Record<string, readonly Definition[]>> = {
  list: [...online, names],
  show: online,
  download: [...download, ...online],
  inspect: [
    {
      term: '`FILE`',
      text: 'With `--sbom FILE`: all that is installed, once all of it is there. One that is there is replaced; what is no SBOM is not.',
    },
    ...online,
  ],
  files: [shared, ...online],
  cat: [
    { ...part, text: 'Beside the target of `-o`: what is not complete. It becomes the target or is removed.' },
    { ...lock, text: 'Beside the target of `-o`, so that only one process writes to it.' },
    shared,
    ...online,
  ],
  verify: [{ term: '`FILE.json`', text: 'The record that a file is compared with.' }, ...mirror, shared, ...online],
  mirror: [
    ...mirror,
    { ...lock, text: 'In `DIR` and beside the data that is fetched: one process keeps a mirror at a time.' },
    { ...part, text: 'Beside incomplete data: the next run resumes from them.' },
    shared,
    ...online,
  ],
  members: online,
  stores: online,
  serve: [
    {
      term: '`NAME.json`',
      text: 'Beside an image named `NAME`: its metadata, as `glance-cli show -f json` prints it. What it leaves out is derived.',
    },
    { term: '`DIR/index.json`', text: 'Of a mirror: what is in it.' },
    {
      term: '`DIR/.glance-cli-digests.json`',
      text: 'Digests of files whose record has none, by size, times of change and inode, so that each is read once only.',
    },
    {
      term: '`DIR/.glance-cli-reports.txt`',
      text: 'What was found in the images, for the pages of browsers; may be removed.',
    },
    shared,
  ],
  doctor: online,
  logout: [tokens, names],
  completion: [names],
};

/** Of the program as a whole. */
export const programFiles: readonly Definition[] = [clouds, tokens, shared, names, code];
