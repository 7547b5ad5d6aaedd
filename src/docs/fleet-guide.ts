// The topic fleet: work shared by many machines, from the first three terminals to what can fail.
import type { Definition, ManSection } from './man-section.ts';

const drawing = [
  '                          lists, plans, waits',
  '  Glance <---------------------- mirror PLACE --queue ------+',
  '    |                                  |  jobs              |  index,',
  '    |                                  v                    |  sums',
  '    |                            Redis or Valkey            |',
  '    |                                  |  leases            |',
  '    |  image data                      v                    v',
  '    +----------------> worker, worker, worker ----------> PLACE',
  '                                           data, digests, records',
].join('\n');

const start = [
  'export GLANCE_CLI_QUEUE=redis://queue.example:6379/0',
  '# on one machine: plan, wait, and print the report',
  'glance-cli mirror s3://images/prod --visibility public',
  '# on each of the others, with its own login and keys',
  'glance-cli worker --jobs 4',
  '# anywhere',
  'glance-cli queue status',
  'glance-cli queue failed',
  '# with the same workers: inspect every image of the cloud, verify every image of the mirror',
  'glance-cli inspect --all -f ndjson',
  'glance-cli verify s3://images/prod',
].join('\n');

const needs: readonly Definition[] = [
  {
    term: 'The queue',
    text: 'Redis or Valkey with `maxmemory-policy noeviction`, which is checked, and preferably with `appendonly yes`. A job takes about 1 kB of its memory. Install the packages bullmq and ioredis beside glance-cli (npm install bullmq@6 ioredis@6); its executables include them.',
  },
  {
    term: 'The place',
    text: 'A bucket that all machines can reach, or a directory that all see under the same path. Workers refuse a directory in which no mirror was started, so that they never fill one whose file system is not mounted.',
  },
  {
    term: 'Versions',
    text: 'The same version of glance-cli everywhere: a job from another version fails with `metadata.invalid`.',
  },
];

const kinds: readonly Definition[] = [
  {
    term: 'mirror PLACE',
    text: 'Workers fetch. The planner writes records that changed and, at the end, the index and the lists of checksums. `--require-safe`, `--require-checksum` and `--retry-failed` are passed on with the jobs; `--prune` and `--watch` concern the planner, `--jobs` and `--limit-rate` the workers; `--dry-run` does not contact the queue. With `--detach` the planner ends once everything is planned, and the next run lists what has arrived since.',
  },
  {
    term: 'inspect --all',
    text: 'Workers inspect, with their own login. The reports come back through the queue and are printed in the order of the list, in any format; printed reports are removed. Up to 1,000 images are in progress at once. `--contents`, `--contents-limit`, `--spool` and `--target` are passed on with the jobs. If the planner is killed, its reports are kept for a day, for the next planner that asks for the same. With `--detach --to PLACE` the planner does not wait, and the workers write each report to PLACE/audit/ID.json.',
  },
  {
    term: 'verify PLACE',
    text: 'Workers read and compare the images that the index lists; each image is read by one worker. `--quick` is passed on with the jobs. The planner checks the lists of checksums, and looks for files that do not belong there. The report and the exit code are the same as without a queue.',
  },
];

const watching: readonly Definition[] = [
  {
    term: 'The planner',
    text: 'shows, on a terminal, a line for each busy worker and one for the whole: done, failed, bytes, rate, time left. If it does not run on a terminal, it prints a line every ten seconds. A lost lease gets its own line. With `--progress json` these are events: `plan` names each image that workers have to deal with, `fleet` has the totals and the numbers of each worker, `lost` reports a lost lease.',
  },
  {
    term: 'A worker',
    text: 'prints a line for each image that it is done with. With `--progress json` these are events: `job` and `job_end` for each image, `job_progress` and `job_retry` in between, `drain` once it takes no more images, `trouble` while it cannot reach the queue. Their `job` is the one that `queue failed` prints.',
  },
  {
    term: 'worker --metrics [HOST:]PORT',
    text: 'serves metrics for Prometheus at /metrics: glance_cli_jobs_total (by kind and outcome), glance_cli_jobs_running, glance_cli_job_failures_total (by error code), glance_cli_bytes_total, glance_cli_retries_total, glance_cli_lease_losses_total, glance_cli_queue_troubles_total, glance_cli_job_duration_seconds (a histogram) and glance_cli_build_info.',
  },
  {
    term: 'queue status, queue failed',
    text: 'show how many images are waiting, in progress and failed, and why they failed, in any format.',
  },
];

