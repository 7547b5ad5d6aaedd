// The checks of `doctor`, one after another. Each reports a finding; a failure does not keep the next one from running.
import { jsonRequest } from '../../http/request.ts';
import { GlanceError } from '../../errors.ts';
import type { HttpClient } from '../../http/client.ts';
import { redactUrl } from '../../http/secrets/redact.ts';
import type { TlsSettings } from '../../http/connect/dispatchers.ts';
import { readTlsFacts } from '../../http/connect/tls-facts.ts';
import type { LoginFacts } from '../../identity/authenticator.ts';
import { type Image, mayHaveData } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';
import { join } from '../../image/uri.ts';
import { parseVersions } from '../../image/discovery.ts';
import { shorten } from '../../text/shorten.ts';
import type { Connection } from '../connection.ts';
import { describeBare, describeSettings } from './settings.ts';
import type { Finding } from './finding.ts';
import { nextStep } from './next-step.ts';

/** A clock further off than this makes tokens and certificates look expired. */
const clockToleranceMs = 60_000;

/**
 * Checks the configuration, and the Glance that it should lead to.
 * @throws GlanceError `config.*`, `cloud.*` if the configuration cannot be read; the signal's reason
 */
export async function* examine(connection: Connection): AsyncGenerator<Finding, void, undefined> {
  const found: Finding[] = [];
  for await (const finding of examineEach(connection)) {
    if (found.some((each) => isSameTrouble(each, finding))) continue;
    found.push(finding);
    yield finding;
  }
  yield await nextStep(connection, found);
}

/** If a server cannot be reached, every check that asks it fails in the same way: that is reported once. */
function isSameTrouble({ failure, detail }: Finding, other: Finding): boolean {
  return (
    other.failure?.code.startsWith('net.') === true && failure?.code === other.failure.code && detail === other.detail
  );
}

async function* examineEach(connection: Connection): AsyncGenerator<Finding, void, undefined> {
  const cloud = await connection.cloud();
  yield* cloud === null ? describeBare(connection.configured) : describeSettings(cloud);
  let service: ImageService | null = null;
  const opened = await runCheck('connection', async () => {
    service = await connection.service();
    return { status: 'ok', detail: '' };
  });
  if (service === null) {
    yield opened;
    return;
  }
  for await (const finding of examineService(connection, service)) {
    yield { ...finding, detail: shorten(connection.secrets.hideTokens(finding.detail)) };
  }
}

async function* examineService(connection: Connection, service: ImageService): AsyncGenerator<Finding> {
  const { signal } = connection;
  const login = await connection.login();
  if (login !== null) yield describeLogin(login);
  const client = await connection.client();
  const { offered, findings } = await checkEndpoint(client, service, signal);
  yield describeEndpoint(service, offered);
  yield await checkTls(service.endpoint, await connection.tls());
  yield* findings;
  const { finding, sample } = await checkList(service, signal);
  yield finding;
  if (sample !== null) yield await checkRange(client, service, sample, await connection.credentials(), signal);
}

/** Glance's policies apply to projects: a login without one may have few rights. */
function describeLogin({ type, userName, projectId, expiresAtMs, isKept, hasBearer }: LoginFacts): Finding {
  const parts = [
    `${type}${userName === null ? '' : ` as ${userName}`}, for ${projectId === null ? 'no project' : `project ${projectId}`}`,
    ...(expiresAtMs === null ? [] : [`good until ${new Date(expiresAtMs).toISOString()}`]),
    ...(isKept ? ['cached by an earlier run'] : []),
    ...(hasBearer ? ['with an OAuth 2.0 access token'] : []),
  ];
  return { check: 'login', status: projectId === null ? 'warning' : 'ok', detail: parts.join(', ') };
}

/** Runs one check; if it throws, the error becomes its finding. */
async function runCheck(check: string, work: () => Promise<Omit<Finding, 'check'>>): Promise<Finding> {
  try {
    return { check, ...(await work()) };
  } catch (error) {
    if (!(error instanceof GlanceError)) throw error;
    return { check, status: 'failed', detail: `${error.message} [${error.code}]`, failure: error };
  }
}

/**
 * Finds out which versions the endpoint's root offers, and how far its clock is off.
 * @returns `offered` null if it lists none
 */
