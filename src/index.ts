// The library's public interface: GlanceClient, its options and results, and its errors.
export { type Digest, type DigestAlgorithm, digestAlgorithms, parseDigest } from './digests.ts';
export type {
  CloudInit,
  Contents,
  FileSystem,
  Kernel,
  OperatingSystem,
  Packages,
  WhyUnread,
} from './disk/contents/contents.ts';
export type { InstalledPackage, PackageManager, SourcePackage } from './disk/packages/installed-package.ts';
export type { Declared, Report } from './disk/report.ts';
export { type Target, type TargetReason, type TargetRelease, targetReleases } from './disk/target/judge.ts';
export { type Hazard, type HazardCode, hazardCodes, type Severity } from './disk/parsing/hazards.ts';
export {
  AmbiguousImageError,
  type Candidate,
  type ErrorCode,
  errorCodes,
  type ErrorFacts,
  type ErrorRecord,
  type Failure,
  GlanceError,
  HttpError,
  IntegrityError,
  isRetryable,
  PartialError,
  SizeError,
} from './errors.ts';
export type { TlsSettings } from './http/connect/dispatchers.ts';
export { type Image, imageKeys, type ImageLocation, type Member, type Store } from './image/image.ts';
export { maskImage } from './image/mask.ts';
export type { ListQuery, SortKey } from './image/service.ts';
export type { ConnectOptions } from './client/connect-options.ts';
export type {
  AuditCallOptions,
  CallOptions,
  FileDownloadOptions,
  FindOptions,
  InspectCallOptions,
  InspectSeveralOptions,
  InventoryCallOptions,
  SelectCallOptions,
  SeveralDownloadOptions,
  SeveralDownloads,
  StreamOptions,
  TransferOptions,
  WithinOptions,
} from './client/library/call-options.ts';
export type { Finding } from './client/doctor/finding.ts';
export type { DownloadRecord } from './client/download/download-record.ts';
export type { PlannedDownload } from './client/download/foresee.ts';
export type { ProgressEvent } from './client/download/progress-event.ts';
export { GlanceClient } from './client/glance-client.ts';
export type { GuestFile } from './client/guest/guest-file.ts';
export type { ImageFiles } from './client/guest/image-files.ts';
export type { GuestOptions } from './client/guest/open-guest.ts';
export type { InspectOptions } from './client/inspect/inspect-file.ts';
export { renderSarif } from './client/inspect/sarif.ts';
export { AuditPage, type AuditPageOptions } from './pages/audit-page.ts';
export { drawDisk, type Part, type Picture } from './disk/picture/draw-disk.ts';
export { AuditTally, type FailOn, isBad, type Verdict, verdictOf } from './client/inspect/tally.ts';
export { Fleet } from './client/fleet/fleet.ts';
export type { AuditPlanOptions, FleetAuditOptions, PlannedAudits } from './client/fleet/fleet-audit.ts';
export type { FleetEvent } from './client/fleet/fleet-event.ts';
export type { FleetMirrorEvent, FleetMirrorOptions, FleetReport } from './client/fleet/fleet-mirror.ts';
export type { FleetVerifyEvent, FleetVerifyOptions } from './client/fleet/fleet-verify.ts';
export type { QueueOptions } from './client/fleet/open-queue.ts';
export type { FleetWork, FleetWorkOptions } from './client/fleet/run-worker.ts';
export type { FleetWorkerOptions } from './client/fleet/worker/worker.ts';
export type { WorkerEvent } from './client/fleet/worker/worker-event.ts';
export type { FailedJob } from './queue/failed-job.ts';
export type { FleetQueue, QueueCounts, QueueWorker } from './queue/work-queue.ts';
export type { MirrorCalls, MirrorOptions } from './client/mirror/mirror.ts';
export type { MirrorCounts, MirrorEvent, MirrorReport, MirrorRow } from './client/mirror/report.ts';
export type { Choose } from './client/find.ts';
export type { ImageChoice, ImageSelection } from './client/select/image-selection.ts';
export type { SelectRequest } from './client/select/select.ts';
export { findCloudNames, findRegionNames, type NamesOptions } from './client/names/configured-names.ts';
export { logOut } from './client/names/logout.ts';
export type { VerifyEvent, VerifyMirrorOptions } from './client/mirror/verify-mirror.ts';
export type { Verdict as FileVerdict, VerifyFileOptions, VerifyImageOptions } from './client/verify.ts';
export {
  diagnose,
  inspectFile,
  inspectStream,
  listFilePackages,
  verifyFile,
  verifyMirror,
} from './client/standalone.ts';
export type { AccessRecord, FailureRecord } from './server/app.ts';
export type { ServedPlace } from './server/place/serve-place.ts';
export { serve, type ServeOptions } from './server/serve.ts';
export type { ListedPackage, SbomSubject } from './client/sbom/cyclonedx.ts';
export { type Inventory, renderSbom } from './client/sbom/inventory.ts';
export { safeFileName } from './transfer/files/file-name.ts';
export { escapeControls } from './text/escape.ts';
export { sortNaturally } from './text/natural.ts';
export { type System, systemOf } from './client/system.ts';
export { version } from './version.ts';
