// Options that several commands share. The types of what they give are inferred from their descriptions.
import { InvalidArgumentError } from 'commander';
import { GlanceError } from '../../errors.ts';
import type { ListQuery } from '../../image/service.ts';
import type { CloudOptions } from './cloud-options.ts';
import { type Command, Option, type OptionsOf, addOptions } from './commander.ts';
import {
  collect,
  collectColumns,
  collectProperty,
  parseBoolean,
  parseBytes,
  parseInteger,
  parseSeconds,
  parseSince,
  parseSort,
  timeOf,
} from './parse.ts';

/** `shell` comes from OpenStack's client and works with `--compat openstack` only. */
const outputFormats = ['table', 'json', 'ndjson', 'yaml', 'csv', 'value', 'shell'] as const;
const nativeFormats = outputFormats.filter((format) => format !== 'shell');
type GivenFormat = (typeof outputFormats)[number];
const progressKinds = ['auto', 'bar', 'plain', 'json', 'none'] as const;
const apiVersions = ['1', '2', 'auto'] as const;

function connectionOptions(command: Command) {
  // The variables are named for help only and read elsewhere, as commander would look at the global `process`.
  return command
    .optionsGroup('Connection:')
    .option('--endpoint <url>', 'where Glance is; env: OS_IMAGE_ENDPOINT_OVERRIDE, OS_IMAGE_URL')
    .addOption(new Option('--os-image-endpoint-override <url>').hideHelp())
    .addOption(new Option('--os-image-url <url>').hideHelp())
    .option('--token-file <file>', 'read the token from a file, or - for standard input; env: OS_TOKEN')
    .addOption(
      new Option('--image-api-version <version>', 'Images API to use; env: OS_IMAGE_API_VERSION').choices(apiVersions),
    )
    .addOption(new Option('--os-image-api-version <version>').choices(apiVersions).hideHelp())
    .option(
      '--os-cacert <file>',
      'PEM file of the authorities to trust; env: OS_CACERT, REQUESTS_CA_BUNDLE, SSL_CERT_FILE',
    )
    .option('--os-cert <file>', 'PEM file of a client certificate; env: OS_CERT')
    .option('--os-key <file>', "PEM file of the client certificate's key; env: OS_KEY")
    .option('--insecure', 'accept any certificate (warns each time); env: OS_INSECURE')
    .option(
      '--timeout <seconds>',
      'longest wait for an answer; 0: no limit (default: 60, image data 300)',
      parseSeconds,
    )
    .option('--stall-timeout <seconds>', 'longest pause within an answer; 0: no limit (default: 60)', parseSeconds)
    .option(
      '--retries <n>',
      'retries after a temporary failure (default: 5; 2 until the server first answers)',
      parseInteger(0, 1000),
    );
}

function outputOptions(command: Command) {
  return command
    .optionsGroup('Output:')
    .addOption(
      new Option('-f, --format <format>', 'how results are printed (default: table)')
        // `shell` is accepted but not offered, since it is refused in most cases.
        .choices(nativeFormats)
        .argParser(parseFormat),
    )
    .option('-c, --column <name>', 'print only this column; repeatable, in the order given', collectColumns)
    .option('--wide', 'tables: every column in full, however wide')
    .option('--no-headers', 'tables and CSV: no header line')
    .option('--csv-safe', "with -f csv: put ' before cells that a spreadsheet would run as a formula")
    .addOption(
      new Option('--time <style>', 'tables: how times are shown (default: relative on a terminal)').choices([
        'relative',
        'absolute',
      ]),
    )
    .option('--pager', 'on a terminal: show results in a pager; env: GLANCE_CLI_PAGER, PAGER')
    .addOption(
      new Option('--compat <client>', 'print exactly what this client prints, and read variables as it does').choices([
        'openstack',
      ]),
    )
    .option('--show-secrets', 'show credentials that are part of a location')
    .option('-q, --quiet', 'no progress or notes, only warnings, errors and results; list prints ids')
    .addOption(
      new Option('--progress <kind>', 'how progress is shown on stderr (default: auto)').choices(progressKinds),
    )
    .option('--no-input', 'never ask for anything at the terminal; env: CI')
    .addOption(
      new Option('--error-format <format>', 'how errors are printed on stderr (default: human)').choices([
        'human',
        'json',
      ]),
    )
    .option('--debug', 'show requests and responses on stderr, without secrets')
    .option('--no-color', 'no colours; env: NO_COLOR, FORCE_COLOR');
}

/** The options of the program itself. commander accepts them before and after the command's name. */
export function globalOptions(command: Command) {
  return addOptions(connectionOptions(command), outputOptions);
}

/** The values of the program's own options, those of clouds included. An option that was not given is absent. */
export type GlobalOptions = Partial<OptionsOf<typeof globalOptions>> & CloudOptions;

const visibilities = ['public', 'private', 'shared', 'community', 'all'] as const;

