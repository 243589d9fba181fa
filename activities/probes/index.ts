import { fill, fillUrl } from '../../domain/catalogue/placeholder.ts';
import type { Evidence, Finding } from '../../domain/evidence.ts';
import type { ReadinessCheck } from '../../domain/readiness.ts';
import { keepable } from '../../domain/text.ts';
import { evaluateRule } from '../../domain/rule.ts';
import { type Circumstances, placeholderValues, ruleContext } from '../../domain/circumstances.ts';
import type { ActivityPorts } from '../ports.ts';
import { unlessRefused } from '../refusal.ts';
import { probeHttp } from './http.ts';
import type { ProbeScene } from './probe.ts';
import { probePrometheus } from './prometheus.ts';
import { probeTls } from './tls.ts';

/** Check whose attestation counts; only checks of a checklist have one. */
type Attested = Pick<ReadinessCheck, 'id' | 'freshness'>;

/** Looks at one piece of evidence, whatever its kind. `at` in milliseconds. */
export async function lookAt(
  evidence: Evidence,
  { circumstances, check, at }: { circumstances: Circumstances; check?: Attested; at: number },
  { egress, secrets, readiness }: Pick<ActivityPorts, 'egress' | 'secrets' | 'readiness'>,
): Promise<Finding> {
  const values = placeholderValues(circumstances);
  const scene: ProbeScene = {
    circumstances,
    egress,
    secrets,
    at,
    fill: (text) => fill(text, values),
    fillUrl: (text) => fillUrl(text, values),
  };
  const found = await unlessRefused(
    () => look(evidence, scene, check, readiness),
    (detail) => ({ result: 'unknown' as const, detail }),
  );
  return { ...found, detail: keepable(found.detail, 1000), at: new Date(at).toISOString() };
}

const look = async (
  evidence: Evidence,
  scene: ProbeScene,
  check: Attested | undefined,
  readiness: ActivityPorts['readiness'],
): Promise<Omit<Finding, 'at'>> => {
  switch (evidence.kind) {
    case 'catalogue':
      return evaluateRule(evidence.rule, ruleContext(scene.circumstances))
        ? { result: 'pass', detail: evidence.rule }
        : { result: 'fail', detail: `not so: ${evidence.rule}` };
    case 'http':
      return probeHttp(evidence, scene);
    case 'tls':
      return probeTls(evidence, scene);
    case 'prometheus':
      return probePrometheus(evidence, scene);
    case 'attestation':
      return attested(evidence, scene, check, readiness);
  }
};

const attested = async (
  { statement, by }: Extract<Evidence, { kind: 'attestation' }>,
  { circumstances, at }: ProbeScene,
  check: Attested | undefined,
  readiness: ActivityPorts['readiness'],
): Promise<Omit<Finding, 'at'>> => {
  if (check === undefined) return { result: 'unknown', detail: 'only a check of a checklist can be attested' };
  const given = await readiness.attestation(circumstances.service.name, circumstances.environment.name, check.id, by);
  const how = `evenkeel readiness attest ${circumstances.service.name} ${circumstances.environment.name} ${check.id} --statement "…" --valid-for ${check.freshness ?? '30d'}`;
  const missing = `${by ?? 'nobody'} has ${by === undefined ? '' : 'not '}stated: ${statement} (${how})`;
  if (!given) return { result: 'unknown', detail: missing };
  const said = { expiresAt: given.expiresAt, by: given.by, link: given.link };
  return Date.parse(given.expiresAt) > at
    ? { result: 'pass', detail: `${given.by}: ${given.statement}`, ...said }
    : { result: 'stale', detail: `stated by ${given.by}, expired at ${given.expiresAt} (${how})`, ...said };
};
