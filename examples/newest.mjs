// Downloads the newest image for each name or pattern to a directory, two at a time. One that fails does not stop the others.
//   node examples/newest.mjs DIRECTORY 'ubuntu-*' 'debian-12*'
import { escapeControls, GlanceClient, GlanceError } from 'glance-cli';

const [directory, ...names] = process.argv.slice(2);
if (directory === undefined) throw new Error('DIRECTORY is required');

const glance = await GlanceClient.connect({ env: process.env });
try {
  // By filters in place of names: { query: { status: 'active', properties: new Map([['os_distro', 'ubuntu']]) } }
  const newest = await glance.select({ images: names }, { latest: true });
  for (const { meant, matched, images } of newest.choices) {
    console.log(escapeControls(`${meant} matches ${matched}; the newest is ${images[0]?.name}`));
  }

  const options = { jobs: 2, requireChecksum: true };
  for (const { outcome, path, bytes, kept } of await glance.planSeveral(newest, directory, options)) {
    console.log(escapeControls(`plan: ${outcome} ${path}, ${kept} of ${bytes} bytes are there`));
  }

  const { records, failures } = await glance.downloadSeveral(newest, directory, options);
  for (const { outcome, path } of records) {
    if (path !== null) console.log(escapeControls(`${outcome}: ${path}`));
  }
  for (const { image, error } of failures) console.error(escapeControls(`${image}: ${error.message} [${error.code}]`));
  if (failures.length > 0) process.exitCode = 9;
} catch (error) {
  if (!(error instanceof GlanceError)) throw error;
  console.error(escapeControls(`${error.message} [${error.code}]`));
  process.exitCode = 1;
} finally {
  await glance.close();
}
