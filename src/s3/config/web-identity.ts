// Keys of a role for a token that somebody else vouches for, as pods on EKS and jobs of CI have one: AssumeRoleWithWebIdentity.
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
import { GlanceError } from '../../errors.ts';
import type { TlsSettings } from '../../http/connect/dispatchers.ts';
import { askService, type KeyAnswer, type KeyWire } from './key-service.ts';
import { type AwsPlace, readTokenFile } from './place.ts';
import { findSetting, type Profile } from './profile.ts';
import { readEndpoint } from './settings.ts';
import { type FetchKeys, readTemporaryKeys, type TemporaryKeys } from './temporary-keys.ts';

const timeoutMs = 15_000;

/**
 * How keys are got from STS; null where no token file is named.
 * @param region whose STS is asked
 * @throws GlanceError `config.invalid` for a token without a role
 */
export function findWebIdentityKeys(
  place: AwsPlace,
  profile: Profile,
  wire: KeyWire,
  { region, tls }: { readonly region: string; readonly tls: TlsSettings },
): FetchKeys | null {
  const file = findSetting(place, profile, ['AWS_WEB_IDENTITY_TOKEN_FILE'], 'web_identity_token_file');
  if (file === null) return null;
  const role = findSetting(place, profile, ['AWS_ROLE_ARN'], 'role_arn');
  if (role === null) {
    const what = `${file.source} names a token, and no role is named that it is for`;
    throw new GlanceError('config.invalid', what, { hint: 'set AWS_ROLE_ARN, or role_arn in the profile' });
  }
  const session = findSetting(place, profile, ['AWS_ROLE_SESSION_NAME'], 'role_session_name');
  const url = readEndpoint(place, profile, 'sts', null) ?? stsUrl(region);
  const service = {
    name: 'STS',
    hint: `is the token of ${file.source} meant for the role of ${role.source}, and has it not expired?`,
    tls,
    env: place.env,
    timeoutMs,
    retries: null,
  };
  return async (signal) => {
    // Read each time: it expires and is written anew.
    const token = await readTokenFile(place, file.source, file.value, signal);
    wire.secrets.add(token);
    const form = new URLSearchParams([
      ['Action', 'AssumeRoleWithWebIdentity'],
      ['Version', '2011-06-15'],
      ['RoleArn', role.value],
      ['RoleSessionName', session?.value ?? `glance-cli-${String(wire.clock.wallTime())}`],
      ['WebIdentityToken', token],
    ]);
    const body = { type: 'application/x-www-form-urlencoded', content: form.toString() };
    const request = { method: 'POST', url, accept: 'text/xml', body, alsoAccept: [400, 401, 403] } as const;
    return await askService(wire, service, signal, (ask) =>
      ask(request, (answer) => readAnswer(answer, url.host, wire)),
    );
  };
}

/** Domains by how a region begins; every other is of the first. Of botocore's partitions.json. */
const domains: readonly (readonly [region: string, domain: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
];

/** The region's own: the global one may be out of reach when a single region fails. */
function stsUrl(region: string): URL {
  const [, domain] = domains.find(([start]) => region.startsWith(start)) ?? ['', 'amazonaws.com'];
  return new URL(`https://sts.${region}.${domain}/`);
}

function readAnswer({ status, text }: KeyAnswer, host: string, { secrets }: KeyWire): TemporaryKeys {
  const find = (field: string): string | null => textOf(text, field);
  if (status === 200) return readTemporaryKeys(find, 'SessionToken');
  const [code, message] = [find('Code'), find('Message')].map((said) => secrets.hide(said ?? '').slice(0, maxSaid));
  const said = [code, message].filter((part) => part !== undefined && part !== '').join(': ');
  // Its own provider could not be reached, which may pass.
  const kind = code === 'IDPCommunicationError' ? 'place.unavailable' : 'place.denied';
  throw new GlanceError(kind, `${host} answered ${String(status)}${said === '' ? '' : `, ${said}`}`, {
    httpStatus: status,
  });
}

/** UTF-16 code units of what a server says. */
const maxSaid = 300;

/** The text of the first element of a name that has no attributes, as STS writes its own; null without. */
function textOf(xml: string, name: string): string | null {
  const start = xml.indexOf(`<${name}>`);
  const from = start + name.length + 2;
  const end = start < 0 ? -1 : xml.indexOf('</', from);
  return end < 0 ? null : xml.slice(from, end).trim();
}
