-- Pages are sent before anything else, and each lane (a channel) has a room of its own.
alter table outbox drop constraint outbox_kind_check, drop constraint outbox_state_check;
alter table outbox
  add constraint outbox_kind_check check (kind in ('email', 'webhook', 'slack', 'teams', 'pagerduty', 'gateway', 'http', 'command')),
  -- What nobody needs any more is dropped.
  add constraint outbox_state_check check (state in ('pending', 'sent', 'failed', 'dropped')),
  add column lane text not null generated always as (kind || coalesce(' ' || (payload ->> 'channel'), '')) stored,
  -- 1 to 5 of a page, by its severity; 9 of everything else.
  add column urgency smallint not null generated always as (
    case when kind in ('http', 'command') or not payload ? 'page' then 9
      else coalesce(substring(payload #>> '{page,severity}' from '^SEV-([1-5])$')::smallint, 5) end) stored,
  -- The person's turn that a page belongs to, and which of their contacts it is.
  add column page_turn text generated always as (payload #>> '{page,turn}') stored,
  add column page_place integer generated always as ((payload #>> '{page,place}')::integer) stored,
  -- Whose budget a page comes from.
  add column page_contact text generated always as (payload #>> '{page,contact}') stored,
  -- Since when it may be sent: it has its part of the budget, and is tried from then on.
  add column admitted_at timestamptz,
  add column is_held_back boolean not null default false,
  -- The page that carries this one in its digest.
  add column digest_of text,
  -- Claimed, and how that ended is not recorded: whoever claims it again may repeat it.
  add column is_under_way boolean not null default false,
  add column may_be_repeat boolean not null default false;

drop index outbox_due;
create index outbox_due on outbox (urgency, due_at)
  where state = 'pending' and kind not in ('http', 'command') and digest_of is null;
create index outbox_page_turn on outbox (page_turn) where page_turn is not null;
create index outbox_page_contact on outbox (page_contact) where state = 'pending' and page_contact is not null;
create index outbox_digest on outbox (digest_of) where digest_of is not null;

-- What each contact may still be sent: a token bucket, as the time at which it is full again.
create table page_budget (
  contact  text primary key,
  full_at  timestamptz not null
);
