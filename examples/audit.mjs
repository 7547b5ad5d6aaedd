// Inspects every image of a Glance, and prints what is unsafe as SARIF, which code scanners read.
//   node examples/audit.mjs > audit.sarif
import { AuditTally, escapeControls, GlanceClient, GlanceError, renderSarif } from 'glance-cli';

const glance = await GlanceClient.connect({ env: process.env });
const tally = new AuditTally();

/** The reports, counted on their way. */
async function* inspectAll() {
  for await (const report of glance.audit({ status: 'active' }, { jobs: 4 })) {
    tally.add(report);
    yield report;
  }
}

try {
  for await (const piece of renderSarif(inspectAll())) process.stdout.write(piece);
  console.error(`${tally.bad} of ${tally.images} images are unsafe`);
  // The same exit code as `glance-cli inspect --all`.
  if (tally.bad > 0) process.exitCode = 11;
} catch (error) {
  if (!(error instanceof GlanceError)) throw error;
  console.error(escapeControls(`${error.message} [${error.code}]`));
  process.exitCode = 1;
} finally {
  await glance.close();
}
