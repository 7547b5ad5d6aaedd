// Reads the certificates and keys that settings name, as far as possible: problems with a file matter only once TLS is
// used, and a leftover variable is no reason to refuse a connection without TLS.
import { GlanceError } from '../../errors.ts';
import type { TlsSettings } from '../../http/connect/dispatchers.ts';
import type { Cloud } from './cloud.ts';

/** A file that a setting names. */
export interface TlsFile {
  readonly path: string;
  /** `--os-cacert`, `OS_CACERT`, the path of a clouds.yaml … */
  readonly source: string;
  /** Whether it was given for this very call, so that it cannot be a leftover. */
  readonly isGiven?: boolean;
}

/** The files and switches for TLS; null means unset. */
interface TlsChoice {
  readonly ca: TlsFile | null;
  readonly cert: TlsFile | null;
  readonly key: TlsFile | null;
  /** What disabled the verification of certificates; null if they are verified. */
  readonly unverifiedBy: string | null;
}

/**
 * The TLS settings of a cloud.
 * @param given sources of the settings given for this very call
 */
export function tlsChoiceOf(cloud: Cloud, given: ReadonlySet<string>): TlsChoice {
  const { sources, name, unverifiedBy } = cloud;
  const file = (key: 'cacert' | 'cert' | 'key'): TlsFile | null => {
    const path = cloud[key];
    const source = sources.get(key) ?? `cloud ${name}`;
    return path === null ? null : { path, source, isGiven: given.has(source) };
  };
  return { ca: file('cacert'), cert: file('cert'), key: file('key'), unverifiedBy };
}

type Kind = 'ca' | 'cert' | 'key';

/**
 * Reads the files. If a variable or a file names an unusable one, `problem` says so once it is needed.
 * @param read returns a file's text
 * @throws GlanceError `config.invalid` for an unusable file that an option names; the signal's reason
 */
export async function readTlsFiles(choice: TlsChoice, read: (file: TlsFile) => Promise<string>): Promise<TlsSettings> {
  const { unverifiedBy } = choice;
  const found: Partial<Record<Kind, string>> = {};
  let problem: GlanceError | null = null;
  for (const kind of ['ca', 'cert', 'key'] as const) {
    const file = choice[kind];
    // If any certificate is accepted, no authority is needed.
    if (file === null || (kind === 'ca' && unverifiedBy !== null)) continue;
    try {
      const text = await read(file);
      await checkPem(kind, text, file);
      found[kind] = text;
    } catch (error) {
      if (!(error instanceof GlanceError) || file.isGiven === true) throw withAdvice(error);
      problem ??= withAdvice(error) as GlanceError;
    }
  }
  return { ...found, verify: unverifiedBy === null, unverifiedBy, problem };
}

/** @throws GlanceError `config.invalid` for a file that does not contain what it should, or is truncated */
async function checkPem(kind: Kind, text: string, { source, path }: TlsFile): Promise<void> {
  const [what, isThere] =
    kind === 'key' ? ['private key', text.includes('PRIVATE KEY-----')] : ['certificate', await isCertificate(text)];
  if (isThere) return;
  throw new GlanceError('config.invalid', `${source}: ${path} holds no ${what} that can be read`, {
    hint: 'it has to be PEM, text with "-----BEGIN" in it; openssl x509 -inform der -in FILE -out FILE.pem converts DER',
  });
}

/** Looks only at the first certificate. */
async function isCertificate(text: string): Promise<boolean> {
  const { X509Certificate } = await import('node:crypto');
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

function withAdvice(error: unknown): unknown {
  if (!(error instanceof GlanceError) || !error.message.endsWith('it is a directory, not a file')) return error;
  return new GlanceError(error.code, error.message, {
    ...error.facts,
    hint: 'name a file with all certificates in one, such as ca-certificates.crt or cert.pem',
    cause: error,
  });
}
