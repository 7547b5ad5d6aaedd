// The layer below a cloud: what its vendor publishes, in clouds-public.yaml, in our own list, or at a URL.
import { GlanceError } from '../../errors.ts';
import { type ConfigMap, type ConfigNode, mapAt } from './node.ts';
import type { ConfigFile } from './files.ts';
import { type Layer, layerOf, toLayer } from './layer.ts';
import { findVendor } from './vendors.ts';

/** Where profiles come from. */
interface ProfileSources {
  readonly vendors: ConfigFile | null;
  readonly fetchJson: (url: URL) => Promise<unknown>;
  readonly warn: (message: string) => void;
}

/** What a vendor's server must not decide: whom to trust, which of our files to read, and who we are. */
const ours =
  /^(?:verify|insecure|cacert|cert|key|profile|auth\.(?:username|user_id|password|passcode|token|access_token|.*secret|client_id))$/;
const maxDepth = 10;

/**
 * The layer of a profile. An unknown one gives a warning and an empty layer.
 * @throws GlanceError what `fetchJson` throws; `config.invalid` for an answer that is not a profile
 */
export async function loadProfile(name: string | null, sources: ProfileSources): Promise<Layer> {
  if (name === null) return layerOf(new Map());
  const vendors = mapAt(sources.vendors?.root, 'public-clouds');
  if (vendors.has(name)) return toLayer(mapAt(vendors, name), sources.vendors?.path ?? '');
  const vendor = findVendor(name);
  if (vendor?.url === undefined && vendor !== undefined) return toLayer(vendor.config, `profile ${name}`);
  const url = toUrl(vendor?.url ?? name);
  if (url !== null) return await fetchProfile(url, sources);
  sources.warn(`the profile "${name}" is unknown: it is not in clouds-public.yaml, and is not a URL`);
  return layerOf(new Map());
}

function toUrl(name: string): URL | null {
  return /^https?:\/\//i.test(name) && URL.canParse(name) ? new URL(name) : null;
}

/** @see https://docs.openstack.org/openstacksdk/latest/user/config/vendor-support.html */
async function fetchProfile(place: URL, { fetchJson }: ProfileSources): Promise<Layer> {
  const url = new URL('/.well-known/openstack/api', place.origin);
  const root = toNode(await fetchJson(url), url, 0);
  const profile = root instanceof Map ? (root as ConfigMap).get('profile') : undefined;
  if (!(profile instanceof Map)) throw noProfile(url);
  return withoutOurs(toLayer(profile as ConfigMap, url.href));
}

function withoutOurs(layer: Layer): Layer {
  return {
    ...layer,
    settings: new Map([...layer.settings].filter(([name]) => !ours.test(name))),
    regions: layer.regions?.map(({ name, values }) => ({ name, values: withoutOurs(values) })) ?? null,
  };
}

function toNode(value: unknown, url: URL, depth: number): ConfigNode {
  if (depth > maxDepth) throw noProfile(url);
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => toNode(item, url, depth + 1));
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  return new Map(Object.entries(value).map(([name, item]) => [name, toNode(item, url, depth + 1)]));
}

function noProfile(url: URL): GlanceError {
  return new GlanceError('config.invalid', `the answer of ${url.href} is not a profile of a cloud`, {
    hint: "check the cloud's profile in clouds.yaml",
    url: url.href,
  });
}
