// An image of a Glance as a download takes its bytes from it.
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

/** What is demanded of an image beside what Glance says of it. */
export interface Demands {
  /** Digests that the data has to have. */
  readonly digests: readonly Digest[];
  /** Whether data without any digest to compare with is refused. */
  readonly requireDigest: boolean;
  /** Ids of the stores to take it from where they have it, the first choice first. Empty: the server chooses. */
  readonly stores: readonly string[];
}

/**
 * The source.
 * @throws GlanceError `integrity.pin` if the metadata promises another digest than is demanded
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
  // It may be told of before the end: that it is tried again, or of this one of several images.
  const explain = (error: unknown): unknown => client.secrets.hideInError(hasOpened ? explainExpired(error) : error);
  return {
    name: image.name ?? image.id,
    image: identify(image),
    pinned: digests,
    requireDigest,
    refresh: async (signal) => {
      try {
        // What is odd beside the data was told when the image was found.
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

/** A login that was good for data a moment ago and is not any more. */
function explainExpired(error: unknown): unknown {
  if (!(error instanceof GlanceError) || error.code !== 'auth.required') return error;
  return new GlanceError('auth.expired', `the login has expired: ${error.message}`, {
    ...error.facts,
    hint: 'log in again and run the same command again',
    cause: error,
  });
}
