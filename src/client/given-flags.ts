// The flags with which a command that is offered finds the same Glance.
import { mayHoldLogin } from '../http/secrets/redact.ts';
import { quoteForShell } from '../text/quote-shell.ts';
import type { Connection } from './connection.ts';
import { findEndpoint } from './settings.ts';

/**
 * The cloud or the endpoint that was given as a flag, quoted for a shell, each followed by a space. Empty if variables or files
 * say it, which the next command finds as well. An endpoint that may hold a secret is not repeated.
 */
export function givenFlags({ configured }: Pick<Connection, 'configured'>): string {
  const { cloud = '', settingName } = configured.options;
  const endpoint = findEndpoint(configured);
  const flag = (name: string, value: string): string =>
    name.startsWith('-') ? `${name} ${mayHoldSecret(value) ? 'URL' : quoteForShell(value)} ` : '';
  return cloud === '' ? flag(endpoint?.source ?? '', endpoint?.value ?? '') : flag(settingName?.('cloud') ?? '', cloud);
}

/** A query may hold a key. The value may not have been checked yet: `verify` needs no server for a file with its record. */
function mayHoldSecret(value: string): boolean {
  return mayHoldLogin(value) || value.includes('?') || value.includes('#');
}
