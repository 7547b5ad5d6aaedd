import { onTestFinished, expect, it } from 'vitest';
import { serveMetrics } from '../../../../src/client/metrics/metrics-server.ts';
import { WorkerMetrics } from '../../../../src/client/metrics/worker-metrics.ts';
import { version } from '../../../../src/version.ts';

const about = { job: 'copy-1', kind: 'copy', image: 'an-image"}\n', name: 'a name' } as const;

/** The numbers, by name and labels; every line has to be one, or a comment. */
function numbersOf(text: string): Readonly<Record<string, number>> {
  const lines = text.trimEnd().split('\n');
  const samples = lines.filter((line) => !line.startsWith('#'));
  for (const line of samples)
    expect(line).toMatch(/^[a-z_]+(?:\{[a-z]+="[^"\\\n]*"(?:,[a-z]+="[^"\\\n]*")*\})? -?[\d.e+]+$/);
  return Object.fromEntries(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

it('counts jobs by kind and outcome, bytes, retries, losses, failures and durations', () => {
  const metrics = new WorkerMetrics(1_700_000_000_000);
  metrics.take({ event: 'job', ...about, place: '/srv/secret-place' });
  metrics.take({ event: 'job_progress', job: 'copy-1', kind: 'copy', bytes: 1000 });
  metrics.take({ event: 'job_progress', job: 'copy-1', kind: 'copy', bytes: 500 });
  metrics.take({ event: 'job_retry', job: 'copy-1', kind: 'copy', code: 'net.reset' });
  metrics.take({ event: 'job', ...about, job: 'copy-2', place: null });
  const end = { event: 'job_end', ...about, bytes: 1500, seconds: 7, code: null, message: null } as const;
  metrics.take({ ...end, outcome: 'done' });
  metrics.take({ event: 'trouble', code: 'queue.unavailable', message: 'gone' });
  metrics.take({ event: 'job', ...about, kind: 'verify', place: null });
  metrics.take({ ...end, kind: 'verify', outcome: 'lost', seconds: 20_000 });
  metrics.take({ ...end, outcome: 'failed', code: 'integrity.digest', message: 'a message of a stranger' });
  const text = metrics.format();
  expect(numbersOf(text)).toMatchObject({
    [`glance_cli_build_info{version="${version}"}`]: 1,
    process_start_time_seconds: 1_700_000_000,
    'glance_cli_jobs_total{kind="copy",outcome="done"}': 1,
    'glance_cli_jobs_total{kind="copy",outcome="failed"}': 1,
    'glance_cli_jobs_total{kind="audit",outcome="back"}': 0,
    'glance_cli_jobs_running{kind="copy"}': 0,
    'glance_cli_job_failures_total{kind="copy",code="integrity.digest"}': 1,
    'glance_cli_bytes_total{kind="copy"}': 1500,
    'glance_cli_retries_total{kind="copy"}': 1,
    'glance_cli_lease_losses_total{kind="verify"}': 1,
    glance_cli_queue_troubles_total: 1,
    'glance_cli_job_duration_seconds_bucket{kind="copy",le="5"}': 0,
    'glance_cli_job_duration_seconds_bucket{kind="copy",le="10"}': 2,
    'glance_cli_job_duration_seconds_bucket{kind="copy",le="+Inf"}': 2,
    'glance_cli_job_duration_seconds_bucket{kind="verify",le="14400"}': 0,
    'glance_cli_job_duration_seconds_sum{kind="verify"}': 20_000,
    'glance_cli_job_duration_seconds_count{kind="verify"}': 1,
  });
  for (const strange of ['an-image', 'a name', 'secret-place', 'stranger']) expect(text).not.toContain(strange);
});

it('is served only at /metrics, and read-only', async () => {
  const { url, close } = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => 'one 1\n');
  onTestFinished(close);
  const ask = async (path: string, method = 'GET'): Promise<readonly unknown[]> => {
    const answer = await fetch(new URL(path, url), { method });
    return [answer.status, await answer.text()];
  };
  expect(await ask('/metrics')).toEqual([200, 'one 1\n']);
  expect(await ask('/metrics?x=1')).toEqual([200, 'one 1\n']);
  expect(await ask('/metrics', 'HEAD')).toEqual([200, '']);
  expect(await ask('/metrics', 'POST')).toEqual([405, '']);
  expect(await ask('/')).toEqual([404, '']);
  expect((await fetch(url)).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const port = Number(url.port);
  await expect(serveMetrics({ host: '127.0.0.1', port }, () => '')).rejects.toMatchObject({ code: 'io.port' });
});
