/** Who is to do it, for people. */
export const assigneeText = (assignee: { person: string } | { team: string }): string =>
  'person' in assignee ? assignee.person : `team ${assignee.team}`;
