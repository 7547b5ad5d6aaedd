// The options of the commands about queues and workers.
import { InvalidArgumentError } from 'commander';
import type { Command, OptionsOf } from './commander.ts';
import { s3Endpoint } from './image-options.ts';
import { queueOptions } from './queue-options.ts';
import { parseInteger, parseRate, parseSeconds } from './parse.ts';

/** Shortest lease: a shorter one would be lost whenever a machine pauses. */
const leastLeaseMs = 1000;

function parseLease(text: string): number {
  const ms = parseSeconds(text);
  if (ms < leastLeaseMs) throw new InvalidArgumentError('It has to be at least one second.');
  return ms;
}

const loopback = '127.0.0.1';
const mostPort = 65_535;

/** `9100`, `0.0.0.0:9100`, `[::]:9100` */
function parseMetrics(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port = ''] =
    /^(?:\[([0-9a-f:.]{2,45})\]:|([a-z0-9.-]{1,253}):)?(\d{1,5})$/i.exec(text) ?? [];
  if (port === '' || Number(port) > mostPort)
    throw new InvalidArgumentError('It has to be PORT, HOST:PORT or [IPV6]:PORT.');
  return { host: bracketed ?? plain ?? loopback, port: Number(port) };
}

export function workerOptions(command: Command) {
  return queueOptions(command)
    .option('--jobs <n>', 'images to work on at once (default: 2)', parseInteger(1, 16))
    .option('--until-empty', 'end once the queue is empty, instead of waiting for more')
    .option('--drain-timeout <seconds>', 'time to finish running work after a signal (default: 300)', parseSeconds)
    .option('--lease <seconds>', 'a worker that is silent for this long loses its image (default: 60)', parseLease)
    .option('--limit-rate <size>', 'at most this many bytes per second, such as 500K or 10M', parseRate)
    .option('--name <name>', 'name of this worker in the queue (default: host and process)')
    .option(
      '--metrics <[host:]port>',
      'serve metrics for Prometheus on this port, at /metrics; without a host, to this machine only',
      parseMetrics,
    )
    .option(...s3Endpoint);
}

export type WorkerOptions = OptionsOf<typeof workerOptions>;

/** The actions of `queue`. */
export const queueActions = ['status', 'failed', 'retry', 'pause', 'resume', 'clear'] as const;

export type QueueAction = (typeof queueActions)[number];

/** What the actions that print results print. */
export const queueColumns = {
  status: ['queue', 'waiting', 'active', 'delayed', 'failed', 'paused', 'workers'],
  failed: ['job', 'kind', 'image', 'name', 'place', 'code', 'message'],
} as const satisfies Partial<Record<QueueAction, readonly string[]>>;

export function queueCommandOptions(command: Command) {
  return queueOptions(command).option('--force', 'with clear: even if jobs are in progress');
}

export type QueueCommandOptions = OptionsOf<typeof queueCommandOptions>;
