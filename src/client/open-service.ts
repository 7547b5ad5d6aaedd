// Opens the image service of a Glance that was found, and loads its API only when needed.
import type { DiscoveredApi } from '../image/discovery.ts';
import type { ImageService } from '../image/service.ts';
import type { V2Options } from '../image/v2/service.ts';

/** The service, whose modules are loaded now. */
export async function openService(
  { version, base, guess }: DiscoveredApi,
  how: Pick<V2Options, 'client' | 'credentials' | 'warn'>,
): Promise<ImageService> {
  const options = { ...how, base, guess };
  if (version === 1) return new (await import('../image/v1/service.ts')).V1ImageService(options);
  return new (await import('../image/v2/service.ts')).V2ImageService(options);
}
