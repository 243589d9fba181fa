/** The HTTP API as one person sees it. */
export type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** Calls the API with a token. Throws what the API said when it refuses. */
export const speaker =
  (url: string, token: string): Ask =>
  async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };

/** What the demo reads of a plan. */
export interface PlanView {
  id: string;
  status: string;
  record: {
    status: string;
    readiness?: { verdict: string };
    activities: { name: string; status: string }[];
    assignments: { seat: string; person?: string; status: string }[];
    approval?: { id: string; status: string };
    tasks: { id: string; title: string; status: string; form: { field: string; type: string }[] }[];
    outcome?: string;
    endedAt?: string;
  } | null;
}

interface ApprovalView {
  id: string;
  digest: string;
  status: string;
  requester: string;
  stage: number;
  stages: { eligible: string[] }[];
}

/** Plays everybody of the example: whoever is asked accepts, approves what is asked, and completes tasks. */
export async function playPeople(
  plan: PlanView,
  people: ReadonlyMap<string, Ask>,
  say: (line: string) => void,
): Promise<void> {
  const { record } = plan;
  if (!record) return;
  for (const { seat, person, status } of record.assignments) {
    if (status !== 'asked' || person === undefined) continue;
    await people.get(person)!('POST', `/v1/operation-plans/${plan.id}/accept`, { seat });
    say(`${person} accepts the seat ${seat}`);
  }
  if (record.approval?.status === 'open') await approve(record.approval.id, people, say);
  for (const task of record.tasks.filter(({ status }) => status === 'open')) await complete(task, people, say);
}

const approve = async (id: string, people: ReadonlyMap<string, Ask>, say: (line: string) => void): Promise<void> => {
  const [anybody] = people.values();
  const approval = await anybody!<ApprovalView>('GET', `/v1/approvals/${id}`);
  const voter = approval.stages[approval.stage]?.eligible.find((name) => people.has(name));
  if (approval.status !== 'open' || voter === undefined) return;
  await people.get(voter)!('POST', `/v1/approvals/${id}/votes`, {
    decision: 'approve',
    digest: approval.digest,
    reason: 'The checks look good',
  });
  say(`${voter} approves digest ${approval.digest.slice(0, 12)}…, asked by ${approval.requester}`);
};

type TaskView = NonNullable<PlanView['record']>['tasks'][number];

const complete = async (
  { id, title, form }: TaskView,
  people: ReadonlyMap<string, Ask>,
  say: (line: string) => void,
): Promise<void> => {
  const answers = Object.fromEntries(
    form.map(({ field, type }) => [field, type === 'boolean' ? true : type === 'number' ? 1 : 'seen in the demo']),
  );
  for (const [name, ask] of people) {
    const isDone = await ask('POST', `/v1/tasks/${encodeURIComponent(id)}/complete`, { answers }).then(
      () => true,
      () => false,
    );
    if (!isDone) continue;
    say(`${name} completes the task: ${title}`);
    return;
  }
};