const sizing: readonly Definition[] = [
  {
    term: 'Workers',
    text: 'A worker fetches `--jobs` images at once, each over its own connection. More machines help as long as the cloud, the network and the store can deliver more.',
  },
  {
    term: 'Leases',
    text: 'A worker that was killed or is frozen loses its images after `--lease` seconds; other workers notice at most half that time later. With a shorter lease they notice sooner. A lease shorter than the pauses of a busy machine takes images away from healthy workers.',
  },
  {
    term: 'Servers that answer 429',
    text: 'When one worker is told to slow down, all of them wait for as long as the server says.',
  },
];

const security: readonly Definition[] = [
  {
    term: 'Who can write to the queue',
    text: 'can make workers fetch any image that their login can see into any place that their keys and permissions allow, learn what is in such images and whether files in such a place have a given digest, and forge reports that planners print. Give the queue a password or its own user (`rediss://USER:PASSWORD@HOST`, in a file named by `--queue-file` or in GLANCE_CLI_QUEUE) and its own network, and give workers no more permissions than the mirror needs.',
  },
  {
    term: 'Who can read it',
    text: 'learns the names, sizes and digests of images, the endpoint and the place, and the findings in reports that are waiting to be printed. No job, report, reason or event contains a password, a token or a key.',
  },
  {
    term: 'Each worker',
    text: 'needs the queue, a login that may list and read the images, and keys that may read, write and delete below the place. It listens on a port only with `--metrics`, and only for this machine if no host is given. Whoever can reach that port sees numbers, but no names, places or addresses.',
  },
  {
    term: 'The planner',
    text: 'needs the same: it lists the images, and writes the index and the lists of checksums.',
  },
];

const failures: readonly Definition[] = [
  {
    term: 'A worker is killed, or its machine is lost',
    text: 'The lease expires and another worker takes over the image. In a bucket it resumes the upload, so that only the part under way is lost; in a directory it starts again.',
  },
  {
    term: 'A worker freezes and wakes up',
    text: 'It checks its lease before it commits, finds that it has lost it, and stops. What two workers write for an image is the same anyway.',
  },
  {
    term: 'A worker gets a signal',
    text: 'It takes no new images, and hands back those that it cannot finish within `--drain-timeout`. At a second signal it ends at once, as if it had been killed.',
  },
  {
    term: 'The queue is restarted, stops answering, or loses its data',
    text: 'Workers reconnect; to a queue that is there but silent, 10 seconds after `--timeout` has passed. The planner waits for up to five minutes. Before it reports that it is done, it looks at the place again and plans whatever is missing.',
  },
  {
    term: 'The planner is killed',
    text: 'Workers continue. Run the same command again: images that are in the place are not fetched again.',
  },
  {
    term: 'No worker for ten minutes',
    text: 'The planner exits with 5 and says how much is left.',
  },
  {
    term: 'An image cannot be fetched: wrong digest, gone, refused',
    text: 'It fails once, with its error code, and the place remembers that until the record of the image changes, or until `--retry-failed`.',
  },
  {
    term: 'A temporary failure keeps coming back',
    text: 'The image is tried eight times, with growing pauses, and is then listed by `queue failed`; `queue retry` or the next plan tries it again.',
  },
  {
    term: 'An image kills three workers',
    text: 'It is set aside with `worker.died`. A planner that is waiting has it tried once more.',
  },
  {
    term: 'A worker has a different Glance, wrong keys or no mount',
    text: 'It says so, and hands the image back for the others.',
  },
  {
    term: 'Two planners, or a plain mirror beside a fleet',
    text: 'Two plans add no jobs to each other. If two planners inspect or verify the same images, each gets its own reports: a report that one has taken is made again for the other. At worst, a plain mirror fetches what a worker fetches too. Only one of them works on a directory at a time.',
  },
];

/** The sections of the topic. */
export function fleetSections(): readonly ManSection[] {
  const about =
    'With `--queue`, `mirror` plans here, and workers on any number of machines fetch. `inspect --all` and `verify` are shared ' +
    'the same way. Only the place counts, and the queue is ' +
    'disposable: whatever it loses is planned again from what the place holds.';
  return [
    {
      title: 'MANY MACHINES',
      blocks: [
        { type: 'text', text: about },
        { type: 'code', code: drawing },
      ],
    },
    { title: 'THREE TERMINALS', blocks: [{ type: 'code', code: start }] },
    { title: 'WHAT IS SHARED', blocks: [{ type: 'definitions', items: kinds }] },
    { title: 'WHAT IT NEEDS', blocks: [{ type: 'definitions', items: needs }] },
    { title: 'WATCHING IT', blocks: [{ type: 'definitions', items: watching }] },
    { title: 'SIZING', blocks: [{ type: 'definitions', items: sizing }] },
    { title: 'SECURITY', blocks: [{ type: 'definitions', items: security }] },
    { title: 'WHAT CAN FAIL', blocks: [{ type: 'definitions', items: failures }] },
  ];
}
