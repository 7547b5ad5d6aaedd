// Finds a service in Keystone's catalog. Pure.
// See https://docs.openstack.org/keystone/latest/contributor/service-catalog.html
import { GlanceError } from '../errors.ts';
import { listAt, textAt } from './answer-fields.ts';

export interface CatalogEndpoint {
  readonly serviceType: string;
  readonly serviceName: string | null;
  /** `public internal admin`. */
  readonly interface: string;
  /** Region id, or the region's name if Keystone sends no id; null if neither. */
  readonly region: string | null;
  readonly url: string;
}

export interface EndpointQuery {
  readonly serviceType: string;
  readonly serviceName: string | null;
  /** The first one that exists is used. */
  readonly interfaces: readonly string[];
  readonly region: string | null;
}

/** Parses `token.catalog`. Endpoints without a URL are left out. */
export function parseCatalog(catalog: unknown): readonly CatalogEndpoint[] {
  return listAt({ catalog }, 'catalog').flatMap((service) => {
    const serviceType = textAt(service, 'type');
    if (serviceType === undefined) return [];
    return listAt(service, 'endpoints').flatMap((endpoint): CatalogEndpoint[] => {
      const url = textAt(endpoint, 'url');
      if (url === undefined || url === '') return [];
      return [
        {
          serviceType,
          serviceName: textAt(service, 'name') ?? null,
          interface: plainInterface(textAt(endpoint, 'interface') ?? 'public'),
          region: textAt(endpoint, 'region_id') ?? textAt(endpoint, 'region') ?? null,
          url,
        },
      ];
    });
  });
}

/** The name of an interface today: `publicURL` is the old form of `public`. */
function plainInterface(name: string): string {
  return name.replace(/URL$/i, '').toLowerCase();
}

/**
 * Finds the endpoint of a service.
 * @throws GlanceError `cloud.no_service`, which lists what there is; `cloud.region` if several regions have the service and
 * none is chosen
 */
export function findEndpoint(catalog: readonly CatalogEndpoint[], query: EndpointQuery): CatalogEndpoint {
  const services = catalog.filter(
    ({ serviceType, serviceName }) =>
      serviceType === query.serviceType && (query.serviceName === null || serviceName === query.serviceName),
  );
  if (services.length === 0) throw noService(catalog, query);
  const inRegion = query.region === null ? services : services.filter(({ region }) => region === query.region);
  for (const wanted of query.interfaces) {
    const found = inRegion.filter((endpoint) => endpoint.interface === wanted);
    const [first] = found;
    if (first === undefined) continue;
    const regions = [...new Set(found.map(({ region }) => region))];
    if (regions.length > 1) throw chooseRegion(query, regions);
    return first;
  }
  throw notThere(services, query);
}

function noService(catalog: readonly CatalogEndpoint[], { serviceType }: EndpointQuery): GlanceError {
  const types = [...new Set(catalog.map((endpoint) => endpoint.serviceType))];
  const has = types.length === 0 ? 'it is empty (an unscoped token?)' : `it has ${types.join(', ')}`;
  return new GlanceError('cloud.no_service', `the catalog has no ${serviceType} service: ${has}`, {
    hint: 'give `endpoint: URL` if you know where Glance is',
  });
}

function chooseRegion({ serviceType }: EndpointQuery, regions: readonly (string | null)[]): GlanceError {
  const names = regions.map((region) => region ?? '(none)').join(', ');
  return new GlanceError(
    'cloud.region',
    `several regions have the ${serviceType} service, and none is chosen: ${names}`,
    {
      hint: 'set OS_REGION_NAME, or region_name in clouds.yaml',
    },
  );
}

function notThere(services: readonly CatalogEndpoint[], query: EndpointQuery): GlanceError {
  const wanted = `${query.interfaces.join(' or ')} endpoint${query.region === null ? '' : ` in region ${query.region}`}`;
  const there = services.map((endpoint) => `${endpoint.interface} in ${endpoint.region ?? '(no region)'}`);
  return new GlanceError(
    'cloud.no_service',
    `the ${query.serviceType} service has no ${wanted}; it has ${[...new Set(there)].join(', ')}`,
    { hint: query.region === null ? 'check OS_INTERFACE, or interface in clouds.yaml' : regionHint(services, query) },
  );
}

/** Suggests a region that has the service, or else to check the interface. */
function regionHint(services: readonly CatalogEndpoint[], { region, interfaces }: EndpointQuery): string {
  if (services.some((endpoint) => endpoint.region === region)) return 'check OS_INTERFACE, or interface in clouds.yaml';
  const usable = services.filter((endpoint) => interfaces.includes(endpoint.interface));
  const names = [...new Set(usable.flatMap((endpoint) => (endpoint.region === null ? [] : [endpoint.region])))];
  if (names.length === 0) return 'unset OS_REGION_NAME, or region_name in clouds.yaml';
  return `set OS_REGION_NAME, or region_name in clouds.yaml, to ${names.slice(0, 10).join(' or ')}`;
}
