// Keys of a role, in exchange for a token from elsewhere, as pods on EKS and CI jobs have one:
// AssumeRoleWithWebIdentity.
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
import { GlanceError } from '../../errors.ts';
import type { TlsSettings } from '../../http/connect/dispatchers.ts';
import { plainSentence } from '../../http/text/error-body.ts';
import { amazonDomain } from '../url.ts';
import { parseXml, type XmlElement } from '../xml.ts';
import { askService, type KeyAnswer, type KeyWire } from './key-service.ts';
import { type AwsPlace, readTokenFile } from './place.ts';
import { findAwsSetting, type Profile } from './profile.ts';
import { readEndpoint } from './settings.ts';
import { type FetchKeys, readTemporaryKeys, type TemporaryKeys } from './temporary-keys.ts';

const timeoutMs = 15_000;

/**
 * How to get keys from STS; null if no token file is named.
 * @param region whose STS to ask
 * @throws GlanceError `config.invalid` for a token without a role
 */
export function findWebIdentityKeys(
  place: AwsPlace,
  profile: Profile,
  wire: KeyWire,
  { region, tls }: { readonly region: string; readonly tls: TlsSettings },
): FetchKeys | null {
  const file = findAwsSetting(place, profile, ['AWS_WEB_IDENTITY_TOKEN_FILE'], 'web_identity_token_file');
  if (file === null) return null;
  const role = findAwsSetting(place, profile, ['AWS_ROLE_ARN'], 'role_arn');
  if (role === null) {
    const what = `${file.source} names a token, but no role to use it for is given`;
    throw new GlanceError('config.invalid', what, { hint: 'set AWS_ROLE_ARN, or role_arn in the profile' });
  }
  const session = findAwsSetting(place, profile, ['AWS_ROLE_SESSION_NAME'], 'role_session_name');
  const url = readEndpoint(place, profile, 'sts', null) ?? stsUrl(region);
  const service = {
    name: 'STS',
    hint: `is the token from ${file.source} meant for the role from ${role.source}, and has it not expired?`,
    tls,
    env: place.env,
    timeoutMs,
    retries: null,
  };
  return async (signal) => {
    // Read each time, since it expires and is rewritten.
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

/** The STS of the region: when a single region fails, the global one may be unreachable. */
function stsUrl(region: string): URL {
  return new URL(`https://sts.${region}.${amazonDomain(region)}/`);
}

function readAnswer({ status, text }: KeyAnswer, host: string, { secrets }: KeyWire): TemporaryKeys {
  const root = parseXml(text);
  const find = (field: string): string | null => (root === null ? null : textWithin(root, field));
  if (status === 200) return readTemporaryKeys(find, 'SessionToken');
  const code = find('Code') ?? '';
  const said = [code, find('Message') ?? ''].filter((part) => part !== '').join(': ');
  const sentence = plainSentence(null, said, '', (shown) => secrets.hide(shown));
  // STS could not reach the token's provider, which is temporary.
  const kind = code === 'IDPCommunicationError' ? 'place.unavailable' : 'place.denied';
  throw new GlanceError(kind, `${host} answered ${String(status)}${sentence === null ? '' : `, ${sentence}`}`, {
    httpStatus: status,
  });
}

/** The text of the first element with a name, however deep; null if there is none. */
function textWithin(element: XmlElement, name: string): string | null {
  for (const child of element.children) {
    const text = child.name === name ? child.text : textWithin(child, name);
    if (text !== null) return text;
  }
  return null;
}
