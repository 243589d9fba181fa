import { onlyAboutItself, onlyRecord } from '../../activities/authorization.ts';
import { circumstancesAt, documentAt } from '../../domain/circumstances.ts';
import type { WorldPorts } from '../../activities/index.ts';
import type { RecordKind, RecordKinds } from '../../activities/record-kind.ts';
import type { LedgerEntry } from '../../domain/audit.ts';
import { digestOf } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { idOf } from '../../domain/identifiers.ts';
import type { SavedBy } from '../../domain/ports.ts';
import type { Database } from '../../storage/database.ts';
import { createRecordStore, saveRecord } from '../../storage/record.ts';
import { drillReference, drillWorkflowIdOf } from './drill.messages.ts';
import { isOver } from './drill.rules.ts';
import { Drill } from './drill.ts';

/** What a drill answers to what hangs on it. Its runbook and its policy have fixed names. */
export const createDrillKind = (db: Database, { catalogue }: WorldPorts): RecordKind => {
  const known = async (id: string): Promise<Drill> => {
    const row = await createRecordStore(db).find(drillReference(id));
    if (!row?.state) throw new DomainError('not-found', `there is no drill ${id}`);
    return Drill.parse(row.state);
  };
  const runbook = async (id: string) => documentAt(catalogue, 'Runbook', 'drill', (await known(id)).catalogueRevision);
  const stepOf: RecordKind['stepOf'] = async (id, { step: name }) => {
    const step = (await runbook(id)).steps.find((candidate) => candidate.name === name);
    if (!step || step.kind === 'parallel') throw new DomainError('not-found', `a drill has no step ${name}`);
    const { service, environment, catalogueRevision: revision } = await known(id);
    const place = { belongsTo: drillReference(id), service, environment, revision };
    return { step, circumstances: await circumstancesAt(catalogue, place), digest: digestOf([id, name]) };
  };
  return {
    workflowIdOf: drillWorkflowIdOf,
    titleOf: async (id) => `the drill of ${(await known(id)).service}`,
    factsOf: () => Promise.resolve([]),
    audienceOf: () => Promise.resolve(undefined),
    runbookOf: async (id) => ({ name: 'drill', steps: (await runbook(id)).steps }),
    stepOf,
    async authorize(reference) {
      const id = idOf(reference.belongsTo);
      const { approval } = await known(id);
      if (approval?.status !== 'approved') throw new DomainError('not-allowed', `drill ${id} is not approved`);
      return stepOf(id, reference);
    },
    async questionOf(id) {
      const { catalogueRevision } = await known(id);
      const policy = await documentAt(catalogue, 'ApprovalPolicy', 'second-person', catalogueRevision);
      return { digest: digestOf(id), question: `Hold drill ${id}?`, policy };
    },
    async concernedBy(id) {
      const { team, requester } = await known(id);
      return { team, requester, editors: [], executors: [] };
    },
    joinedTo: () => Promise.resolve({ triggeredBy: [], executors: [] }),
    async reportOf(id) {
      const { status, team, catalogueRevision } = await known(id);
      const about = { title: `Drill ${id}: ${status}`, markdown: `# Drill ${id}\n\n${status}\n`, data: { id, status } };
      return {
        ...about,
        event: 'evenkeel.drill',
        path: `/v1/drills/${id}`,
        status,
        team,
        stakeholders: [],
        catalogueRevision,
      };
    },
    heardOfRun: () => Promise.resolve(),
    briefOf: () => Promise.resolve([]),
    noticeOf: (_, said) => Promise.reject(new DomainError('invalid', `a drill has no notice ${said.reason}`)),
    breakOff: () => Promise.resolve(undefined),
  };
};

export const createDrillActivities = (db: Database, kinds: RecordKinds) => ({
  async saveDrill(state: Drill, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined> {
    const reference = drillReference(state.id);
    onlyRecord({ kinds }, reference);
    onlyAboutItself(state, { belongsTo: reference, subject: reference }, entries, by);
    return saveRecord(db, { reference, team: state.team, state, isOver: isOver(state), entries, by });
  },
});
export type DrillActivities = ReturnType<typeof createDrillActivities>;
