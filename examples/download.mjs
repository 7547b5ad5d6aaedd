// Downloads an image by its name and shows the progress. Ctrl-C stops it; the next run resumes.
//   node examples/download.mjs NAME FILE
import { escapeControls, GlanceClient, GlanceError, IntegrityError } from 'glance-cli';

const [name, file] = process.argv.slice(2);
if (name === undefined || file === undefined) throw new Error('NAME and FILE are required');

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const glance = await GlanceClient.connect({ env: process.env });
try {
  const { outcome, bytes, verified_by, resumed_from } = await glance.download(name, file, {
    signal: stop.signal,
    maxTimeMs: 3_600_000,
    onEvent: (event) => {
      if (event.event === 'progress') process.stderr.write(`\r${event.bytes} of ${event.total ?? '?'} bytes `);
      if (event.event === 'retry') console.error(`\n${event.code}: trying again in ${event.delay_ms} ms`);
      if (event.event === 'done') process.stderr.write('\n');
    },
  });
  console.log(
    `${outcome}: ${bytes} bytes, ${resumed_from} of them from before, verified by ${verified_by ?? 'nothing'}`,
  );
} catch (error) {
  if (stop.signal.aborted) {
    console.error('\nstopped');
    process.exitCode = 130;
  } else if (error instanceof IntegrityError) {
    console.error(
      `the data is not that of the image: its ${error.algorithm} is ${error.actual}, not ${error.expected}`,
    );
    process.exitCode = 6;
  } else if (error instanceof GlanceError) {
    console.error(escapeControls(`${error.message} [${error.code}] ${error.facts.hint ?? ''}`));
    process.exitCode = 1;
  } else throw error;
} finally {
  await glance.close();
}
