import { DomainError } from '../errors.ts';
import { readAs } from '../json.ts';
import { type ReviewAction, ReviewDocument } from './review.ts';

const texts = {
  overview: 'Overview',
  happened: 'What happened',
  impact: 'Impact',
  trigger: 'Trigger',
  detection: 'Detection',
  resolution: 'Resolution',
} as const;
const lists = {
  factors: 'Contributing factors',
  wentWell: 'What went well',
  wentBadly: 'What went badly',
  lucky: 'Where we were lucky',
} as const;
const actionsHeading = 'Actions';
const timelineHeading = 'Timeline';
const actionForm =
  '- what is to be done | owner: ana | due: 2026-12-15 | kind: prevent | priority: P1 | effect: what will show it';

/** A review as it was read, or as it is sent back. */
export interface WrittenReview {
  incident: number;
  /** The one that it was made from. */
  version: number;
  document: ReviewDocument;
}

/** The review as Markdown to be edited. The timeline is for reading: it is not taken back. */
export const reviewToMarkdown = (
  { incident, version, document }: WrittenReview,
  title: string,
  timeline: readonly string[],
): string => {
  const section = (heading: string, body: string): string => `## ${heading}\n\n${body === '' ? '' : `${body}\n`}`;
  const items = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
  return [
    `# Review of incident ${incident}: ${title}\n`,
    `Version: ${version}\n`,
    `Owner: ${document.owner ?? ''}\n`,
    ...Object.entries(texts).map(([field, heading]) => section(heading, document[field as keyof typeof texts])),
    ...Object.entries(lists).map(([field, heading]) => section(heading, items(document[field as keyof typeof lists]))),
    section(actionsHeading, [`<!-- ${actionForm} -->`, ...document.actions.map(actionLine)].join('\n')),
    section(timelineHeading, items(timeline)),
  ].join('\n');
};

const actionLine = ({ text, owner, dueOn, kind, priority, effect, reference }: ReviewAction): string =>
  [
    `- ${text}`,
    `owner: ${owner}`,
    `due: ${dueOn}`,
    `kind: ${kind}`,
    `priority: ${priority}`,
    `effect: ${effect}`,
    ...(reference === undefined ? [] : [`reference: ${reference}`]),
  ].join(' | ');

/** The review that an edited text says. Refuses, with the heading or the line, what it cannot take: nothing is left out. */
export const reviewFromMarkdown = (markdown: string): WrittenReview => {
  const [head = '', ...sections] = markdown
    .replaceAll('\r\n', '\n')
    .replaceAll(/<!--.*?-->/gs, '')
    .split(/^## +/m);
  const { owner, ...about } = headOf(head);
  const found = new Map<string, string>();
  for (const section of sections) {
    const [heading = '', ...body] = section.split('\n');
    const name = heading.trim().toLowerCase();
    if (found.has(name)) throw new DomainError('invalid', `the section "${heading.trim()}" is there twice`);
    found.set(name, body.join('\n').trim());
  }
  const taken = [...Object.values(texts), ...Object.values(lists), actionsHeading];
  const known = [...taken, timelineHeading].map((heading) => heading.toLowerCase());
  const stranger = [...found.keys()].find((heading) => !known.includes(heading));
  if (stranger !== undefined) throw new DomainError('invalid', `a review has no section "${stranger}"`);
  const missing = taken.find((heading) => !found.has(heading.toLowerCase()));
  if (missing !== undefined) throw new DomainError('invalid', `the section "## ${missing}" is missing`);
  const bodyOf = (heading: string): string => found.get(heading.toLowerCase()) ?? '';
  const document = {
    ...(owner === undefined ? {} : { owner }),
    ...Object.fromEntries(Object.entries(texts).map(([field, heading]) => [field, bodyOf(heading)])),
    ...Object.fromEntries(Object.entries(lists).map(([field, heading]) => [field, itemsIn(bodyOf(heading))])),
    actions: itemsIn(bodyOf(actionsHeading)).map(actionOf),
  };
  return { ...about, document: readAs(ReviewDocument, document) };
};

/** What stands above the first section: the title, the version and the owner, and nothing that would be lost. */
const headOf = (head: string): { incident: number; version: number; owner?: string } => {
  const lines = head.split('\n').map((each) => each.trim());
  const found: Record<string, string> = {};
  for (const text of lines.filter((each) => each !== '')) {
    const [, name, value] = /^(# Review of incident|Version:|Owner:) *(.*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined || name in found)
      throw new DomainError('invalid', `"${text.slice(0, 100)}" stands in no section`);
    found[name] = value;
  }
  const [incident, version] = ['# Review of incident', 'Version:'].map((name) => {
    const number = /^\d{1,15}\b/.exec(found[name] ?? '')?.[0];
    if (number === undefined) throw new DomainError('invalid', `the line "${name} <number>" is missing`);
    return Number(number);
  });
  const owner = found['Owner:'];
  return { incident: incident!, version: version!, ...(owner ? { owner } : {}) };
};

const itemsIn = (body: string): string[] =>
  body
    .split(/^[-*] +/m)
    .map((item) => item.replaceAll(/\s*\n\s*/g, ' ').trim())
    .filter((item) => item !== '');

const actionOf = (line: string): Record<string, string> => {
  const [text = '', ...parts] = line.split(/ +\| +/);
  const fields = parts.map((part) => {
    const [, name = '', value = ''] = /^(\w+): *(.*)$/.exec(part.trim()) ?? [];
    if (!['owner', 'due', 'kind', 'priority', 'effect', 'reference'].includes(name))
      throw new DomainError('invalid', `in the action "${text}", "${part}" is not understood: expected ${actionForm}`);
    return [name === 'due' ? 'dueOn' : name, value.trim()];
  });
  return { text: text.replace(/^\[[ x]\] */, ''), ...(Object.fromEntries(fields) as Record<string, string>) };
};
