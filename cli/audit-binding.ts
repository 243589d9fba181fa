import type { Export, History, Vote } from './audit-file.ts';
import {
  canonical,
  carried,
  type Entry,
  type Finding,
  held,
  keyed,
  missing,
  type Part,
  saved,
  subjectsOf,
} from './audit-ledger.ts';
import { partsOfPlan } from './audit-plan.ts';

/** What of the readable parts of an export its ledger carries. */
export interface Bound {
  bound: string[];
  /** Parts, or things in them, that nothing proves, each with the reason. */
  unbound: string[];
  /** Of each part the first thing that the ledger does not say, or says otherwise. */
  problems: string[];
}

/** What a record of a kind has of its own: a kind that is not named here has its state alone. */
const ownParts: Record<string, Record<string, Part>> = { plan: partsOfPlan };

/** Holds every readable part against the entries of the record, in both directions. */
export function bindToLedger(file: Export, all: readonly Entry[]): Bound {
  const { record } = file;
  const ledger = { record, entries: all.filter((entry) => entry.belongsTo === record) };
  const own = ownParts[record.slice(0, record.indexOf('/'))] ?? { state: ofState };
  const found = Object.entries({ ...own, ...hanging }).map(([name, look]) => ({ name, findings: look(file, ledger) }));
  const forged = beyondCommands(ledger.entries);
  const named =
    forged === undefined
      ? []
      : [`${record}: ${forged} did more, says the ledger, than commands of theirs were accepted`];
  return {
    bound: found.flatMap(({ name, findings }) => (findings.length === 0 ? [name] : [])),
    unbound: found.flatMap(({ name, findings }) => counted(findings).map((text) => `${name}: ${text}`)),
    problems: [
      ...named,
      ...found.flatMap(({ name, findings }) =>
        findings.flatMap((finding) => ('problem' in finding ? [`${name}: ${finding.problem}`] : [])).slice(0, 1),
      ),
    ],
  };
}

const counted = (findings: readonly Finding[]): string[] => {
  const reasons = findings.flatMap((finding) => ('unbound' in finding ? [finding.unbound] : []));
  return [...new Set(reasons)].map((reason) => `${reasons.filter((other) => other === reason).length} ${reason}`);
};

const ofState: Part = ({ state }, ledger) =>
  state ? saved(ledger.record, state, ledger) : [{ unbound: 'not there yet' }];

/** Somebody in whose name more was done to the record and its runs than they asked for: a message that did not come this way. */
const beyondCommands = (entries: readonly Entry[]): string | undefined => {
  const left = new Map<string, number>();
  const nameOf = ({ actor }: Entry): string => `${actor.type} ${actor.name}`;
  const [first] = entries;
  const accepted = `${first?.belongsTo?.split('/')[0] ?? ''}.accepted`;
  const count = (entry: Entry, by: number): void => void left.set(nameOf(entry), (left.get(nameOf(entry)) ?? 0) + by);
  for (const entry of entries) {
    if (entry.action === 'command.accepted') count(entry, 1);
    if (entry.action === 'command.refused') count(entry, -1);
    const isDeed = (entry.subject === entry.belongsTo || entry.subject.startsWith('run/')) && entry.action !== accepted;
    if (isDeed && entry.actor.type !== 'system') count(entry, -1);
  }
  return [...left].find(([, commands]) => commands < 0)?.[0];
};

const ofApprovals: Part = ({ approvals = [] }, ledger) => [
  ...missing(
    subjectsOf(ledger, 'approval'),
    approvals.map(({ id }) => id),
  ),
  ...approvals.flatMap((approval) => {
    const own = ledger.entries.filter(({ subject }) => subject === `approval/${approval.id}`);
    const changes = own.filter(({ action }) => action !== 'approval.vote-refused');
    const wrong = wrongVote(approval.votes, changes);
    if (wrong !== undefined) return [{ problem: `${approval.id}: ${wrong}` }];
    return held(approval.id, approval, changes.at(-1));
  }),
];

