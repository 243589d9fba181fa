import type { Export, History, Vote } from './export.ts';
import {
  canonical,
  carried,
  type Entry,
  type Finding,
  held,
  keyed,
  type Ledger,
  listed,
  type Part,
  problem,
  saved,
  unbound,
} from './ledger.ts';
import { partsOfIncident } from './incident.ts';
import { partsOfPlan } from './plan.ts';

/** What of the readable parts of an export its ledger carries. */
export interface Bound {
  bound: string[];
  /** Parts, or things in them, that nothing proves, each with the reason. */
  unbound: string[];
  /** Of each part the first thing that the ledger does not say, or says otherwise. */
  problems: string[];
}

const ofState: Part = ({ state }, ledger) => (state ? saved(ledger.record, state, ledger) : unbound('not there yet'));

/** What the export of each kind of record has of its own, by the word that its references begin with. */
export const ownParts: Record<string, Record<string, Part>> = {
  plan: partsOfPlan,
  incident: partsOfIncident,
  problem: { state: ofState },
};

/** What every export has besides its parts. */
const frame = 'format exportedAt record ledger proof checkpoints publicKey signature historiesToCome'.split(' ');

/** Parts that no export has. */
export const strangersIn = (file: Export): string[] => {
  const known = [...frame, ...Object.keys(partsOf(file)), ...Object.keys(hanging)];
  return Object.keys(file).flatMap((name) => (known.includes(name) ? [] : [`${name}: no export has such a part`]));
};

const partsOf = ({ record }: Export): Record<string, Part> =>
  ownParts[record.slice(0, record.indexOf('/'))] ?? { state: ofState };

/** Holds every readable part against the entries of the record, in both directions. */
export function bindToLedger(file: Export, all: readonly Entry[]): Bound {
  const { record } = file;
  const ledger = { record, entries: all.filter((entry) => entry.belongsTo === record) };
  const found = Object.entries({ ...partsOf(file), ...hanging }).map(([name, look]) => {
    const { problem: problems = [], unbound: loose = [] } = Object.groupBy(look(file, ledger), ({ kind }) => kind);
    return { name, problems, loose };
  });
  const forged = beyondCommands(ledger);
  return {
    bound: found.flatMap(({ name, problems, loose }) => (problems.length + loose.length === 0 ? [name] : [])),
    unbound: found.flatMap(({ name, loose }) => counted(loose).map((text) => `${name}: ${text}`)),
    problems: [
      ...(forged === undefined
        ? []
        : [`${record}: ${forged} did more, says the ledger, than commands of theirs were accepted`]),
      ...found.flatMap(({ name, problems: [first] }) => (first ? [`${name}: ${first.text}`] : [])),
    ],
  };
}

const counted = (findings: readonly Finding[]): string[] =>
  Object.entries(Object.groupBy(findings, ({ text }) => text)).map(([text, same = []]) => `${same.length} ${text}`);

/** Somebody in whose name more was done to the record and its runs than they asked for: a message that did not come this way. */
const beyondCommands = ({ record, entries }: Ledger): string | undefined => {
  const left = new Map<string, number>();
  const accepted = `${record.split('/')[0]}.accepted`;
  for (const { action, subject, belongsTo, actor } of entries) {
    const isDeed = (subject === belongsTo || subject.startsWith('run/')) && action !== accepted;
    const count =
      Number(action === 'command.accepted') -
      Number(action === 'command.refused') -
      Number(isDeed && actor.type !== 'system');
    const name = `${actor.type} ${actor.name}`;
    left.set(name, (left.get(name) ?? 0) + count);
  }
  return [...left].find(([, commands]) => commands < 0)?.[0];
};

const approvals = listed(
  'approval',
  (file) => (file.approvals ?? []).map((approval) => [approval.id, approval]),
  (id, approval, { entries }) => {
    const changes = entries.filter(
      ({ subject, action }) => subject === `approval/${id}` && action !== 'approval.vote-refused',
    );
    const wrong = wrongVote(approval.votes, changes);
    return wrong === undefined ? held(id, approval, changes.at(-1)) : problem(`${id}: ${wrong}`);
  },
);

