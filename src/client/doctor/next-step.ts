// What to do first about the findings of `doctor`.
import { GlanceError } from '../../errors.ts';
import type { Connection } from '../connection.ts';
import type { Finding } from './finding.ts';

/** What to do about the finding of each check, the most pressing first. Others need no action. */
const steps: readonly (readonly [check: string, step: string])[] = [
  ['clock', 'set the clock of this machine (timedatectl set-ntp true), unless it is the server that is wrong'],
  ['tls', 'have certificates checked: name the authority that signed them in `caFile: FILE` or OS_CACERT'],
  ['login', 'log in for a project: set OS_PROJECT_NAME, or project_name in clouds.yaml'],
  ['list', 'see whether the project is the right one, and what glance-cli list `visibility: all` finds'],
];

/** The last finding. Its status is the worst of the others'. */
export async function nextStep(connection: Connection, found: readonly Finding[]): Promise<Finding> {
  return { check: 'next', ...(await chooseStep(connection, found)) };
}

async function chooseStep(
  connection: Connection,
  found: readonly Finding[],
): Promise<Pick<Finding, 'status' | 'detail'>> {
  const failed = found.find(({ status }) => status === 'failed');
  if (failed !== undefined) return { status: 'failed', detail: await remedyOf(connection, failed) };
  const step = steps.find(([check]) => found.some((each) => each.check === check && isPressing(each)))?.[1];
  return step === undefined
    ? { status: 'ok', detail: 'all is well: glance-cli list' }
    : { status: 'warning', detail: step };
}

/** Without TLS there is nothing to verify: only the cloud can change that. */
function isPressing({ check, status, detail }: Finding): boolean {
  return status === 'warning' && !(check === 'tls' && detail.startsWith('none:'));
}

async function remedyOf(connection: Connection, { failure, check }: Finding): Promise<string> {
  if (check === 'tls') return 'see why no TLS can be set up there: openssl s_client -connect HOST:PORT';
  const explained = await connection.explain(failure);
  const { hint = '', steps: lines = [] } = explained instanceof GlanceError ? withoutReference(explained).facts : {};
  if (hint !== '') return [hint, ...lines].join('\n');
  return `look up ${failure?.code ?? check} in glance-cli help errors`;
}

/** Hints elsewhere refer to `doctor`, which the reader has just run. */
function withoutReference(error: GlanceError): GlanceError {
  const hint = error.facts.hint?.split(/[;:]? ?(?:see its project and role with )?glance-cli doctor\b/, 1)[0];
  return new GlanceError(error.code, error.message, { ...error.facts, hint, cause: error });
}
