import { z } from 'zod';

/** Ids of what people see and name; one of a kind is never taken for one of another. They are made in `identifiers.ts`. */
export const PlanId = z.string().max(200).brand<'PlanId'>();
export type PlanId = z.infer<typeof PlanId>;

export const RunId = z.string().max(400).brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;

export const TaskId = z.string().max(400).brand<'TaskId'>();
export type TaskId = z.infer<typeof TaskId>;

export const ApprovalId = z.string().max(400).brand<'ApprovalId'>();
export type ApprovalId = z.infer<typeof ApprovalId>;
