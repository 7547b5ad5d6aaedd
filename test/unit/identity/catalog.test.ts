import { describe, expect, it } from 'vitest';
import { type EndpointQuery, findEndpoint, parseCatalog } from '../../../src/identity/service-catalog.ts';

const catalog = parseCatalog([
  { type: 'identity', endpoints: [{ interface: 'public', region_id: 'One', url: 'http://k/v3' }] },
  {
    type: 'image',
    name: 'glance',
    endpoints: [
      { interface: 'admin', region_id: 'One', url: 'http://one/admin' },
      { interface: 'publicURL', region: 'One', url: 'http://one' },
      { interface: 'internal', region_id: 'One', url: 'http://one/internal' },
      { interface: 'public', region_id: 'Two', region: 'ignored', url: 'http://two' },
      { interface: 'public', region_id: 'Three', url: '' },
    ],
  },
  { endpoints: 7 },
  null,
]);
const find = (overrides: Partial<EndpointQuery>): string =>
  findEndpoint(catalog, {
    serviceType: 'image',
    serviceName: null,
    interfaces: ['public'],
    region: 'One',
    ...overrides,
  }).url;

describe('findEndpoint', () => {
  it('goes by region and interface, in order of preference', () => {
    expect(find({})).toBe('http://one');
    expect(find({ region: 'Two' })).toBe('http://two');
    expect(find({ interfaces: ['internal', 'public'] })).toBe('http://one/internal');
    expect(find({ interfaces: ['internal', 'public'], region: 'Two' })).toBe('http://two');
    expect(find({ region: null, interfaces: ['internal'] })).toBe('http://one/internal');
  });

  it('needs a region if several have the service, and lists them', () => {
    expect(() => find({ region: null })).toThrow(
      expect.objectContaining({ code: 'cloud.region', message: expect.stringMatching(/One, Two$/) }),
    );
  });

  it.each([
    [{ serviceType: 'volume' }, 'it has identity, image'],
    [{ region: 'Three' }, 'it has admin in One, public in One'],
    [{ serviceName: 'other' }, 'no image service'],
    [{ interfaces: ['admin'], region: 'Two' }, 'no admin endpoint in region Two'],
  ])('reports what exists for %j', (query, text) => {
    expect(() => find(query)).toThrow(
      expect.objectContaining({ code: 'cloud.no_service', message: expect.stringContaining(text) }),
    );
  });
});

it('parseCatalog accepts anything', () => {
  expect([undefined, null, {}, [1], [{ type: 'image' }]].flatMap(parseCatalog)).toEqual([]);
});