async function checkEndpoint(
  client: HttpClient,
  service: ImageService,
  signal: AbortSignal,
): Promise<{ offered: readonly string[] | null; findings: readonly Finding[] }> {
  const root = new URL(service.endpoint);
  root.pathname = root.pathname.replace(/\/v[12](?:\.\d+)?\/*$/, '') || '/';
  const request = jsonRequest('GET', join(root, ''), signal);
  let offered: readonly string[] | null = null;
  const versions = await runCheck('versions', async () => {
    try {
      const { value } = await client.json({ ...request, alsoAccept: [300, 401, 404] }, 1024 * 1024);
      offered = parseVersions(value);
    } catch (error) {
      if (!(error instanceof GlanceError) || !isAnswer(error)) throw error;
      return { status: 'warning', detail: `no list of versions: ${error.message}` };
    }
    return offered === null
      ? { status: 'warning', detail: 'the answer is not a list of versions' }
      : { status: 'ok', detail: offered.join(' ') };
  });
  const clock = await runCheck('clock', async () => {
    // Any response tells the time.
    const { headers } = await client.head({ ...request, alsoAccept: errorStatuses });
    return describeClock(headers.get('date'), client.clock.wallTime());
  });
  return { offered, findings: [versions, clock] };
}

/** 300 and all error statuses. */
const errorStatuses: readonly number[] = [300, ...Array.from({ length: 200 }, (_, index) => 400 + index)];

/** Whether something answered that is not Glance, or a Glance whose root is closed. */
function isAnswer({ code }: GlanceError): boolean {
  return /^(?:json\.|auth\.|http\.(?!redirect|truncated))/.test(code);
}

function describeClock(date: string | null, now: number): Omit<Finding, 'check'> {
  const serverTime = Date.parse(date ?? '');
  if (Number.isNaN(serverTime)) return { status: 'ok', detail: 'the server does not send its time' };
  const offMs = Math.abs(serverTime - now);
  const detail = `${String(Math.round(offMs / 1000))} s between this machine and the server`;
  return { status: offMs > clockToleranceMs ? 'warning' : 'ok', detail };
}

async function checkTls(endpoint: URL, tls: TlsSettings): Promise<Finding> {
  if (endpoint.protocol === 'http:') {
    return { check: 'tls', status: 'warning', detail: 'none: tokens and images can be read and changed in transit' };
  }
  try {
    const { protocol, trusted, validUntil, issuer } = await readTlsFacts(endpoint, tls);
    const doubt = tls.verify
      ? trusted
        ? ''
        : ', which is not trusted'
      : `, NOT CHECKED (${tls.unverifiedBy ?? 'insecure'})`;
    const detail = `${protocol}, certificate by ${issuer}, valid until ${validUntil}${doubt}`;
    return { check: 'tls', status: trusted && tls.verify ? 'ok' : 'warning', detail };
  } catch (error) {
    return { check: 'tls', status: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether images can be listed; also returns one with data for the next check. */
async function checkList(
  service: ImageService,
  signal: AbortSignal,
): Promise<{ finding: Finding; sample: Image | null }> {
  let sample: Image | null = null;
  const finding = await runCheck('list', async () => {
    let count = 0;
    for await (const page of service.list({ limit: 25 }, signal, () => count++)) {
      count += page.length;
      sample ??= page.find(({ status, size }) => status === 'active' && mayHaveData(status) && (size ?? 0) > 1) ?? null;
    }
    return count === 0
      ? { status: 'warning', detail: 'no images are visible' }
      : { status: 'ok', detail: 'images are visible' };
  });
  return { finding, sample };
}

/** Whether the store answers a request for two bytes with these two bytes. */
async function checkRange(
  client: HttpClient,
  service: ImageService,
  sample: Image,
  credentials: { readonly token: string | null; readonly headers: readonly (readonly [string, string])[] },
  signal: AbortSignal,
): Promise<Finding> {
  // A range may be refused in any way, except for a token that has to be renewed.
  const refusals = Array.from({ length: 200 }, (_, index) => 400 + index).filter((status) => status !== 401);
  const parts = service.apiVersion === 2 ? ['images', sample.id, 'file'] : ['images', sample.id];
  return await runCheck('range', async () => {
    const answer = await client.send({
      method: 'GET',
      url: join(service.endpoint, ...parts),
      accept: 'application/json',
      token: credentials.token,
      extraHeaders: [...credentials.headers, ['range', 'bytes=0-1']],
      purpose: 'data',
      signal,
      alsoAccept: refusals,
    });
    answer.body.destroy();
    const range = answer.headers.get('content-range') ?? '';
    if (answer.status === 206 && range === `bytes 0-1/${String(sample.size)}`) {
      return { status: 'ok', detail: 'the store supports range requests' };
    }
    const what = `the answer to a range is ${String(answer.status)}${range === '' ? '' : ` with ${range}`}`;
    return { status: 'warning', detail: `${what}: this store sends images whole or not at all` };
  });
}

/**
 * The endpoint that requests go to, without anything that could be a credential.
 * @param offered versions that the server lists, null if it lists none
 */
function describeEndpoint({ endpoint, apiVersion }: ImageService, offered: readonly string[] | null): Finding {
  const name = `Images API v${String(apiVersion)}`;
  const isKnown = offered !== null || /\/v[12](?:\.\d+)?\/*$/.test(endpoint.pathname);
  return {
    check: 'endpoint',
    status: 'ok',
    detail: `${redactUrl(endpoint)} (${isKnown ? name : `taken for ${name}`})`,
  };
}
