import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { ApprovalId } from '../domain/id.ts';
import { Approval, type Vote } from '../domain/approval.ts';
import { isStillCarried } from '../domain/approval/lifecycle.rules.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import { sha256 } from '../domain/digest.ts';
import { signalOf } from '../domain/inbox.ts';
import type { ApprovalStore } from '../domain/ports.ts';
import type { Reference } from '../domain/reference.ts';
import type { Database } from './database.ts';
import type { InboxStore } from './inbox.ts';
import { append, boundTo } from './ledger.ts';
import { type Listed, listed, readStored } from './stored.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from './page.ts';

export interface ApprovalFilter extends TeamsPage {
  /** Also those that ask this person, whatever the team. */
  asked?: string | undefined;
  belongsTo?: Reference | undefined;
  status?: string | undefined;
}

export interface ApprovalStorage extends ApprovalStore {
  list(filter: ApprovalFilter): Promise<Listed<Approval>>;
  /** Writes into the ledger that somebody tried and was refused. */
  noteRefusal(id: ApprovalId, entry: Omit<LedgerEntry, 'key'>): Promise<void>;
}

/** Approvals in PostgreSQL, decided there under the row lock. What people decide is told to the waiting workflow. */
export const createApprovalStore = (db: Database, inbox: Pick<InboxStore, 'acceptWithin'>): ApprovalStorage => {
  const locked = async (
    tx: Database,
    id: ApprovalId,
  ): Promise<{ approval: Approval; workflowId: string } | undefined> => {
    const { rows } = await sql<Row & { workflowId: string }>`
      select id, record, workflow_id from approval where id = ${id} for update`.execute(tx);
    const [row] = await withVotes(tx, rows);
    return row && { approval: approvalIn(row), workflowId: row.workflowId };
  };

  return {
    async find(id) {
      const { rows } = await sql<Row>`select id, record from approval where id = ${id}`.execute(db);
      return (await withVotes(db, rows)).map(approvalIn)[0];
    },
    open: (approval, workflowId) =>
      db.transaction().execute(async (tx) => {
        const { id, belongsTo, team, status, digest, subject, stages, requester, triggeredBy, openedAt, deadlineAt } =
          approval;
        await sql`
          insert into approval (id, belongs_to, team, workflow_id, status, digest, record, opened_at, deadline_at)
          values (${id}, ${belongsTo}, ${team}, ${workflowId}, ${status}, ${digest}, ${JSON.stringify(approval)}::jsonb, ${openedAt}, ${deadlineAt})
          on conflict (id) do nothing`.execute(tx);
        const entry: LedgerEntry = {
          key: `approval/${id}/opened`,
          at: openedAt,
          actor: evenkeel,
          action: 'approval.opened',
          subject: `approval/${id}`,
          belongsTo,
          detail: { digest, subject, stages, requester, ...(triggeredBy ? { triggeredBy } : {}) },
        };
        await append(tx, boundTo(approval, [entry]));
        return (await locked(tx, id))!.approval;
      }),
    async of(record) {
      const { rows } = await sql<Row>`
        select id, record from approval where belongs_to = ${record} order by opened_at, id`.execute(db);
      return (await withVotes(db, rows)).map(approvalIn);
    },
    async list({ teams, asked, belongsTo, status, after, limit }) {
      const seat = asked === undefined ? null : JSON.stringify({ stages: [{ eligible: [asked] }] });
      const { rows } = await sql<Row & { openedAt: string }>`
        select id, record, opened_at from approval
        where (${isOfTeams(teams)} or record @> ${seat}::jsonb)
          and ${is('belongs_to', belongsTo)} and ${is('status', status)} and ${isBehind(after, sql`opened_at`, sql`id`)}
        order by opened_at desc, id desc limit ${limit}`.execute(db);
      const found = await withVotes(db, rows);
      return listed(found, limit, approvalIn, ({ openedAt, id }) => ({ at: openedAt, id }));
    },
    async noteRefusal(id, entry) {
      await append(db, { ...entry, key: `approval/${id}/refused/${randomUUID()}` });
    },
    change: (id, entry, change) =>
      db.transaction().execute(async (tx) => {
        const held = await locked(tx, id);
        if (!held) throw new Error(`there is no approval ${id}`);
        const { approval: before, workflowId } = held;
        const after = change(before);
        if (after === before) return before;
        const added = after.votes.slice(before.votes.length);
        for (const { stage, seat, voter, decision, reason, digest, channel, at } of added)
          await sql`
            insert into approval_vote (approval, stage, seat, voter, decision, reason, digest, channel, at)
            values (${id}, ${stage}, ${seat}, ${voter}, ${decision}, ${reason}, ${digest}, ${channel}, ${at})`.execute(
            tx,
          );
        await update(tx, after);
        const key = `approval/${id}/${entry.action}/${sha256(JSON.stringify([after.status, after.stage, after.deadlineAt, added])).slice(0, 16)}`;
        await append(tx, boundTo(asRead(after), [{ ...entry, key }]));
        // What its workflow did itself is no news for it.
        const isByPerson = entry.actor.type !== 'system';
        if (isByPerson && (after.status !== before.status || after.stage !== before.stage)) {
          const { belongsTo, team } = after;
          const told = {
            source: 'approval',
            dedupKey: `${id}/${after.stage}/${after.status}`,
            name: 'approvalDecided',
          };
          await inbox.acceptWithin(tx, signalOf({ ...told, target: workflowId, belongsTo, team }, { approval: id }));
        }
        return after;
      }),
    consume: (id, { digest, by, at }, entitled) =>
      db.transaction().execute(async (tx) => {
        const approval = (await locked(tx, id))?.approval;
        if (!approval || approval.digest !== digest) return false;
        if (approval.status === 'consumed') return approval.consumedBy === by;
        if (approval.status !== 'approved' || !isStillCarried(approval, entitled)) return false;
        const consumed: Approval = { ...approval, status: 'consumed', consumedBy: by, consumedAt: at };
        await update(tx, consumed);
        const subject = `approval/${id}`;
        const entry = { at, actor: evenkeel, subject, belongsTo: approval.belongsTo, detail: { by, digest } };
        await append(tx, boundTo(consumed, [{ ...entry, key: `${subject}/consumed`, action: 'approval.consumed' }]));
        return true;
      }),
  };
};

