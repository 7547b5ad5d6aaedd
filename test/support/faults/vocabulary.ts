// What benches use of the tests: faults as values, the data they damage, and how the answer is given.
export { draftData, respond } from './data-draft.ts';
export { applyAction } from './fault-actions.ts';
export { type Fault, makePicker } from './fault-match.ts';
