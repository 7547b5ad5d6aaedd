// Reads a list of checksums from a file or over http. Requests to a server are anonymous: they carry no token or certificate of
// ours, and nothing that is configured for the Glance applies, such as accepting any certificate.
import { GlanceError } from '../../errors.ts';
import { readAtMost } from '../../http/body-start.ts';
import type { HttpClient } from '../../http/client.ts';
import type { TlsSettings } from '../../http/connect/dispatchers.ts';
import type { HttpRequest } from '../../http/request.ts';
import { redactUrl } from '../../http/secrets/redact.ts';
import { readUrl } from '../../http/text/url-text.ts';
import { readNamedFile, unreadable } from '../../local/named-file.ts';
import { absolutePath } from '../../local/places.ts';
import { toReadError } from '../../transfer/files/io-error.ts';
import type { Connection } from '../connection.ts';
import { authorityVariables, findVariable, readTextFile } from '../settings.ts';
import type { ChecksumList } from './find-listed.ts';
import { parseChecksums } from './parse-list.ts';

/** The longest known lists have some hundred KiB. */
const maxListBytes = 4 * 1024 * 1024;
/** Vendors redirect to a mirror, which may redirect to another. */
const maxRedirects = 4;

/**
 * Reads a list.
 * @param from an http or https URL, or the path of a file
 * @throws GlanceError `usage.argument` for a URL of another kind, or with a password in it; `metadata.invalid` if the
 * list is too large; `io.*` for a file; what requests fail with; the signal's reason
 */
export async function readChecksumList(
  connection: Connection,
  from: string,
  signal: AbortSignal,
): Promise<ChecksumList> {
  const url = parseListUrl(from);
  if (url === null) return { source: from, listed: parseChecksums(await readListFile(connection, from, signal)) };
  if (url.protocol === 'http:') {
    connection.warn(`${redactUrl(url)} comes over plain http: anybody in between can change it`);
  }
  const client = await connection.openFurther(await readTlsOf(connection, signal));
  const source = redactUrl(url);
  return { source, listed: parseChecksums(await fetchList(client, url, source, signal)) };
}

/** Null for a path. @throws GlanceError `usage.argument` */
function parseListUrl(text: string): URL | null {
  const scheme = /^([a-z][a-z0-9+.-]{1,20}):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined && text !== '') return null;
  const url = readUrl(text);
  if (url === null || (scheme !== 'http' && scheme !== 'https')) {
    throw new GlanceError('usage.argument', 'a list of checksums is an http or https URL, or the path of a file', {
      hint: scheme === 'file' ? 'give its path, without file://' : undefined,
    });
  }
  if (url.username === '' && url.password === '') return url;
  throw new GlanceError(
    'usage.argument',
    `the URL of a list of checksums must not have a user or password: ${redactUrl(url)}`,
    {
      hint: 'fetch it with another program, and give its path',
    },
  );
}

async function readListFile({ system }: Connection, path: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return (await readNamedFile(absolutePath(system.cwd, path), maxListBytes, signal)).bytes;
  } catch (error) {
    signal.throwIfAborted();
    // If the path is not a file, or the file is too large, the message is worded as for a file that a setting names.
    if (error instanceof GlanceError && error.code === 'config.invalid') throw unreadable('the list', path, error);
    throw toReadError(error, path);
  }
}

/** The authorities that all programs on this machine trust: those configured for a cloud may not vouch for anybody else. */
async function readTlsOf({ system }: Connection, signal: AbortSignal): Promise<TlsSettings> {
  const named = findVariable(system, authorityVariables);
  if (named === undefined) return { verify: true };
  const { value: path, source } = named;
  return { verify: true, ca: await readTextFile({ system, signal }, { source, path, isGiven: false }) };
}

const tlsHint = `${authorityVariables.join(' and ')} name authorities to trust here; those configured for Glance are not used`;

async function fetchList(client: HttpClient, url: URL, source: string, signal: AbortSignal): Promise<Uint8Array> {
  const request: HttpRequest = {
    method: 'GET',
    url,
    accept: 'text/plain, */*',
    token: null,
    purpose: 'metadata',
    redirectsAnywhere: maxRedirects,
    signal,
  };
  try {
    return await client.retry(request, async () => {
      const { body, headers } = await client.send(request);
      try {
        const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
        if (encoding !== 'identity') {
          throw new GlanceError('http.encoding', `it comes in ${encoding}, which was not asked for`);
        }
        const bytes = await readAtMost(body, maxListBytes + 1);
        if (bytes.length <= maxListBytes) return bytes;
        throw new GlanceError('metadata.invalid', `it is larger than ${String(maxListBytes)} bytes`);
      } finally {
        body.destroy();
      }
    });
  } catch (error) {
    signal.throwIfAborted();
    throw toListError(error, source);
  }
}

/** Drops advice about a Glance, since its configuration is not to blame. */
function toListError(error: unknown, source: string): unknown {
  if (!(error instanceof GlanceError)) return error;
  return new GlanceError(error.code, `cannot fetch the list of checksums ${source}: ${error.message}`, {
    ...error.facts,
    requestId: undefined,
    url: undefined,
    hint: error.code.startsWith('tls.')
      ? tlsHint
      : 'check its address, or fetch it with another program and give its path',
    cause: error,
  });
}
