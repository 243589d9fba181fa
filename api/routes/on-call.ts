import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { gapsOf, shiftsOf } from '../../domain/on-call.ts';
import { inOrder, instant, type ScheduleSpec } from '../../domain/schedule.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { allOf } from '../page.ts';

const dayMs = 86_400_000;
/** Who looks further asks again. */
const mostDays = 92;

const at = instant.optional().meta({ description: 'Now unless said' });
const OnCall = z.object({
  schedule: z.string(),
  at: z.string(),
  person: z.string().nullable(),
  layer: z.union([z.int(), z.literal('override')]).optional(),
  until: z.string().optional().meta({ description: 'When somebody else comes, where that is in the next 14 days' }),
});
export type OnCall = z.infer<typeof OnCall>;

const Shift = z.object({
  person: z.string(),
  from: z.string(),
  until: z.string(),
  layer: z.union([z.int().meta({ description: 'Counted from 1' }), z.literal('override')]),
});
export type Shift = z.infer<typeof Shift>;

const Gap = z.object({ schedule: z.string(), from: z.string(), until: z.string() });
export type Gap = z.infer<typeof Gap>;

const ByName = z.strictObject({ name: z.string().max(63) });
const Time = inOrder(z.strictObject({ from: instant, until: instant })).refine(
  ({ from, until }) => Date.parse(until) - Date.parse(from) <= mostDays * dayMs,
  { path: ['until'], error: `expected at most ${mostDays} days after from` },
);

const text = (instantMs: number): string => new Date(instantMs).toISOString();

const onCallIn = (schedule: string, spec: ScheduleSpec, instantMs: number): OnCall => {
  const horizon = instantMs + 14 * dayMs;
  const [shift] = shiftsOf(spec, instantMs, horizon);
  if (shift?.from !== instantMs) return { schedule, at: text(instantMs), person: null };
  const { person, layer, until } = shift;
  return { schedule, at: text(instantMs), person, layer, ...(until < horizon && { until: text(until) }) };
};

/** Who is on call, and when nobody is. Schedules are shared, so whoever sees anything sees them. */
export const onCallOperations = ({ stores: { schedules } }: Context): Untagged[] => {
  const found = async (name: string): Promise<ScheduleSpec> => {
    const spec = await schedules.find(name);
    if (!spec) throw new DomainError('not-found', `there is no schedule ${name}`);
    return spec;
  };
  const instantIn = (query: { at?: string | undefined }): number =>
    query.at === undefined ? Date.now() : Date.parse(query.at);

  return [
    operation({
      id: 'listOnCall',
      route: 'GET /v1/on-call',
      summary: 'Shows who is on call in each schedule, now or at an instant',
      role: 'viewer',
      query: z.strictObject({ at }),
      answer: allOf('Every schedule', OnCall),
      async handle({ query }) {
        const documents = await schedules.list();
        return { body: { items: documents.map(({ name, spec }) => onCallIn(name, spec, instantIn(query))) } };
      },
    }),
    operation({
      id: 'showOnCall',
      route: 'GET /v1/schedules/{name}/on-call',
      summary: 'Shows who is on call in a schedule, now or at an instant',
      role: 'viewer',
      params: ByName,
      query: z.strictObject({ at }),
      answer: { status: 200, description: 'Who is on call, if anybody is', schema: OnCall },
      handle: async ({ params: { name }, query }) => ({
        body: onCallIn(name, await found(name), instantIn(query)),
      }),
    }),
    operation({
      id: 'listShifts',
      route: 'GET /v1/schedules/{name}/shifts',
      summary: `Lists the shifts of a schedule in a time of at most ${mostDays} days`,
      role: 'viewer',
      params: ByName,
      query: Time,
      answer: allOf('The shifts, in order and clipped to the time', Shift),
      async handle({ params: { name }, query: { from, until } }) {
        const shifts = shiftsOf(await found(name), Date.parse(from), Date.parse(until));
        const items = shifts.map((shift) => ({ ...shift, from: text(shift.from), until: text(shift.until) }));
        return { body: { items } };
      },
    }),
    operation({
      id: 'listGaps',
      route: 'GET /v1/on-call/gaps',
      summary: 'Lists the times to come in which nobody is on call, of all schedules',
      role: 'viewer',
      query: z.strictObject({ days: z.coerce.number().int().min(1).max(mostDays).default(14) }),
      answer: allOf('The gaps by schedule, in order', Gap),
      async handle({ query: { days } }) {
        const from = Date.now();
        const items = (await schedules.list()).flatMap(({ name, spec }) =>
          gapsOf(spec, from, from + days * dayMs).map((gap) => ({
            schedule: name,
            from: text(gap.from),
            until: text(gap.until),
          })),
        );
        return { body: { items } };
      },
    }),
  ];
};