const wrongVote = (votes: readonly Vote[], changes: readonly Entry[]): string | undefined => {
  const given = votes.map(({ seat, voter, decision, reason, digest, at }) => ({
    voter,
    text: canonical([voter, decision, digest, reason, at, seat]),
  }));
  const noted = changes
    .filter(({ action }) => action.startsWith('approval.vote-'))
    .map(({ action, actor: { name: voter }, reason = '', detail, at }) => ({
      voter,
      text: canonical([voter, action.slice(14), detail?.['digest'], reason, at, detail?.['onBehalfOf'] ?? voter]),
    }));
  const stranger = given.find(({ text }) => !noted.some((entry) => entry.text === text));
  if (stranger) return `the vote of ${stranger.voter} is not as the ledger has it`;
  const lost = noted.find(({ text }) => !given.some((vote) => vote.text === text));
  return lost && `the vote of ${lost.voter} is in the ledger and not in the file`;
};

const runs = listed(
  'run',
  (file) => (file.runs ?? []).map((run) => [run.id, run]),
  (id, run, ledger) => {
    const steps = ledger.entries.filter(({ subject, action }) => subject === `run/${id}` && action.startsWith('step.'));
    const wrong = run.steps.find(({ name, status }) => {
      const last = steps.findLast(({ detail }) => detail?.['step'] === name)?.action.slice(5);
      return last !== undefined && last !== status && !(ordered[last] ?? []).includes(status);
    });
    if (wrong) return problem(`${run.workflowId}: step ${wrong.name} is not as the ledger has it`);
    return saved(run.workflowId, run, ledger);
  },
);

/** Steps that are said to be done and of which the target was asked nothing. What undoes has been done by another run. */
const stepsWithoutEffect: Part = ({ runs: carriedOut = [], effects: sent = [] }) =>
  carriedOut
    .filter(({ purpose }) => purpose !== 'undo-steps')
    .flatMap(({ workflowId, steps }) =>
      steps
        .filter(({ kind, status }) => status === 'done' && (kind === 'http' || kind === 'command'))
        .filter(
          ({ name }) => !sent.some(({ key, state }) => state === 'sent' && isTryOf(`${workflowId}/${name}/`, key)),
        )
        .flatMap(({ name }) => problem(`${workflowId}: step ${name} is done, and the file has no effect of it`)),
    );

const isTryOf = (start: string, key: string): boolean =>
  key.startsWith(start) && /^\d+(\/attempt-\d+)?$/.test(key.slice(start.length));

/** What a step becomes that somebody orders something for. */
const ordered: Record<string, string[]> = { retried: ['planned', 'done'], skipped: ['skipped', 'left'] };

const effects = listed(
  'effect',
  (file) => (file.effects ?? []).map((effect) => [effect.key, effect]),
  (key, effect, ledger) => {
    const { kind, state, result } = effect;
    const entry = keyed(ledger, `effect/${key}`);
    if (!entry && state === 'pending') return unbound('not sent yet');
    const isOther =
      entry?.action !== `effect.${state}` ||
      entry.detail?.['kind'] !== kind ||
      entry.detail['detail'] !== result?.detail;
    if (entry && isOther) return problem(`${key}: how it ended is not as the ledger has it`);
    return held(key, effect, entry);
  },
);

const reports = listed(
  'report',
  ({ record, reports: made = [] }) => made.map((report) => [`${record}/${report.kind}/${report.number}`, report]),
  (name, report, ledger) => held(name, report, keyed(ledger, `report/${name}`)),
);

/** Whether a history has this digest is looked at elsewhere; here, whether it had it when it was archived. */
const histories = listed(
  'history',
  (file) => file.histories.map((history) => [`${history.workflowId}/${history.runId}`, history]),
  (name, { sha256 }, ledger) => {
    const entry = keyed(ledger, `history/${name}`);
    if (entry && entry.detail?.['sha256'] !== sha256) return problem(`${name}: it is not as the ledger has it`);
    return carried(name, entry);
  },
);

/** The history of the record itself, whose last run is the one that did not go on in another. */
const ownHistory: Part = ({ histories: archived, plan, incident, state }) => {
  const record = plan ?? incident ?? state;
  const isWhole = archived.some((kept) => kept.workflowId === record?.workflowId && !isContinued(kept));
  return record && !isWhole ? unbound('of the record, not archived yet') : [];
};

const isContinued = ({ history: { events } }: History): boolean =>
  events?.at(-1)?.['workflowExecutionContinuedAsNewEventAttributes'] !== undefined;

/** What hangs on every record. */
const hanging: Record<string, Part> = {
  approvals,
  runs: (file, ledger) => [...stepsWithoutEffect(file, ledger), ...runs(file, ledger)],
  effects,
  reports,
  histories: (file, ledger) => [...ownHistory(file, ledger), ...histories(file, ledger)],
};
