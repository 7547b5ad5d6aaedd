// The texts of the help topics, as sections, for the terminal and for man pages. Pure.
import type { Command, Option } from 'commander';
import type { ErrorCode } from '../errors.ts';
import { descendantsOf, optionsOf } from './command-tree.ts';
import { defineVariables } from './environment.ts';
import { errorGuide } from './error-guide.ts';
import { fleetSections } from './fleet-guide.ts';
import { imageKeyTexts } from './image-keys.ts';
import { explainOption } from './man-options.ts';
import { type Definition, exitStatusItems, type ExitStatus, type ManBlock, type ManSection } from './man-section.ts';
import { sentence } from './roff.ts';
import { sbomSections } from './sbom-guide.ts';
import { type TopicName, topicNames, topicSummaries } from './topic-names.ts';
import { bucketVariables, loginVariables, machineVariables } from './variables.ts';

/** Facts about the program that the topics repeat. */
export interface TopicFacts {
  readonly exitCodes: readonly ExitStatus[];
  /** The exit code of an error. */
  readonly exitCodeOf: (code: ErrorCode) => number;
  /** Whether the same call may succeed later without any change. */
  readonly isRetryable: (code: ErrorCode) => boolean;
}

/** A topic with its text. */
interface Topic {
  readonly name: TopicName;
  readonly summary: string;
  readonly sections: readonly ManSection[];
}

/** Every topic, in the order in which help lists them. */
export function describeTopics(program: Command, facts: TopicFacts): readonly Topic[] {
  return topicNames.map((name) => describeTopic(name, program, facts));
}

/** One topic. */
export function describeTopic(name: TopicName, program: Command, facts: TopicFacts): Topic {
  return { name, summary: topicSummaries[name], sections: writers[name](program, facts) };
}

const writers: Readonly<Record<TopicName, (program: Command, facts: TopicFacts) => readonly ManSection[]>> = {
  connection: (program) => connectionSections(program),
  'exit-codes': (_program, facts) => exitCodeSections(facts),
  errors: (_program, facts) => errorSections(facts),
  environment: (program) => environmentSections(program),
  formats: () => formatSections(),
  sbom: () => sbomSections(),
  fleet: () => fleetSections(),
};

function section(title: string, ...blocks: readonly ManBlock[]): ManSection {
  return { title, blocks };
}

const prose = (text: string): ManBlock => ({ type: 'text', text });
const list = (items: readonly Definition[]): ManBlock => ({ type: 'definitions', items });

const waysIn =
  '# a cloud from clouds.yaml\nOS_CLOUD=demo glance-cli list\n' +
  '# the variables of an openrc file\nsource demo-openrc.sh && glance-cli list\n' +
  '# a Glance that needs no login\nglance-cli --endpoint http://glance.example:9292 list\n' +
  '# see what is configured, and what answers\nglance-cli doctor';

const cloudsYaml =
  '# ~/.config/openstack/clouds.yaml, readable by you alone: chmod 600\nclouds:\n  demo:\n    auth:\n' +
  '      auth_url: https://keystone.example:5000/v3\n      username: me\n      password: secret\n' +
  '      project_name: my-project\n      user_domain_name: Default\n      project_domain_name: Default\n    region_name: RegionOne';

const openrc =
  '# demo-openrc.sh, as offered by the dashboard\nexport OS_AUTH_URL=https://keystone.example:5000/v3\n' +
  'export OS_USERNAME=me OS_PASSWORD=secret\nexport OS_PROJECT_NAME=my-project\n' +
  'export OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default\nexport OS_REGION_NAME=RegionOne';

/** Options in the same groups as in help. Those that are hidden there are aliases, or login options to be listed by name. */
function connectionSections(program: Command): readonly ManSection[] {
  const intro =
    'There are three ways to say which Glance to use. The options below may come before or after the name of a command.';
  const names = program.options.flatMap(({ hidden, long }) =>
    hidden && long?.startsWith('--os-') === true ? [long] : [],
  );
  const login =
    'Any login setting of `clouds.yaml` can also be given as an option or as a variable: `auth_url` is `--os-auth-url` and ' +
    `\`OS_AUTH_URL\`. Secrets are safer in variables and files, as every user of the machine can see options. ${names.join(', ')}.`;
  const groups = new Map<string, Option[]>();
  for (const option of program.options.filter(({ hidden }) => !hidden)) {
    const title = (option.helpGroupHeading ?? '').replace(/:$/, '');
    if (title !== '') groups.set(title, [...(groups.get(title) ?? []), option]);
  }
  const listed = [...groups].map(([title, options]) =>
    section(
      title.toUpperCase(),
      list(options.map((option) => ({ term: `\`${option.flags}\``, text: explainOption(option) }))),
    ),
  );
  return [
    section(
      'WHICH GLANCE',
      prose(intro),
      { type: 'code', code: waysIn },
      prose('The files look like this:'),
      { type: 'code', code: cloudsYaml },
      { type: 'code', code: openrc },
    ),
    ...listed,
    section('LOGIN', prose(login)),
  ];
}

