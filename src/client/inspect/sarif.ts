// Hazards as SARIF, for tools that collect findings. Yielded in pieces, since an audit may have very many.
// @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
import { hazardAdvice, hazardCodes, type HazardCode } from '../../disk/parsing/hazards.ts';
import { type Report, subjectOf } from '../../disk/report.ts';
import { escapeJson } from '../../text/escape.ts';
import { version } from '../../version.ts';

const schema = 'https://json.schemastore.org/sarif-2.1.0.json';
const codes = Object.keys(hazardCodes) as HazardCode[];

/**
 * The log of one run: a result on a line for each hazard, and a notification for each image that could not be read.
 * Harmless to a terminal, whatever the images are called.
 * @param toolVersion version of the program named as the source. Absent: the library's
 * @param wordAdvice words advice for its readers. Absent: options have their names in the library
 */
export async function* renderSarif(
  reports: AsyncIterable<Report> | Iterable<Report>,
  toolVersion = version,
  wordAdvice = (advice: string): string => advice,
): AsyncGenerator<string> {
  const tool = {
    driver: {
      name: 'glance-cli',
      version: toolVersion,
      rules: [...codes.map((code) => toRule(code, wordAdvice(hazardAdvice[code]))), targetRule],
    },
  };
  yield `{"$schema":${json(schema)},"version":"2.1.0","runs":[{"tool":${json(tool)},\n"results":[`;
  const toolExecutionNotifications: object[] = [];
  let separator = '\n';
  for await (const report of reports) {
    if (report.error !== null) toolExecutionNotifications.push(toNotification(report, report.error.message));
    for (const result of toResults(report)) {
      yield `${separator}${json(result)}`;
      separator = ',\n';
    }
  }
  const executionSuccessful = toolExecutionNotifications.length === 0;
  yield `\n],"invocations":[${json({ executionSuccessful, toolExecutionNotifications })}]}]}\n`;
}

function json(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

function toRule(id: HazardCode, advice: string): object {
  return {
    id,
    shortDescription: { text: id.replaceAll('_', ' ') },
    help: { text: advice },
    defaultConfiguration: { level: levelOf(hazardCodes[id]) },
  };
}

/** One rule for all objections of a Glance, which gives its own reasons. */
const targetRule = {
  id: 'target_refused',
  shortDescription: { text: 'target refused' },
  help: { text: 'convert it, or declare its real format, before uploading it to that Glance' },
  defaultConfiguration: { level: 'warning' },
};

function toResults(report: Report): readonly object[] {
  const { hazards, target } = report;
  const locations = [locationOf(report)];
  const textOf = (message: string): object => ({ text: `${subjectOf(report)}: ${message}` });
  const found = hazards.map(({ code, severity, message }) => ({
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: levelOf(severity),
    message: textOf(message),
    locations,
  }));
  const reasons = target?.accepted === false ? target.reasons : [];
  const refused = reasons.map(({ message, source }) => ({
    ruleId: targetRule.id,
    ruleIndex: codes.length,
    level: 'warning',
    message: textOf(`${target?.release ?? ''} would refuse it: ${message} (${source})`),
    locations,
  }));
  return [...found, ...refused];
}

function toNotification(report: Report, message: string): object {
  return { level: 'error', message: { text: `${subjectOf(report)}: ${message}` }, locations: [locationOf(report)] };
}

function levelOf(severity: 'unsafe' | 'warning'): 'error' | 'warning' {
  return severity === 'unsafe' ? 'error' : 'warning';
}

function locationOf({ id, path }: Report): object {
  return { physicalLocation: { artifactLocation: { uri: uriOf(id, path) } } };
}

function uriOf(id: string | null, path: string | null): string {
  const encode = (text: string): string => text.split('/').map(encodeURIComponent).join('/');
  if (path?.startsWith('s3://') === true) return `s3://${encode(path.slice(5))}`;
  if (path !== null) return `file://${encode(path)}`;
  return id === null ? 'stdin:' : `glance:images/${encodeURIComponent(id)}`;
}
