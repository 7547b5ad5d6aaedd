// What is to be known of reports by whoever shows them.
export { adviceFor, type Hazard } from '../../disk/parsing/hazards.ts';
export type { Contents } from '../../disk/contents/contents.ts';
export { type Target, type TargetRelease, targetReleases } from '../../disk/target/judge.ts';
export { type Report, reportKeys } from '../../disk/report.ts';
export { drawDisk, type Part, type Picture } from '../../disk/picture/draw-disk.ts';
