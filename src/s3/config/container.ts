// Keys of a container: an agent beside it provides them, as on ECS and EKS.
// See https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
import { isIP } from 'node:net';
import { GlanceError } from '../../errors.ts';
import type { TlsSettings } from '../../http/connect/dispatchers.ts';
import { readUrl } from '../../http/text/url-text.ts';
import { askService, fieldsOfJson, type KeyWire } from './key-service.ts';
import { type AwsPlace, isHeaderText, readTokenFile, variable } from './place.ts';
import { type FetchKeys, readTemporaryKeys } from './temporary-keys.ts';

const relativeVariable = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';
const fullVariable = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
const tokenVariable = 'AWS_CONTAINER_AUTHORIZATION_TOKEN';

/** The address of the agent on ECS. */
const ecsHost = '169.254.170.2';
/** Hosts, other than this machine, that may be asked over plain http: those of ECS and EKS. */
const knownHosts: ReadonlySet<string> = new Set([ecsHost, '169.254.170.23', '[fd00:ec2::23]']);

/** As in botocore's ContainerMetadataFetcher. */
const timeoutMs = 2000;
const retries = 2;

/**
 * How to get keys from the agent; null if no variable names one.
 * @throws GlanceError `config.invalid` for an address that must not be asked
 */
export function findContainerKeys(place: AwsPlace, wire: KeyWire, tls: TlsSettings): FetchKeys | null {
  const url = findUrl(place);
  if (url === null) return null;
  const name = "the container's credentials service";
  const hint = `is ${variable(place, relativeVariable) === null ? fullVariable : relativeVariable} right, and does the container have a role?`;
  // Knowing the address may be enough to get the keys.
  if (url.pathname.length > 1) wire.secrets.add(url.pathname);
  return async (signal) => {
    const token = await findToken(place, signal);
    const service = { name, hint, tls, env: {}, timeoutMs, retries };
    return await askService(wire, service, signal, async (ask) =>
      ask(
        {
          method: 'GET',
          url,
          accept: 'application/json',
          extraHeaders: token === null ? [] : [['authorization', token]],
        },
        ({ text }) => readTemporaryKeys(fieldsOfJson(text), 'Token'),
      ),
    );
  };
}

function findUrl(place: AwsPlace): URL | null {
  const relative = variable(place, relativeVariable);
  if (relative !== null) {
    const url = readUrl(`http://${ecsHost}${relative}`);
    if (relative.startsWith('/') && url !== null) return url;
    throw new GlanceError('config.invalid', `${relativeVariable} is not a path that begins with a slash`);
  }
  const full = variable(place, fullVariable);
  if (full === null) return null;
  const url = readUrl(full);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new GlanceError('config.invalid', `${fullVariable} is not an http or https URL`);
  }
  if (url.protocol === 'https:' || isOnThisMachine(url.hostname) || knownHosts.has(url.hostname)) return url;
  throw new GlanceError(
    'config.invalid',
    `${fullVariable} names ${url.host}, which is not asked for keys over plain http`,
    {
      hint: 'it has to be https, an address of this machine, or that of ECS or EKS',
    },
  );
}

/** Judges only by how the host is written, since a name could resolve to anything. */
function isOnThisMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Reads the file each time, since the token expires. @throws GlanceError `config.invalid` */
async function findToken(place: AwsPlace, signal: AbortSignal): Promise<string | null> {
  const file = variable(place, `${tokenVariable}_FILE`);
  if (file !== null) return await readTokenFile(place, `${tokenVariable}_FILE`, file, signal);
  const token = variable(place, tokenVariable);
  if (token === null || isHeaderText(token)) return token;
  throw new GlanceError('config.invalid', `${tokenVariable} holds characters that no header can carry`);
}