interface Row {
  id: ApprovalId;
  record: object;
}

/** These rows, in their order, with their votes. */
const withVotes = async <Given extends Row>(
  db: Database,
  approvals: readonly Given[],
): Promise<(Given & { votes: Vote[] })[]> => {
  if (approvals.length === 0) return [];
  const { rows } = await sql<Vote & { approval: string }>`
    select approval, stage, seat, voter, decision, reason, digest, channel, at from approval_vote
    where approval = any(${approvals.map(({ id }) => id)}) order by at, seat collate "C"`.execute(db);
  return approvals.map((row) => ({
    ...row,
    votes: rows.flatMap(({ approval, ...vote }) => (approval === row.id ? [vote] : [])),
  }));
};

const approvalIn = ({ id, record, votes }: Row & { votes: Vote[] }): Approval =>
  readStored(Approval, { ...record, votes }, `approval ${id}`);

/** With the votes in the order in which they are read back: their times were taken before anybody held the row. */
const asRead = (approval: Approval): Approval => ({
  ...approval,
  votes: approval.votes.toSorted((a, b) => (`${a.at} ${a.seat}` < `${b.at} ${b.seat}` ? -1 : 1)),
});

const update = async (tx: Database, approval: Approval): Promise<void> => {
  await sql`
    update approval set status = ${approval.status}, record = ${JSON.stringify({ ...approval, votes: [] })}::jsonb,
      deadline_at = ${approval.deadlineAt}, consumed_by = ${approval.consumedBy ?? null} where id = ${approval.id}`.execute(
    tx,
  );
};
