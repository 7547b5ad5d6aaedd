// Which requests a fault hits, and how often.
import type { FaultAction } from './fault-actions.ts';
import type { SeenRequest } from '../servers/replay.ts';

/** Which requests a fault hits. Absent: all. */
export interface FaultMatch<Request extends SeenRequest = SeenRequest> {
  readonly method?: string;
  /** Matched against path and query as received. */
  readonly path?: RegExp;
  readonly where?: (request: Request) => boolean;
  /** This many matching requests are spared first. Default 0. */
  readonly after?: number;
  /** This many matching requests are hit then. Default: all. */
  readonly times?: number;
}

export interface Fault {
  readonly on?: FaultMatch;
  /** Several are applied in their order. */
  readonly do: FaultAction | readonly FaultAction[];
}

/** Decides which fault hits a request, and counts how often each has. */
export function makePicker(faults: readonly Fault[]): (request: SeenRequest) => Fault | undefined {
  return makeMatcher<SeenRequest, Fault>(faults);
}

/** The same for anything that can happen to requests of any kind. */
export function makeMatcher<Request extends SeenRequest, Kind extends { readonly on?: FaultMatch<Request> }>(
  faults: readonly Kind[],
): (request: Request) => Kind | undefined {
  const seen = new Map<Kind, number>();
  return (request) => {
    for (const fault of faults) {
      const { method, path, where, after = 0, times = Infinity } = fault.on ?? {};
      if (method !== undefined && method !== request.method) continue;
      if (path !== undefined && !path.test(request.path)) continue;
      if (where !== undefined && !where(request)) continue;
      const before = seen.get(fault) ?? 0;
      seen.set(fault, before + 1);
      if (before >= after && before < after + times) return fault;
    }
    return undefined;
  };
}
