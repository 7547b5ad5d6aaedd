// A Glance image as the source of a download.
import type { Digest } from '../../digests.ts';
import { GlanceError } from '../../errors.ts';
import type { HttpClient } from '../../http/client.ts';
import { digestsOf } from '../../image/data-answer.ts';
import type { Image } from '../../image/image.ts';
import { bearOddRecord } from '../../image/odd-record.ts';
import { Pin } from '../../image/pin.ts';
import type { ImageService } from '../../image/service.ts';
import type { ImageIdentity } from '../../transfer/flow/source.ts';
import type { DownloadSource } from '../../transfer/flow/source.ts';

/** Requirements for an image beyond what Glance says about it. */
interface Demands {
  /** Digests that the data must have. */
  readonly digests: readonly Digest[];
  /** Whether to refuse data for which there is no digest to compare. */
  readonly requireDigest: boolean;
  /** Ids of the stores to prefer as sources, best first. Empty: the server chooses. */
  readonly stores: readonly string[];
}

/**
 * Creates the source.
 * @throws GlanceError `integrity.pin` if the metadata states another digest than required
 */
export function imageSource(
  client: HttpClient,
  service: ImageService,
  image: Image,
  { digests, requireDigest, stores }: Demands,
): DownloadSource {
  const { origin } = service.endpoint;
  const identify = (each: Image): ImageIdentity => {
    for (const digest of digests) new Pin(digest).check(each);
    return { origin, id: each.id, size: each.size, digests: digestsOf(each), createdAt: each.created_at };
  };
  let current = image;
  let hasOpened = false;
  // Errors can be reported before the end, for a retry or for one of several images, so secrets are hidden here.
  const explain = (error: unknown): unknown => client.secrets.hideInError(hasOpened ? explainExpired(error) : error);
  return {
    name: image.name ?? image.id,
    image: identify(image),
    pinned: digests,
    requireDigest,
    refresh: async (signal) => {
      try {
        // Oddities that do not concern the data were already reported when the image was found.
        current = await service.get(image.id, signal).catch((error: unknown) => bearOddRecord(error, () => undefined));
      } catch (error) {
        throw explain(error);
      }
      return identify(current);
    },
    open: async (range, signal) => {
      try {
        const opened = await service.data(current, range, signal, stores);
        hasOpened = true;
        return opened;
      } catch (error) {
        throw explain(error);
      }
    },
    answered: () => client.hasAnswered(origin),
  };
}

/** Explains why a login is rejected although it was accepted for opening the data a moment ago. */
function explainExpired(error: unknown): unknown {
  if (!(error instanceof GlanceError) || error.code !== 'auth.required') return error;
  return new GlanceError('auth.expired', `the login has expired: ${error.message}`, {
    ...error.facts,
    hint: 'log in again and run the same command again',
    cause: error,
  });
}
