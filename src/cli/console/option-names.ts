// Translates the engine's names of options into those of the command line. The engine's texts name options as a program
// gives them, between backticks, with or without a value: `force`, `expect: ALG:HEX`.

/** By the engine's name, or by name and value if another option stands for the value. */
const options: ReadonlyMap<string, string> = new Map([
  ['againstName', '--against-name'],
  ['apiVersion', '--image-api-version'],
  ['caFile', '--os-cacert'],
  ['certFile', '--os-cert'],
  ['cloud', '--os-cloud'],
  ['contentsLimit', '--contents-limit'],
  ['endpoint', '--endpoint'],
  ['expect', '--expect'],
  ['force', '--force'],
  ['hidden', '--hidden'],
  ['host', '--host'],
  ['keyFile', '--os-key'],
  ['latest', '--latest'],
  ['memberStatus', '--member-status'],
  ['metadata', '--metadata'],
  ['onLoginPage', '--os-auth-type'],
  ['partition', '--partition'],
  ['plan', '--dry-run'],
  ['port', '--port'],
  ['preferStore', '--prefer-store'],
  ['prune', '--prune'],
  ['queue', '--queue'],
  ['requireSafe', '--require-safe'],
  ['retryFailed', '--retry-failed'],
  ['s3Endpoint', '--s3-endpoint'],
  ['sort', '--sort'],
  ['spaceCheck: false', '--no-space-check'],
  ['spool', '--spool'],
  ['tags', '--tag'],
  ['tokenFile', '--token-file'],
  ['trustedCert', '--trusted-cert'],
  ['verifySignature', '--verify-signature'],
  ['visibility', '--visibility'],
  ['waitMs', '--wait-timeout'],
  ['waitMs: 3600000', '--wait'],
]);

/** All options that the engine's texts may name. */
export const namedOptions: readonly string[] = [...options.values()];

/** A text of the engine, for users of commands. Text between backticks that names no option stays as it is. */
export function withOptions(text: string): string {
  return text.replace(/`([a-zA-Z\d]+)(?:: ([^`]+))?`/g, (marked, name: string, value?: string) => {
    const alone = options.get(marked.slice(1, -1));
    if (alone !== undefined) return alone;
    const option = options.get(name);
    return option === undefined || value === undefined ? marked : `${option} ${value}`;
  });
}
