// What is needed to show reports.
export { adviceFor, unsafeFirst } from '../../disk/parsing/hazards.ts';
export type { Target } from '../../disk/target/judge.ts';
export { type Report, reportKeys, subjectOf } from '../../disk/report.ts';
export { drawDisk, type Part, type Picture } from '../../disk/picture/draw-disk.ts';
