// Public clouds that openstacksdk knows by name, except those that only supported Identity v2.
// See https://docs.openstack.org/openstacksdk/latest/user/config/vendor-support.html
import type { ConfigMap, ConfigNode } from './node.ts';

/** A vendor: its settings, or where it serves them. */
interface Vendor {
  readonly config: ConfigMap;
  readonly url?: string;
}

interface Facts {
  readonly authUrl: string;
  readonly regions: readonly string[];
  /** The domain of users and projects, if the vendor has only one. */
  readonly domain?: string;
}

const facts: ReadonlyMap<string, Facts> = new Map([
  ['auro', { authUrl: 'https://api.van2.auro.io:5000/v3', regions: ['RegionOne'], domain: 'Default' }],
  ['betacloud', { authUrl: 'https://api-1.betacloud.de:5000', regions: ['betacloud-1'] }],
  [
    'citycloud',
    {
      authUrl: 'https://{region_name}.citycloud.com:5000/v3/',
      regions: ['Buf1', 'Fra1', 'Lon1', 'Sto2', 'Kna1', 'dx1', 'tky1'],
    },
  ],
  ['elastx', { authUrl: 'https://ops.elastx.cloud:5000/v3', regions: ['se-sto'] }],
  ['entercloudsuite', { authUrl: 'https://api.entercloudsuite.com/', regions: ['it-mil1', 'nl-ams1', 'de-fra1'] }],
  ['fuga', { authUrl: 'https://identity.api.fuga.io:5000', regions: ['cystack'], domain: 'Default' }],
  ['limestonenetworks', { authUrl: 'https://auth.cloud.lstn.net:5000/v3', regions: ['us-dfw-1', 'us-slc'] }],
  ['otc', { authUrl: 'https://iam.{region_name}.otc.t-systems.com/v3', regions: ['eu-de', 'eu-nl'] }],
  [
    'ovh',
    {
      authUrl: 'https://auth.cloud.ovh.net/',
      regions: 'BHS BHS1 BHS3 BHS5 DE DE1 GRA GRA1 GRA5 GRA7 SBG SBG1 SBG5 UK UK1 WAW WAW1 SYD1 SGP1'.split(' '),
      domain: 'Default',
    },
  ],
  ['ovh-us', { authUrl: 'https://auth.cloud.ovh.us/', regions: ['US-EAST-VA-1'], domain: 'Default' }],
  ['switchengines', { authUrl: 'https://keystone.cloud.switch.ch:5000/v3', regions: ['LS', 'ZH'] }],
]);

/** Vendors that serve their own settings. */
const served: ReadonlyMap<string, string> = new Map([['vexxhost', 'https://vexxhost.com']]);

/** The vendor of that name, or undefined. */
export function findVendor(name: string): Vendor | undefined {
  const url = served.get(name);
  if (url !== undefined) return { config: new Map(), url };
  const known = facts.get(name);
  if (known === undefined) return undefined;
  const { authUrl, regions, domain } = known;
  const auth = new Map<string, ConfigNode>([['auth_url', authUrl]]);
  if (domain !== undefined) {
    auth.set('user_domain_name', domain);
    auth.set('project_domain_name', domain);
  }
  return {
    config: new Map<string, ConfigNode>([
      ['auth', auth],
      ['regions', regions],
    ]),
  };
}
