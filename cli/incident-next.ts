import type { ShownIncident } from '../api/routes/incident/reads.ts';

/** The commands that move it on from where it stands. */
export const nextSteps = (shown: ShownIncident): string[] => [...approvals(shown), ...stepsOf(shown)];

/** A runbook that asks runs as soon as somebody agrees. */
const approvals = ({ record }: ShownIncident): string[] =>
  (record?.runbooks ?? []).flatMap(({ status, approval }) =>
    status === 'asking' && approval !== undefined ? [`evenkeel approval show ${approval}`] : [],
  );

const stepsOf = ({ number, status, record }: ShownIncident): string[] => {
  const own = `evenkeel incident`;
  const isOpen = ['detected', 'triaged', 'investigating', 'mitigating'].includes(status);
  const acknowledge = isOpen && !record?.acknowledgement ? [`${own} acknowledge ${number}`] : [];
  switch (status) {
    case 'detected':
      return [...acknowledge, `${own} triage ${number} SERVICE`];
    case 'triaged':
      return [...acknowledge, `${own} cancel ${number} false-positive --reason "…"`];
    case 'investigating':
      return [
        ...acknowledge,
        `${own} mitigate ${number} STRATEGY`,
        `${own} cancel ${number} false-positive --reason "…"`,
      ];
    case 'mitigating':
      return [...acknowledge, `${own} restore ${number}`];
    case 'on-hold':
      return [`${own} resume ${number} --reason "…"`];
    case 'monitoring':
      return [`${own} resolve ${number} --solution "…"`];
    case 'resolved':
      return [
        `${own} request-review ${number} --reason "…"`,
        `${own} rate ${number} SCORE`,
        `${own} reopen ${number} --reason "…"`,
      ];
    case 'review':
      return record?.review?.status === 'in-review'
        ? [`${own} sign-review ${number}`, `${own} review ${number}`]
        : [`${own} review ${number}`];
    case 'closed':
      return (record?.review?.document.actions ?? []).flatMap(({ doneAt }, at) =>
        doneAt === undefined ? [`${own} complete-action ${number} ${at + 1} --note "…"`] : [],
      );
    default:
      return [];
  }
};
