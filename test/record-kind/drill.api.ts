import { z } from 'zod';
import { asCommand } from '../../api/commands.ts';
import type { Context } from '../../api/context.ts';
import { operation, type Untagged } from '../../api/operation.ts';
import type { RecordView } from '../../api/record-view.ts';
import { DomainError } from '../../domain/errors.ts';
import { createRecordStore } from '../../storage/record.ts';
import { drillReference, drillUpdates } from './drill.messages.ts';
import { DrillAsk } from './drill.ts';

/** What differs for drills where people ask for them. */
export const drillView: RecordView = {
  plural: 'drills',
  name: 'Drill',
  async visible({ stores }, id, access, role = 'viewer') {
    const row = await stores.records.find(drillReference(id));
    if (!row) throw new DomainError('not-found', `there is no drill ${id}`);
    access.demand(role, row.team, `drill ${id}`);
    return row;
  },
  executors: () => Promise.resolve([]),
  plannedStart: () => Promise.resolve(undefined),
  ordered: () => Promise.resolve(undefined),
  exported: async (tx, id) => ({ state: (await createRecordStore(tx).find(drillReference(id)))?.state ?? null }),
};

const ById = z.strictObject({ id: z.string().max(100) });

/** The list of drills, and a route for each thing that may be asked of one. */
export const drillOperations = (context: Context): Untagged[] => [
  operation({
    id: 'listDrills',
    route: 'GET /v1/drills',
    summary: 'Lists the drills of your teams',
    role: 'viewer',
    answer: { status: 200, description: 'A page' },
    async handle({ access }) {
      const rows = await context.stores.records.list({ kind: 'drill', teams: access.teamsWith('viewer'), limit: 50 });
      return { status: 200, body: { items: rows.map(({ reference, status }) => ({ reference, status })) } };
    },
  }),
  ...DrillAsk.options.map((schema) => {
    const type = schema.shape.type.value;
    return operation({
      id: drillUpdates[type],
      route: `POST /v1/drills/{id}/${type}`,
      summary: type,
      role: 'operator',
      params: ById,
      body: (schema as z.ZodObject).omit({ type: true }),
      ...asCommand,
      async handle({ params, body, access, headers }) {
        const { reference, workflowId, team } = await drillView.visible(context, params.id, access, 'operator');
        const ask = DrillAsk.parse({ ...(body as object), type });
        const to = { belongsTo: reference, target: workflowId, name: drillUpdates[type], team };
        return context.commands.submit({ ...to, ask }, { access, headers });
      },
    });
  }),
];
