// Options that several commands share, and the types of what they give.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { GlanceError } from '../../errors.ts';
import type { ListQuery, SortKey } from '../../image/service.ts';
import {
  collect,
  collectColumns,
  collectProperty,
  parseBoolean,
  parseBytes,
  parseInteger,
  parseSeconds,
  parseSort,
  parseTime,
} from './parse.ts';

/** `shell` is one of OpenStack's client and goes with `--compat openstack` only. */
export const outputFormats = ['table', 'json', 'ndjson', 'yaml', 'csv', 'value', 'shell'] as const;
const nativeFormats = outputFormats.filter((format) => format !== 'shell');
export type OutputFormat = (typeof outputFormats)[number];
export const progressKinds = ['auto', 'bar', 'plain', 'json', 'none'] as const;
export type ProgressKind = (typeof progressKinds)[number];

/** What the options of the program itself give. Absent is not given. */
export interface GlobalOptions {
  readonly endpoint?: string;
  readonly tokenFile?: string;
  readonly imageApiVersion?: '1' | '2' | 'auto';
  readonly osImageEndpointOverride?: string;
  readonly osImageUrl?: string;
  readonly osImageApiVersion?: '1' | '2' | 'auto';
  readonly tokenCache?: boolean;
  readonly osCacert?: string;
  readonly osCert?: string;
  readonly osKey?: string;
  readonly insecure?: boolean;
  readonly timeout?: number;
  readonly stallTimeout?: number;
  readonly retries?: number;
  readonly format?: OutputFormat;
  readonly column?: readonly string[];
  readonly headers?: boolean;
  readonly csvSafe?: boolean;
  readonly wide?: boolean;
  readonly time?: 'relative' | 'absolute';
  readonly pager?: boolean;
  readonly compat?: 'openstack';
  readonly showSecrets?: boolean;
  readonly progress?: ProgressKind;
  readonly errorFormat?: 'human' | 'json';
  readonly debug?: boolean;
  readonly color?: boolean;
}

/** All that commander gives for the program itself, the flags of clouds included. */
export type AllOptions = GlobalOptions & Readonly<Record<string, unknown>>;

/**
 * Adds the options of the program itself. commander takes them before and after the command's name.
 * Environment variables are named for help only and read by settings.ts: commander looks at the global `process`.
 */
export function addGlobalOptions(program: Command): void {
  const add = (group: string, ...options: readonly Option[]): void => {
    for (const option of options) program.addOption(option.helpGroup(group));
  };
  add(
    'Connection:',
    new Option('--endpoint <url>', 'where Glance is; env: OS_IMAGE_ENDPOINT_OVERRIDE, OS_IMAGE_URL'),
    new Option('--os-image-endpoint-override <url>').hideHelp(),
    new Option('--os-image-url <url>').hideHelp(),
    new Option('--token-file <file>', 'read the token from a file, or - for standard input; env: OS_TOKEN'),
    new Option('--image-api-version <version>', 'Images API to speak; env: OS_IMAGE_API_VERSION').choices([
      '1',
      '2',
      'auto',
    ]),
    new Option('--os-image-api-version <version>').choices(['1', '2', 'auto']).hideHelp(),
    new Option(
      '--os-cacert <file>',
      'PEM file of the authorities to trust; env: OS_CACERT, REQUESTS_CA_BUNDLE, SSL_CERT_FILE',
    ),
    new Option('--os-cert <file>', 'PEM file of a client certificate; env: OS_CERT'),
    new Option('--os-key <file>', "PEM file of the client certificate's key; env: OS_KEY"),
    new Option('--insecure', 'accept any certificate (warns each time); env: OS_INSECURE'),
    new Option(
      '--timeout <seconds>',
      'longest wait for an answer; 0: no limit (default: 60, image data 300)',
    ).argParser(parseSeconds),
    new Option('--stall-timeout <seconds>', 'longest silence within an answer; 0: no limit (default: 60)').argParser(
      parseSeconds,
    ),
    new Option(
      '--retries <n>',
      'tries after a failure that may pass (default: 5; 2 before anything answered)',
    ).argParser(parseInteger(0, 1000)),
  );
  add(
    'Output:',
    new Option('-f, --format <format>', 'how results are printed (default: table)')
      // `shell` is understood, and not offered where it would be refused.
      .choices(nativeFormats)
      .argParser(parseFormat),
    new Option('-c, --column <name>', 'print only this column; repeatable, in this order').argParser(collectColumns),
    new Option('--wide', 'tables: every column, whole, however wide'),
    new Option('--no-headers', 'tables and CSV: no line of column names'),
    new Option('--csv-safe', "with -f csv: put ' before cells that a spreadsheet would run as a formula"),
    new Option('--time <style>', 'tables: how times are shown (default: relative on a terminal)').choices([
      'relative',
      'absolute',
    ]),
    new Option('--pager', 'on a terminal: show results in a pager; env: GLANCE_CLI_PAGER, PAGER'),
    new Option('--compat <client>', 'print just what another client prints, and read variables as it does').choices([
      'openstack',
    ]),
    new Option('--show-secrets', 'show credentials that are part of a location'),
    new Option('--progress <kind>', 'how progress is shown on stderr (default: auto)').choices(progressKinds),
    new Option('--error-format <format>', 'how errors are printed on stderr (default: human)').choices([
      'human',
      'json',
    ]),
    new Option('--debug', 'show requests and answers on stderr, secrets left out'),
    new Option('--no-color', 'no colours; env: NO_COLOR, FORCE_COLOR'),
  );
}

