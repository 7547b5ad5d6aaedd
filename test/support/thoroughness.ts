// How far the tests go that try many worlds: `npm test` tries each behaviour, `npm run test:proof` every combination.

/** Whether every combination is to be tried. */
export const isProof = process.env['GLANCE_CLI_PROOF'] === '1';

/** So many worlds by chance or in a row: `few` usually, `many` in a proof. */
export function worlds(few: number, many: number): number {
  return isProof ? many : few;
}