/** A short form of `--visibility`. */
function visibilityFlag<const Name extends (typeof visibilities)[number]>(name: Name, taken: readonly string[]) {
  const others = ['visibility', ...visibilities].filter((other) => other !== name && !taken.includes(other));
  return new Option(`--${name}`, `the same as --visibility ${name}`).conflicts(others);
}

/** The options that select images. */
export function listOptions(command: Command) {
  return addOptions(firstFilters(command, []).addOption(visibilityFlag('all', [])), otherListOptions);
}

/**
 * {@link listOptions} for a command where some short forms of `--visibility`, `--all` among them, mean something else.
 * @param taken those short forms; they may be combined with all the others
 */
export function listOptionsWithoutAll(command: Command, taken: readonly string[]) {
  return addOptions(firstFilters(command, taken), otherListOptions);
}

function firstFilters(command: Command, taken: readonly string[]) {
  return command
    .optionsGroup('Filters:')
    .option('--name <name>', 'images of exactly this name')
    .option('--status <status>', 'queued, saving, active, deactivated, …')
    .addOption(new Option('--visibility <visibility>', 'who can see the image').choices(visibilities))
    .addOption(visibilityFlag('public', taken))
    .addOption(visibilityFlag('private', taken))
    .addOption(visibilityFlag('shared', taken))
    .addOption(visibilityFlag('community', taken));
}

function otherListOptions(command: Command) {
  return command
    .option('--owner <project>', 'owned by this project')
    .addOption(new Option('--project <project>').hideHelp())
    .addOption(new Option('--property-filter <key=value>').argParser(collectProperty).hideHelp())
    .option('--tag <tag>', 'with this tag; repeatable, all must match', collect)
    .option('--property <key=value>', 'with this custom property; repeatable, all must match', collectProperty)
    .option('--disk-format <format>', 'qcow2, raw, vmdk, iso, …')
    .option('--container-format <format>', 'bare, ovf, ova, docker, …')
    .option('--size-min <bytes>', 'at least this large, such as 500M or 2G', parseBytes)
    .option('--size-max <bytes>', 'at most this large, such as 500M or 2G', parseBytes)
    .option('--created-since <time>', 'created since: 7d, 12h, 30m, a date or a time', parseSince)
    .option('--updated-since <time>', 'changed since, in the same form', parseSince)
    .addOption(
      new Option('--member-status <status>', 'shared with you, with this answer of yours').choices([
        'pending',
        'accepted',
        'rejected',
        'all',
      ]),
    )
    .option('--hidden', 'only hidden images, which are left out otherwise')
    .addOption(
      new Option('--protected [bool]', 'protected from deletion, or not').argParser(parseBoolean).preset('true'),
    )
    .optionsGroup('Order and number:')
    .option('--sort <keys>', 'KEY[:asc|:desc],… (default: name:asc)', parseSort)
    .option('--limit <n>', 'at most this many images', parseInteger(0))
    .option('--marker <id>', 'start after this image')
    .option('--page-size <n>', 'images to ask for per request (default: 1000)', parseInteger(1, 1000));
}

/** The values of {@link listOptions}. */
export type ListOptions = OptionsOf<typeof listOptions>;

/** The fields of a query that have an option of the same name: all but these. */
type Fields = Pick<
  ListOptions,
  Exclude<keyof ListQuery, 'visibility' | 'owner' | 'tags' | 'properties' | 'words' | Times>
>;
type Times = 'createdSince' | 'updatedSince';

/**
 * The query that list options describe.
 * @param nowMs the time that `7d` counts back from, milliseconds since 1970
 */
export function toQuery(options: ListOptions, nowMs: number): ListQuery {
  const { tag, property, propertyFilter, project, owner, createdSince, updatedSince, ...others } = options;
  const fields: Fields = others;
  const short = visibilities.find((visibility) => options[visibility] === true);
  return {
    ...fields,
    createdSince: timeOf(createdSince, nowMs),
    updatedSince: timeOf(updatedSince, nowMs),
    visibility: options.visibility ?? short,
    owner: owner ?? project,
    tags: tag,
    properties: property ?? propertyFilter,
  };
}

/**
 * The format to print in.
 * @throws GlanceError `usage.option` for `shell`, which works with `--compat openstack` only
 */
export function nativeFormat({ format }: GlobalOptions): Exclude<GivenFormat, 'shell'> {
  if (format !== 'shell') return format ?? 'table';
  throw new GlanceError('usage.option', '-f shell works with --compat openstack only', {
    hint: 'use -f value or -f json',
  });
}

/** @throws GlanceError `usage.option` for an option that belongs to another format */
export function checkFormat({ csvSafe, format }: GlobalOptions): void {
  if (csvSafe !== true || format === 'csv') return;
  throw new GlanceError('usage.option', '--csv-safe works with -f csv only', { hint: 'add -f csv, or leave it out' });
}

function parseFormat(text: string): GivenFormat {
  const found = outputFormats.find((format) => format === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`Allowed choices are ${nativeFormats.join(', ')}.`);
}