/** What {@link addListOptions} gives. */
export interface ListOptions {
  readonly name?: string;
  readonly status?: string;
  readonly visibility?: NonNullable<ListQuery['visibility']>;
  readonly public?: boolean;
  readonly private?: boolean;
  readonly shared?: boolean;
  readonly community?: boolean;
  readonly all?: boolean;
  readonly owner?: string;
  readonly project?: string;
  readonly propertyFilter?: ReadonlyMap<string, string>;
  readonly tag?: readonly string[];
  readonly property?: ReadonlyMap<string, string>;
  readonly diskFormat?: string;
  readonly containerFormat?: string;
  readonly sizeMin?: number;
  readonly sizeMax?: number;
  readonly createdSince?: string;
  readonly updatedSince?: string;
  readonly memberStatus?: string;
  readonly hidden?: boolean;
  readonly protected?: boolean;
  readonly sort?: readonly SortKey[];
  readonly limit?: number;
  readonly marker?: string;
  readonly pageSize?: number;
}

const visibilities = ['public', 'private', 'shared', 'community', 'all'] as const;

/**
 * Adds the options that select images.
 * @param taken short forms of `--visibility` that mean something else to this command
 */
export function addListOptions(command: Command, taken: readonly string[] = []): Command {
  const short = visibilities.filter((visibility) => !taken.includes(visibility));
  const add = (group: string, ...options: readonly Option[]): void => {
    for (const option of options) command.addOption(option.helpGroup(group));
  };
  add(
    'Filters:',
    new Option('--name <name>', 'images of exactly this name'),
    new Option('--status <status>', 'queued, saving, active, deactivated, …'),
    new Option('--visibility <visibility>', 'who may see it').choices(visibilities),
    ...short.map((visibility) => new Option(`--${visibility}`, `the same as --visibility ${visibility}`)),
    new Option('--owner <project>', 'owned by this project'),
    new Option('--project <project>').hideHelp(),
    new Option('--property-filter <key=value>').argParser(collectProperty).hideHelp(),
    new Option('--tag <tag>', 'tagged; repeatable, all must hold').argParser(collect),
    new Option('--property <key=value>', 'with this custom property; repeatable, all must hold').argParser(
      collectProperty,
    ),
    new Option('--disk-format <format>', 'qcow2, raw, vmdk, iso, …'),
    new Option('--container-format <format>', 'bare, ovf, ova, docker, …'),
    new Option('--size-min <bytes>', 'at least so large; takes K, M, G, T').argParser(parseBytes),
    new Option('--size-max <bytes>', 'at most so large; takes K, M, G, T').argParser(parseBytes),
    new Option('--created-since <time>', 'created then or later, such as 2026-01-31').argParser(parseTime),
    new Option('--updated-since <time>', 'changed then or later').argParser(parseTime),
    new Option('--member-status <status>', 'shared with us, and so answered').choices([
      'pending',
      'accepted',
      'rejected',
      'all',
    ]),
    new Option('--hidden', 'hidden images instead of the others'),
    new Option('--protected [bool]', 'protected against deletion, or not').argParser(parseBoolean).preset('true'),
  );
  add(
    'Order and amount:',
    new Option('--sort <keys>', 'KEY[:asc|:desc],… (default: name:asc)').argParser(parseSort),
    new Option('--limit <n>', 'most images in all').argParser(parseInteger(0)),
    new Option('--marker <id>', 'begin after this image'),
    new Option('--page-size <n>', 'images a request (default: 1000)').argParser(parseInteger(1, 1000)),
  );
  for (const visibility of short) conflictWithOthers(command, visibility);
  return command;
}

function conflictWithOthers(command: Command, visibility: string): void {
  const others = ['visibility', ...visibilities].filter((name) => name !== visibility);
  command.options.find((option) => option.attributeName() === visibility)?.conflicts(others);
}

/** The query that list options describe. */
export function toQuery(options: ListOptions): ListQuery {
  const { tag, property, propertyFilter, project, owner, ...rest } = options;
  const short = visibilities.find((visibility) => options[visibility] === true);
  return {
    ...rest,
    visibility: options.visibility ?? short,
    owner: owner ?? project,
    tags: tag,
    properties: property ?? propertyFilter,
  };
}

/**
 * The format to print in.
 * @throws GlanceError `usage.option` for `shell`, which only goes with `--compat openstack`
 */
export function nativeFormat({ format }: GlobalOptions): Exclude<OutputFormat, 'shell'> {
  if (format !== 'shell') return format ?? 'table';
  throw new GlanceError('usage.option', '-f shell goes with --compat openstack only', {
    hint: 'use -f value or -f json',
  });
}

/** @throws GlanceError `usage.option` for an option of one format with another */
export function checkFormat({ csvSafe, format }: GlobalOptions): void {
  if (csvSafe !== true || format === 'csv') return;
  throw new GlanceError('usage.option', '--csv-safe goes with -f csv only', { hint: 'add -f csv, or leave it out' });
}

function parseFormat(text: string): string {
  if (outputFormats.some((format) => format === text)) return text;
  throw new InvalidArgumentError(`Allowed choices are ${nativeFormats.join(', ')}.`);
}
