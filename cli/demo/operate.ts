import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenedPlan } from '../../api/declaration.ts';
import type { OrderedRoutine } from '../../api/routes/routine/ask.ts';
import type { ShownService } from '../../api/routes/service.ts';
import type { ShownSupplier } from '../../api/routes/supplier.ts';
import { route } from '../api.ts';
import { actForPeople } from './people.ts';
import type { ShownPlan } from '../plan-view.ts';
import type { Stage } from './incident.ts';

const pollMs = 100;
const withinMs = 40_000;

type Scene = Pick<Stage, 'people' | 'say' | 'signal'>;

/** What opens plans beside deployments: a routine, a supplier and a service that goes live, each in a line. */
export const playOperate = async (scene: Scene): Promise<{ stage: string }> => {
  const { people, say } = scene;
  const cid = people.get('cid')!;
  const quiet = { ...scene, say: () => {} };

  const { accepted } = await cid.command<OrderedRoutine>('/v1/routines/runbook-drill/runs', {});
  const drill = await follow(await planOf(accepted, scene), quiet, ({ status }) => status === 'completed');
  say(
    `a routine: the runbook drill of ${drill.service} is run before its time, done by ${doneBy(drill)}, and is on record`,
  );

  const onboarding = await cid.command<OpenedPlan>('/v1/suppliers/card-network/onboarding', {});
  const onboarded = await follow(
    await planOf(onboarding.accepted, scene),
    quiet,
    ({ status }) => status === 'completed',
  );
  const { lifecycle } = await cid.get<ShownSupplier>('/v1/suppliers/card-network');
  say(
    `a supplier: card-network is ${lifecycle.stage}, with its record complete and the joint test done by ${doneBy(onboarded)}`,
  );

  const transition = { kind: 'go-live', service: 'checkout', environment: 'production' };
  const goLive = await cid.command<OpenedPlan>('/v1/transitions', transition);
  const isWatched = ({ record }: ShownPlan): boolean =>
    record?.activities.some(({ kind, detail }) => kind === 'hypercare' && detail !== undefined) === true;
  const live = await follow(await planOf(goLive.accepted, scene), quiet, isWatched);
  const hypercare = live.record?.activities.find(({ kind }) => kind === 'hypercare');
  const service = await cid.get<ShownService>('/v1/services/checkout');
  say(`a transition: checkout is in ${service.lifecycle.stage} for two weeks, ${hypercare?.detail}`);
  return service.lifecycle;
};

const planOf = async (accepted: string, { people, signal }: Scene): Promise<string> => {
  const ana = people.get('ana')!;
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(pollMs, undefined, { signal })) {
    const { verdict } = await ana.get<{ verdict: { records?: string[]; reason?: string } | null }>(
      route`/v1/inbox/${accepted}`,
    );
    const record = verdict?.records?.[0];
    if (record !== undefined) return record.replace('plan/', '');
    if (verdict?.reason !== undefined) throw new Error(`no plan was opened: ${verdict.reason}`);
  }
  throw new Error(`no plan was opened within ${withinMs / 1_000} s`);
};

const follow = async (
  id: string,
  { people, say, signal }: Scene,
  fits: (plan: ShownPlan) => boolean,
): Promise<ShownPlan> => {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(pollMs, undefined, { signal })) {
    const plan = await people.get('ana')!.get<ShownPlan>(route`/v1/operation-plans/${id}`);
    if (fits(plan)) return plan;
    if (plan.record?.endedAt !== undefined) throw new Error(`plan ${id} was ${plan.status}: ${plan.record.outcome}`);
    await actForPeople(plan, people, say);
  }
  throw new Error(`plan ${id} did not come so far within ${withinMs / 1_000} s`);
};

const doneBy = ({ record }: ShownPlan): string => record?.tasks.at(-1)?.closedBy?.name ?? 'nobody';
