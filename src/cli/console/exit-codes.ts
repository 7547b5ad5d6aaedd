// The one table of exit codes, from which help and man pages are made. A public interface: scripts match on them.
import type { ErrorCode } from '../../errors.ts';

interface ExitCode {
  readonly exit: number;
  readonly name: string;
  readonly when: string;
  /** What a script should do. */
  readonly advice: string;
}

export const exitCodes: readonly ExitCode[] = [
  { exit: 0, name: 'ok', when: 'done and verified (or already up to date)', advice: 'carry on' },
  { exit: 1, name: 'bug', when: 'unexpected internal error, printed with its stack', advice: 'report it' },
  {
    exit: 2,
    name: 'usage',
    when: 'unknown option, bad value, contradictory or missing configuration, binary data to a terminal',
    advice: 'fix the call',
  },
  {
    exit: 3,
    name: 'not found',
    when: 'no such image, cloud, region, service or bucket; no such file within an image; several images match; the image has no data yet',
    advice: 'check the name and the status',
  },
  {
    exit: 4,
    name: 'denied',
    when: 'login failed, 401, 403, image deactivated, refused by the store',
    advice: 'get credentials',
  },
  {
    exit: 5,
    name: 'unavailable',
    when: 'a temporary problem of the network, a server or the store, after all retries: connect, reset, stall, truncated, 5xx, 429',
    advice: 'run it again later',
  },
  {
    exit: 6,
    name: 'integrity',
    when: 'digest, size, pin or signature does not match; verify found a difference; with --require-checksum, nothing to verify with',
    advice: 'raise an alarm',
  },
  {
    exit: 7,
    name: 'protocol',
    when: 'the answer is invalid or not supported: not an image, bad headers, bad JSON, page loop, refused redirect, no data at all; files, cat: the disk cannot be read',
    advice: 'check the endpoint and the proxy',
  },
  {
    exit: 8,
    name: 'local',
    when: 'target exists, permission, disk full, read-only, busy, not a regular file',
    advice: 'fix the disk',
  },
  {
    exit: 9,
    name: 'partial',
    when: 'several images, mirror, inspect --all: some failed, and all of those are listed; list: the rest was lost, or a record is malformed; files, cat: stopped by --contents-limit',
    advice: 'read the report',
  },
  {
    exit: 10,
    name: 'untrusted',
    when: 'certificate expired, wrong name, unknown authority; refused downgrade to http',
    advice: 'raise an alarm, never retry',
  },
  {
    exit: 11,
    name: 'unsafe',
    when: 'inspect, download --require-safe: the image is hazardous, or not what its metadata says',
    advice: 'quarantine it',
  },
  { exit: 129, name: 'SIGHUP', when: 'terminal closed; an unfinished download is kept', advice: 'run it again' },
  { exit: 130, name: 'SIGINT', when: 'interrupted (Ctrl-C); an unfinished download is kept', advice: 'run it again' },
  {
    exit: 141,
    name: 'SIGPIPE',
    when: 'download, cat, verify, inspect --all: the reader of the pipe closed it before it had everything',
    advice: 'check the reader',
  },
  { exit: 143, name: 'SIGTERM', when: 'terminated; an unfinished download is kept', advice: 'run it again' },
];

/** Exit codes of signals by name: 128 + the number of the signal. */
export const signalExits = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const groups: Readonly<Record<string, number>> = {
  usage: 2,
  config: 2,
  image: 3,
  cloud: 3,
  auth: 4,
  net: 5,
  http: 7,
  json: 7,
  metadata: 7,
  page: 7,
  data: 7,
  api: 7,
  proxy: 5,
  tls: 10,
  integrity: 6,
  signature: 6,
  io: 8,
  partial: 9,
  unsafe: 11,
  place: 5,
  contents: 7,
  queue: 5,
  worker: 5,
  wait: 5,
  interrupted: 130,
  pipe: 141,
};

/** Error codes whose exit code differs from their group's. */
const exceptions: Partial<Record<ErrorCode, number>> = {
  'image.deactivated': 4,
  'http.truncated': 5,
  'http.429': 5,
  'http.500': 5,
  'http.502': 5,
  'http.503': 5,
  'http.504': 5,
  'http.unavailable': 5,
  'http.redirect.downgrade': 10,
  'proxy.denied': 4,
  'place.missing': 3,
  'place.denied': 4,
  'place.unsupported': 7,
  'tls.protocol': 7,
  'contents.not_found': 3,
  'queue.missing': 3,
  'queue.denied': 4,
  'contents.limit': 9,
};

/** The exit code of an error code. */
export function exitCodeOf(code: ErrorCode): number {
  return exceptions[code] ?? groups[code.slice(0, code.indexOf('.'))] ?? groups[code] ?? 1;
}
