// What the topics of help tell, as sections: for the terminal and for man pages. Pure.
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

/** What the program knows that its topics repeat. */
export interface TopicFacts {
  readonly exitCodes: readonly ExitStatus[];
  /** The exit code of an error. */
  readonly exitCodeOf: (code: ErrorCode) => number;
  /** Whether the same call may succeed later without any change. */
  readonly isRetryable: (code: ErrorCode) => boolean;
}

/** A topic with its text. */
export interface Topic {
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
  '# a cloud of clouds.yaml\nOS_CLOUD=demo glance-cli list\n' +
  '# the variables of an openrc file\nsource demo-openrc.sh && glance-cli list\n' +
  '# a Glance that asks for no login\nglance-cli --endpoint http://glance.example:9292 list\n' +
  '# what is configured, and what answers\nglance-cli doctor';

const cloudsYaml =
  '# ~/.config/openstack/clouds.yaml, for your eyes only: chmod 600\nclouds:\n  demo:\n    auth:\n' +
  '      auth_url: https://keystone.example:5000/v3\n      username: me\n      password: secret\n' +
  '      project_name: my-project\n      user_domain_name: Default\n      project_domain_name: Default\n    region_name: RegionOne';

const openrc =
  '# demo-openrc.sh, as the dashboard offers it\nexport OS_AUTH_URL=https://keystone.example:5000/v3\n' +
  'export OS_USERNAME=me OS_PASSWORD=secret\nexport OS_PROJECT_NAME=my-project\n' +
  'export OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default\nexport OS_REGION_NAME=RegionOne';

/** In the groups that help has them in; those that are hidden there are other names, or go without saying. */
function connectionSections(program: Command): readonly ManSection[] {
  const intro =
    'There are three ways to say which Glance is meant. The options below may stand before or after the name of a command.';
  const names = program.options.flatMap(({ hidden, long }) =>
    hidden && long?.startsWith('--os-') === true ? [long] : [],
  );
  const login =
    'What `clouds.yaml` says of a login may be given as an option too, or as a variable: `auth_url` is `--os-auth-url` and ' +
    `\`OS_AUTH_URL\`. Secrets are safer in variables and files, as all users of a machine see options. ${names.join(', ')}.`;
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
    'If several apply, the first of these wins: 6, 11, 10, 8, 4, 3, 7, 5. If the reader hangs up, as `head` does, ' +
    '`list` and `show` exit with 0, and `download` with 141: its reader did not get all of the data.';
  const code = 'if glance-cli download cirros -o cirros.qcow2; then\n  echo "there, complete, and checked"\nfi';
  return [
    section('EXIT CODES', list(exitStatusItems(exitCodes))),
    section('NOTES', prose(order)),
    section('EXAMPLES', { type: 'code', code }),
  ];
}

function errorSections({ exitCodes, exitCodeOf, isRetryable }: TopicFacts): readonly ManSection[] {
  const intro =
    'Each error has a code, printed in brackets at the end of its first line. With `--error-format json`, which `-f json`, ' +
    '`-f ndjson` and `--progress json` imply, it is one JSON object on one line, last on standard error, with the keys ' +
    '`code`, `exit`, `message`, `hint`, `retryable`, `attempts`, `image`, `url`, `http_status`, `request_id` and `partial`. ' +
    'Codes are never renamed. "May pass" is `retryable`: the same call may succeed later without any change.';
  const codes = Object.keys(errorGuide) as readonly ErrorCode[];
  const groups = exitCodes.flatMap(({ exit, name }) => {
    const members = codes.filter((code) => exitCodeOf(code) === exit);
    if (members.length === 0) return [];
    const items = members.map((code) => {
      const [meaning, advice] = errorGuide[code];
      const passing = isRetryable(code) ? ' May pass.' : '';
      return { term: `\`${code}\``, text: `${capital(sentence(meaning))}${passing} What to do: ${sentence(advice)}` };
    });
    return [section(`EXIT CODE ${String(exit)}: ${name.toUpperCase()}`, list(items))];
  });
  return [section('ERRORS', prose(intro)), ...groups];
}

function environmentSections(program: Command): readonly ManSection[] {
  const options = [program, ...descendantsOf(program)].flatMap(optionsOf);
  const beside =
    'An option wins over a variable, and an empty variable counts as unset. Beside a cloud that is named, by `OS_CLOUD` ' +
    'or `--os-cloud`, only region, interface, TLS, endpoint and missing secrets count; what is ignored is reported.';
  const buckets =
    "Access to a bucket is read as AWS's command line tool does. What it looks at, in this order: variables, web identity, " +
    'profile, container, instance. Profiles that log in by SSO or `aws login`, assume a role by the keys of another or run a ' +
    '`credential_process` need that tool: `aws configure export-credentials --format env` prints keys to set as variables.';
  return [
    section('OPTIONS', prose(beside), list(defineVariables(options))),
    section('LOGIN', list(loginVariables)),
    section('BUCKETS', prose(buckets), list(bucketVariables)),
    section('MACHINE', list(machineVariables)),
  ];
}

const formats: readonly Definition[] = [
  { term: '`table`', text: 'For people; the default. Fits the terminal; cuts nothing when it does not go to one.' },
  { term: '`json`', text: 'One value: an object, or for lists an array of the same objects. Every key, always.' },
  { term: '`ndjson`', text: 'An object a line, printed as the pages come.' },
  { term: '`yaml`', text: 'The same as json, as YAML.' },
  {
    term: '`csv`',
    text: "A line of names, then a line for each, quoted where needed. Cells are exact; for a spreadsheet, which would run a name such as `=cmd()` as a formula, `--csv-safe` puts `'` before it.",
  },
  { term: '`value`', text: 'Bare values, one line for each, separated by blanks; with `show` one a line.' },
  { term: '`shell`', text: 'Only with `--compat openstack`: assignments, as that client prints them.' },
];

function formatSections(): readonly ManSection[] {
  const intro =
    'Results go to standard output, everything else to standard error. `-f` chooses the format and `-c`, which can be ' +
    'repeated, the columns, in the order given. Values have their real types: numbers are numbers, what is unset is null ' +
    'and never absent, sizes are bytes, times are ISO 8601 in UTC. The package has JSON Schemas of every object in schemas/.';
  const keys = Object.entries(imageKeyTexts).map(([key, text]) => ({
    term: `\`${key}\``,
    text: capital(sentence(text)),
  }));
  const code =
    'glance-cli show cirros -f json | jq -r .os_hash_value\nglance-cli list -f csv -c id -c name -c size > images.csv';
  return [
    section('FORMATS', prose(intro), list(formats)),
    section('IMAGE', prose('The same keys for API v1 and v2, for every command:'), list(keys)),
    section('EXAMPLES', { type: 'code', code }),
  ];
}

function capital(text: string): string {
  return /^(?:[a-z]+[.:_/-]|[a-z0-9]+,|clouds|https?\b)/.test(text)
    ? text
    : text.charAt(0).toUpperCase() + text.slice(1);
}
