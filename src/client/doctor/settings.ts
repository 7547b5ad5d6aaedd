// The configuration as `doctor` shows it: each setting and its origin.
import { mayHoldLogin, redactUrl } from '../../http/secrets/redact.ts';
import type { Cloud } from '../../identity/config/cloud.ts';
import { type Configured, findEndpoint, findTokenSource } from '../settings.ts';
import type { Finding } from './finding.ts';

const secretNames = /password|passcode|secret|token(?!_endpoint|_type)/;

/** Every setting of a cloud with its origin, secrets masked. */
export function describeSettings(cloud: Cloud): readonly Finding[] {
  return [...cloud.sources].map(([name, source]) => ({
    check: `setting ${name}`,
    status: 'ok',
    detail: `${secretNames.test(name) ? '***' : shownValue(valueOf(cloud, name))} (${source})`,
  }));
}

function shownValue(text: string): string {
  return mayHoldLogin(text) ? redactUrl(text) : text;
}

function valueOf(cloud: Cloud, name: string): string {
  if (name.startsWith('auth.')) return cloud.auth.get(name.slice('auth.'.length)) ?? '';
  const values: Readonly<Record<string, string | number | boolean | null>> = {
    cloud: cloud.name,
    auth_type: cloud.authType,
    region_name: cloud.regionName,
    interface: cloud.interfaces.join(', '),
    image_endpoint_override: cloud.imageEndpointOverride,
    image_api_version: cloud.imageApiVersion,
    force_ipv4: cloud.forceIpv4,
    status_code_retries: cloud.statusRetries,
    verify: cloud.verify,
    cacert: cloud.cacert,
    cert: cloud.cert,
    key: cloud.key,
  };
  return String((Object.hasOwn(values, name) ? values[name] : undefined) ?? 'set');
}

/** An endpoint without a cloud, and whether there is a token for it. Empty if nothing is configured. */
export function describeBare(configured: Configured): readonly Finding[] {
  const endpoint = findEndpoint(configured);
  const token = findTokenSource(configured);
  const shown = endpoint === undefined || !URL.canParse(endpoint.value) ? '' : redactUrl(new URL(endpoint.value));
  return [
    ...(endpoint === undefined ? [] : [settingOf('endpoint', `${shown} (${endpoint.source})`)]),
    ...(token === null ? [] : [settingOf('token', `*** (${token})`)]),
  ];
}

function settingOf(name: string, detail: string): Finding {
  return { check: `setting ${name}`, status: 'ok', detail };
}
