// How thorough those tests are that try many scenarios: `npm test` tries each behaviour, `npm run test:proof` every
// combination.

/** Whether every combination is to be tried. */
export const isProof = process.env['GLANCE_CLI_PROOF'] === '1';

/** The number of random or successive scenarios: `few` usually, `many` in a proof. */
export function worlds(few: number, many: number): number {
  return isProof ? many : few;
}
