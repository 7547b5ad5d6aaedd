// Looks into every image of a Glance, and prints SARIF of what is unsafe.
//   node examples/audit.mjs http://glance.example:9292 > audit.sarif
import { AuditTally, GlanceClient, GlanceError, renderSarif } from 'glance-cli';

const [endpoint] = process.argv.slice(2);
const tally = new AuditTally();

/** Counts the reports on their way. */
async function* counting(reports) {
  for await (const report of reports) {
    tally.add(report);
    yield report;
  }
}

const glance = await GlanceClient.connect({ endpoint });
try {
  const reports = glance.audit({ status: 'active' }, { jobs: 4 });
  for await (const piece of renderSarif(counting(reports))) process.stdout.write(piece);
  if (tally.bad > 0) console.error(`${tally.bad} of ${tally.images} images are unsafe`);
  // As `inspect --all` ends.
  process.exitCode = tally.bad > 0 ? 11 : 0;
} catch (error) {
  if (!(error instanceof GlanceError)) throw error;
  console.error(`${error.message} [${error.code}]`);
  process.exitCode = 1;
} finally {
  await glance.close();
}