const wrongVote = (votes: readonly Vote[], changes: readonly Entry[]): string | undefined => {
  const given = votes.map(({ seat, voter, decision, reason, digest, at }) => ({
    text: canonical([voter, decision, digest, reason, at, seat]),
    by: `the vote of ${voter}`,
  }));
  const noted = changes.flatMap(({ action, actor, reason = '', detail, at }) =>
    action.startsWith('approval.vote-')
      ? {
          text: canonical([
            actor.name,
            action.slice(14),
            detail?.['digest'],
            reason,
            at,
            detail?.['onBehalfOf'] ?? actor.name,
          ]),
          by: `the vote of ${actor.name}`,
        }
      : [],
  );
  const stranger = given.find(({ text }) => !noted.some((entry) => entry.text === text));
  if (stranger) return `${stranger.by} is not as the ledger has it`;
  const lost = noted.find(({ text }) => !given.some((vote) => vote.text === text));
  return lost && `${lost.by} is in the ledger and not in the file`;
};

const ofRuns: Part = ({ runs = [] }, ledger) => [
  ...missing(
    subjectsOf(ledger, 'run'),
    runs.map(({ id }) => id),
  ),
  ...runs.flatMap((run) => {
    const steps = ledger.entries.filter(
      ({ subject, action }) => subject === `run/${run.id}` && action.startsWith('step.'),
    );
    const wrong = run.steps.find(({ name, status }) => {
      const last = steps.findLast(({ detail }) => detail?.['step'] === name)?.action.slice(5);
      return last !== undefined && last !== status && !(ordered[last] ?? []).includes(status);
    });
    if (wrong) return [{ problem: `${run.workflowId}: step ${wrong.name} is not as the ledger has it` }];
    return saved(run.workflowId, run, ledger);
  }),
];

/** What a step becomes that somebody orders something for. */
const ordered: Record<string, string[]> = { retried: ['planned', 'done'], skipped: ['skipped', 'left'] };

const ofEffects: Part = ({ effects = [] }, ledger) => [
  ...missing(
    subjectsOf(ledger, 'effect'),
    effects.map(({ key }) => key),
  ),
  ...effects.flatMap((effect): Finding[] => {
    const { key, kind, state, result } = effect;
    const entry = keyed(ledger, `effect/${key}`);
    if (!entry && state === 'pending') return [{ unbound: 'not sent yet' }];
    if (!entry) return [{ problem: `${key}: the ledger does not know it` }];
    const { action, detail } = entry;
    if (action !== `effect.${state}` || detail?.['kind'] !== kind || detail['detail'] !== result?.detail)
      return [{ problem: `${key}: how it ended is not as the ledger has it` }];
    return held(key, effect, entry);
  }),
];

const ofReports: Part = ({ reports = [] }, ledger) => {
  const named = reports.map((report) => ({ report, name: `${ledger.record}/${report.kind}/${report.number}` }));
  return [
    ...missing(
      subjectsOf(ledger, 'report'),
      named.map(({ name }) => name),
    ),
    ...named.flatMap(({ report, name }) => held(name, report, keyed(ledger, `report/${name}`))),
  ];
};

/** The run goes on in another one, which has to be there too. */
const isContinued = ({ history: { events } }: History): boolean =>
  events?.at(-1)?.['workflowExecutionContinuedAsNewEventAttributes'] !== undefined;

/** Whether a history has this digest is looked at elsewhere; here, whether it had it when it was archived. */
const ofHistories: Part = ({ histories, plan, state }, ledger) => {
  const record = plan ?? state;
  const named = histories.map((history) => ({ ...history, name: `${history.workflowId}/${history.runId}` }));
  const own = histories.some((kept) => kept.workflowId === record?.workflowId && !isContinued(kept));
  return [
    ...(record && !own ? [{ unbound: 'of the record, not archived yet' }] : []),
    ...missing(
      subjectsOf(ledger, 'history'),
      named.map(({ name }) => name),
    ),
    ...named.flatMap(({ name, sha256 }): Finding[] => {
      const entry = keyed(ledger, `history/${name}`);
      if (entry && entry.detail?.['sha256'] !== sha256) return [{ problem: `${name}: it is not as the ledger has it` }];
      return carried(name, entry);
    }),
  ];
};

/** What hangs on every record. */
const hanging: Record<string, Part> = {
  approvals: ofApprovals,
  runs: ofRuns,
  effects: ofEffects,
  reports: ofReports,
  histories: ofHistories,
};
