// The flags that make a suggested command find the same Glance.
import type { Connection } from '../../client/connection.ts';
import type { ConnectOptions, NamedOption } from '../../client/connect-options.ts';
import { isSecretSetting, mayHoldLogin } from '../../client/secrets.ts';
import { findEndpoint } from '../../client/settings.ts';
import { GlanceError, replaceFacts } from '../../errors.ts';
import { quoteForShell } from '../../text/quote-shell.ts';

/**
 * The flags that were given to say which Glance is meant, and as whom, quoted for a shell, each followed by a space. Settings
 * from variables or files apply to the next command in any case. A secret is not repeated, nor is an endpoint that may hold
 * one.
 */
function givenFlags({ configured }: Pick<Connection, 'configured'>): string {
  const { options } = configured;
  const { cloud = '', settings = [], settingName = (name) => name } = options;
  const endpoint = findEndpoint(configured);
  const flags = [
    flag(settingName('cloud'), cloud),
    flag(endpoint?.source ?? '', endpoint?.value ?? ''),
    ...[...settings].map(([name, value]) => (isSecretSetting(name) ? '' : flag(settingName(name), value))),
    ...connectionFlags(options),
  ];
  return flags.join('');
}

/** Commands about a Glance, as hints name them. */
const offered = /\bglance-cli (?=(?:doctor|download|files|inspect|list|show|stores)\b)/g;

/** The text with {@link givenFlags} inserted into the commands that it suggests, so that they can be pasted. */
export function completeCommands(text: string, connection: Pick<Connection, 'configured'>): string {
  return text.replace(offered, (program) => program + givenFlags(connection));
}

/** The error with {@link completeCommands} applied to its hint. */
export function withGivenFlags(error: unknown, connection: Pick<Connection, 'configured'>): unknown {
  if (!(error instanceof GlanceError) || error.facts.hint === undefined) return error;
  const { hint, steps } = error.facts;
  const complete = (text: string): string => completeCommands(text, connection);
  return replaceFacts(error, { hint: complete(hint), steps: steps?.map(complete) });
}

function connectionFlags(options: ConnectOptions): readonly string[] {
  const { apiVersion, insecure, names = {} } = options;
  const named = (name: NamedOption, value: string | undefined): string => flag(names[name] ?? '', value ?? '');
  return [
    named('apiVersion', apiVersion?.toString()),
    named('caFile', options.caFile),
    named('certFile', options.certFile),
    named('keyFile', options.keyFile),
    named('tokenFile', options.tokenFile),
    insecure === true && names.insecure !== undefined ? `${names.insecure} ` : '',
  ];
}

/** Empty without a value, and for a name that is not a flag but a variable, or an option of the library. */
function flag(name: string, value: string): string {
  if (value === '' || !name.startsWith('-')) return '';
  return `${name} ${mayHoldSecret(value) ? 'URL' : quoteForShell(value)} `;
}

/** A query may hold a key. The value may not have been checked yet: `verify` needs no server for a file with its record. */
function mayHoldSecret(value: string): boolean {
  return mayHoldLogin(value) || (value.includes('://') && /[?#]/.test(value));
}
