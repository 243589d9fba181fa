import { MetricName, type Period, type Scope } from '../metric.ts';
import { type Computed, computation } from './computation.ts';
import { type EvidencePorts, gatherEvidence } from './gathering.ts';

/** Computes metrics of a scope and a period from what is stored, as of `now` (milliseconds); all that there are unless said. */
export const performanceOf = async (
  ports: EvidencePorts,
  { scope, period }: { scope: Scope; period: Period },
  now: number,
  metrics: readonly MetricName[] = MetricName.options,
): Promise<Computed[]> => {
  const { sources, ...evidence } = await gatherEvidence(ports, scope, period, now);
  return metrics.map(computation({ scope, period, sources }, evidence));
};