function exitCodeSections({ exitCodes }: TopicFacts): readonly ManSection[] {
  const order =
    'If several apply, the first of these wins: 6, 11, 10, 8, 4, 3, 7, 5. If the reader of a pipe closes it early, as `head` does, ' +
    '`list` and `show` exit with 0. `download` exits with 141, as its reader did not get all of the data.';
  const code = 'if glance-cli download cirros -o cirros.qcow2; then\n  echo "there, complete, and checked"\nfi';
  return [
    section('EXIT CODES', list(exitStatusItems(exitCodes))),
    section('NOTES', prose(order)),
    section('EXAMPLES', { type: 'code', code }),
  ];
}

function errorSections({ exitCodes, exitCodeOf, isRetryable }: TopicFacts): readonly ManSection[] {
  const intro =
    'Every error has a code, printed in brackets at the end of its first line. With `--error-format json`, which `-f json`, ' +
    '`-f ndjson` and `--progress json` imply, the error is a JSON object on the last line of standard error, with the keys ' +
    '`code`, `exit`, `message`, `hint`, `retryable`, `attempts`, `image`, `url`, `http_status`, `request_id` and `partial`. ' +
    'Codes are never renamed. "May be temporary" stands for `retryable`: the same call may succeed later without any change.';
  const codes = Object.keys(errorGuide) as readonly ErrorCode[];
  const groups = exitCodes.flatMap(({ exit, name }) => {
    const members = codes.filter((code) => exitCodeOf(code) === exit);
    if (members.length === 0) return [];
    const items = members.map((code) => {
      const [meaning, advice] = errorGuide[code];
      const passing = isRetryable(code) ? ' May be temporary.' : '';
      return { term: `\`${code}\``, text: `${capital(sentence(meaning))}${passing} What to do: ${sentence(advice)}` };
    });
    return [section(`EXIT CODE ${String(exit)}: ${name.toUpperCase()}`, list(items))];
  });
  return [section('ERRORS', prose(intro)), ...groups];
}

function environmentSections(program: Command): readonly ManSection[] {
  const options = [program, ...descendantsOf(program)].flatMap(optionsOf);
  const beside =
    'An option wins over a variable, and an empty variable counts as unset. If a cloud is named, by `OS_CLOUD` ' +
    'or `--os-cloud`, variables count only for the region, interface, TLS, endpoint and missing secrets; those that are ignored are reported.';
  const buckets =
    "Access to a bucket is configured as for AWS's command-line tool, and looked for in this order: variables, web identity, " +
    'profile, container, instance. Profiles that log in by SSO or `aws login`, assume a role with the keys of another profile or run a ' +
    '`credential_process` need that tool: `aws configure export-credentials --format env` prints keys that you can set as variables.';
  return [
    section('OPTIONS', prose(beside), list(defineVariables(options))),
    section('LOGIN', list(loginVariables)),
    section('BUCKETS', prose(buckets), list(bucketVariables)),
    section('MACHINE', list(machineVariables)),
  ];
}

const formats: readonly Definition[] = [
  {
    term: '`table`',
    text: 'For people; the default. Fits the terminal; when it does not go to a terminal, nothing is cut.',
  },
  { term: '`json`', text: 'A single value: an object, or for lists an array of objects. Every key is always there.' },
  { term: '`ndjson`', text: 'One object per line, printed as the pages arrive.' },
  { term: '`yaml`', text: 'The same as json, as YAML.' },
  {
    term: '`csv`',
    text: "A header line, then a line for each image, quoted where needed. Cells are exact. A spreadsheet would run a name such as `=cmd()` as a formula: `--csv-safe` puts `'` before it.",
  },
  {
    term: '`value`',
    text: 'Bare values, separated by blanks, one line for each image; with `show`, one value per line.',
  },
  { term: '`shell`', text: 'Only with `--compat openstack`: shell assignments, as that client prints them.' },
];

function formatSections(): readonly ManSection[] {
  const intro =
    'Results go to standard output, everything else to standard error. `-f` chooses the format. `-c`, which can be ' +
    'repeated, chooses the columns and their order. Values have their real types: numbers are numbers, an unset value is null ' +
    'and never missing, sizes are in bytes, times are ISO 8601 in UTC. JSON Schemas of all objects are in schemas/ in the package.';
  const keys = Object.entries(imageKeyTexts).map(([key, text]) => ({
    term: `\`${key}\``,
    text: capital(sentence(text)),
  }));
  const code =
    'glance-cli show cirros -f json | jq -r .os_hash_value\nglance-cli list -f csv -c id -c name -c size > images.csv';
  return [
    section('FORMATS', prose(intro), list(formats)),
    section('IMAGE', prose('The keys are the same for API v1 and v2, and for every command:'), list(keys)),
    section('EXAMPLES', { type: 'code', code }),
  ];
}

function capital(text: string): string {
  return /^(?:[a-z]+[.:_/-]|[a-z0-9]+,|clouds|https?\b)/.test(text)
    ? text
    : text.charAt(0).toUpperCase() + text.slice(1);
}
