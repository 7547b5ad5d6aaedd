// What the man pages of glance-cli say beside its commands: variables, files, examples, exit codes.
import type { Command } from 'commander';
import { type ManPage, manPages } from './man.ts';
import { type Definition, type ExitStatus, exitStatusSection, type ManSection } from './man-section.ts';

/** Printed on every page. Changed by hand with the version, so that building twice gives the same text. */
const date = '2026-11-24';

const variables: readonly Definition[] = [
  {
    term: '`http_proxy`, `https_proxy`, `all_proxy`',
    text: 'URL of the proxy to go through, by the scheme of the request. Upper case is read too, after lower case.',
  },
  {
    term: '`no_proxy`',
    text: 'Hosts to reach without a proxy: names, suffixes, addresses, each with or without a port, or `*`.',
  },
];

const files: Readonly<Record<string, readonly Definition[]>> = {
  'glance-cli-download': [
    {
      term: '`.NAME.XXXXXXXXXXXX.part`',
      text:
        'Beside the target: image data that is not verified yet. It becomes the target, or is removed; one that is left ' +
        'over after a crash may be deleted.',
    },
  ],
  'glance-cli-serve': [
    {
      term: '`NAME.json`',
      text: 'Beside an image named `NAME`: its metadata, as `glance-cli show -f json` prints it. What it leaves out is derived.',
    },
  ],
};

interface Example {
  readonly text: string;
  readonly code: string;
}

const examples: Readonly<Record<string, readonly Example[]>> = {
  'glance-cli-list': [
    { text: 'The newest ten images, newest first:', code: 'glance-cli list --sort created_at:desc --limit 10' },
    { text: 'Ids and names for a script:', code: 'glance-cli list -f value -c id -c name' },
  ],
  'glance-cli-show': [
    { text: 'The checksum of an image:', code: 'glance-cli show 1 -f value -c checksum' },
    { text: 'Everything that is known, as JSON:', code: 'glance-cli show "Ubuntu 10.04 Plain" -f json' },
  ],
  'glance-cli-download': [
    { text: 'To a file:', code: 'glance-cli download 1 -o ubuntu.vhd' },
    { text: 'To a file named after the image, in this directory:', code: 'glance-cli download 1 -O' },
    { text: 'Through a pipe, verified on the way:', code: 'glance-cli download 1 | sha256sum' },
    {
      text: 'Only if it is the image that was meant, whatever the server says:',
      code: 'glance-cli download 1 -o ubuntu.vhd --expect sha256:HEX',
    },
  ],
  'glance-cli-doctor': [
    { text: 'Why a login fails, without showing the password:', code: 'glance-cli --os-cloud demo doctor' },
  ],
  'glance-cli-members': [{ text: 'The projects an image is shared with:', code: 'glance-cli members 1' }],
  'glance-cli-serve': [
    {
      text: 'Serve a directory, and list what is in it from another terminal:',
      code: 'glance-cli serve images/ --port 9292\nglance-cli --endpoint http://127.0.0.1:9292 list',
    },
  ],
};

/** What the program knows that its manual repeats. */
export interface ManualFacts {
  readonly version: string;
  readonly exitCodes: readonly ExitStatus[];
  /** Command lines that show what the program is for. */
  readonly examples: readonly string[];
}

/** The man pages of glance-cli, from its tree of commands. */
export function manualPages(program: Command, facts: ManualFacts): ManPage[] {
  const sections = (page: string): ManSection[] =>
    page === program.name() ? programSections(facts) : commandSections(page, program.name());
  return manPages(program, { version: facts.version, date, sections });
}

function programSections(facts: ManualFacts): ManSection[] {
  return [
    exitStatusSection(facts.exitCodes),
    { title: 'ENVIRONMENT', blocks: [{ type: 'definitions', items: variables }] },
    { title: 'EXAMPLES', blocks: [{ type: 'code', code: facts.examples.join('\n') }] },
  ];
}

function commandSections(page: string, program: string): ManSection[] {
  const items = files[page] ?? [];
  const cases = examples[page] ?? [];
  return [
    {
      title: 'EXIT STATUS',
      blocks: [{ type: 'text', text: `0 if all went well. The others are in \`${program}\`(1).` }],
    },
    ...(items.length === 0 ? [] : [{ title: 'FILES', blocks: [{ type: 'definitions', items } as const] }]),
    ...(cases.length === 0 ? [] : [{ title: 'EXAMPLES', blocks: cases.flatMap(renderExample) }]),
  ];
}

function renderExample({ text, code }: Example): ManSection['blocks'] {
  return [
    { type: 'text', text },
    { type: 'code', code },
  ];
}
