// Summarises a report for a list.
import type { Hazard } from '../../disk/parsing/hazards.ts';
import type { Report } from '../../disk/report.ts';
import { describeSystem } from '../../output/reports/contents-text.ts';

export interface Summary extends Pick<Report, 'safe' | 'error'> {
  /** Each kind once. */
  readonly hazards: readonly Pick<Hazard, 'code' | 'severity'>[];
  /** The system inside, in words; null if unknown. */
  readonly system: string | null;
}

export function summarise({ safe, error, hazards, contents }: Report): Summary {
  const kinds = new Map(hazards.map(({ code, severity }) => [`${code} ${severity}`, { code, severity }]));
  return { safe, error, hazards: [...kinds.values()], system: contents === null ? null : describeSystem(contents) };
}
