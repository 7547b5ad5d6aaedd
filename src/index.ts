// The library's public face.
export { type Clock, systemClock } from './clock.ts';
export { type Digest, type DigestAlgorithm, digestAlgorithms, findAlgorithm, parseDigest } from './digests.ts';
export {
  AmbiguousImageError,
  type Candidate,
  type ErrorCode,
  errorCodes,
  type ErrorFacts,
  GlanceError,
  HttpError,
  IntegrityError,
  isRetryable,
  SizeError,
} from './errors.ts';
export { HttpClient, type HttpClientOptions, type HttpTimeouts, type WireEvent } from './http/client.ts';
export { Connections, type ConnectionSettings, type TlsSettings } from './http/dispatcher.ts';
export { discoverApi, type DiscoveredApi } from './image/discovery.ts';
export { digestsOf } from './image/data-answer.ts';
export { type Image, imageKeys, type Member, memberKeys } from './image/image.ts';
export { maskImage } from './image/mask.ts';
export { resolveImage } from './image/resolve.ts';
export type { ImageData, ImageService, ListQuery, SortKey } from './image/service.ts';
export { V1ImageService, type V1Options } from './image/v1.ts';
export type { RetryPolicy } from './retry.ts';
export { type DownloadResult, downloadToFile, downloadToStream, type FileOptions } from './transfer/download.ts';
export type { TransferEvent, TransferListener } from './transfer/events.ts';
export type { DownloadOptions } from './transfer/download.ts';
export type { ImageIdentity } from './transfer/part-record.ts';
export type { DownloadSource, OpenedData } from './transfer/source.ts';
export { safeFileName } from './transfer/file-name.ts';
export { inspectTarget } from './transfer/target.ts';
export { version } from './version.ts';
