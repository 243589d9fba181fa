import { z } from 'zod';
import { AlertSeverity } from '../alert/severity.ts';
import { EnvironmentSpec } from '../environment.ts';
import { ReadinessVerdict } from '../readiness.ts';
import { Parameters } from '../plan-template/parameter.ts';
import { Level, ServiceObjective, ServiceSpec } from '../service.ts';
import { SupplierSpec } from '../supplier.ts';
import { TeamSpec } from '../team.ts';
import { TransitionKind } from '../trigger/transition.ts';
import { TriggerType } from '../trigger.ts';
import { DeploymentFact } from '../deployment.ts';

/** Everything that a rule in one place may speak of, with what it is. */
export type Scope = z.ZodObject;

const named = { name: z.string() };
const service = ServiceSpec.extend({ ...named, slo: ServiceObjective.optional() });

const supplier = SupplierSpec.extend(named);

/** For a check, its `appliesIf` and an activity's `when`. */
export const checkScope = z.object({
  service,
  environment: EnvironmentSpec.extend(named),
  team: TeamSpec.extend(named),
  deployment: z.object({ artifact: z.string(), source: z.string(), change: DeploymentFact.shape.change }),
  transition: z.object({ kind: TransitionKind, from: z.string(), to: z.string() }),
  trigger: z.object({ type: TriggerType }),
  parameter: Parameters,
  level: Level,
  dependencies: z.array(service),
  suppliers: z.array(supplier),
  supplier,
});

type Seen = z.output<typeof checkScope>;
/** What is there when such a rule is evaluated; not everything was set off by a deployment. */
type OfPlans = 'deployment' | 'transition' | 'supplier' | 'trigger' | 'parameter';
export type SeenByChecks = Omit<Seen, OfPlans> & Partial<Pick<Seen, OfPlans>>;

/** For `notNeededWhen` of an approval policy. */
export const approvalScope = checkScope.extend({ verdict: ReadinessVerdict, conditions: z.array(z.string()) });

/** For `when` of a source's mapping: what the sender said. */
export const mappingScope = z.object({
  subject: z.string(),
  artifact: z.string(),
  environment: z.string(),
  task: z.string(),
  payload: z.unknown(),
});

/** For `match` of a correlation rule: the alert as its source told of it. */
export const alertScope = z.object({
  alert: z.object({
    title: z.string(),
    severity: AlertSeverity,
    service: z.string(),
    environment: z.string(),
    source: z.string(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
  }),
});
export type SeenAlert = z.output<typeof alertScope>;

export const variablesOf = (scope: Scope): string[] => Object.keys(scope.shape);
