// An invented cloud for tests.
import type { Cloud } from '../../src/identity/config/cloud.ts';

/** A cloud that logs in by password; everything can be overridden. */
export function makeCloud(auth: Readonly<Record<string, string>>, overrides: Partial<Cloud> = {}): Cloud {
  return {
    name: 'demo',
    authType: 'password',
    authMethods: [],
    auth: new Map(Object.entries(auth)),
    regionName: null,
    interfaces: ['public'],
    imageEndpointOverride: null,
    imageApiVersion: null,
    imageServiceType: 'image',
    imageServiceName: null,
    verify: true,
    unverifiedBy: null,
    cacert: null,
    cert: null,
    key: null,
    apiTimeoutMs: null,
    forceIpv4: false,
    statusRetries: null,
    cacheAuth: true,
    sources: new Map(),
    warnings: [],
    ...overrides,
  };
}
