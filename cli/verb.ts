import type { Command } from 'commander';

/** The option of what goes into the audit trail. */
export const reasonOption = ['--reason <text>', 'why, for the audit trail'] as const;

/** A verb that prints a list page by page. */
export const listVerb = (parent: Command, description: string): Command =>
  pagesOf(parent.command('list').description(description));

/** The options of a list that has pages. */
export const pagesOf = (verb: Command): Command =>
  verb
    .option('--limit <number>', 'how many at most (up to 200)')
    .option('--after <cursor>', 'continue after the previous page');

/** The same for what belongs to records. */
export const listOfRecords = (parent: Command, description: string): Command =>
  listVerb(parent, description)
    .option('--belongs-to <record>', 'such as plan/ID')
    .option('--status <status>', 'such as open');

/** The options of what a figure, a report or a search is of: whose matter, and when. */
export const scopeOf = (verb: Command): Command =>
  verb
    .option('--service <name>', 'of this service')
    .option('--team <name>', 'of this team')
    .option('--environment <name>')
    .option('--period <period>', 'a year, month or day in UTC, such as 2026-11 (default: the month that runs)')
    .option('--from <instant>', 'instead of a period')
    .option('--until <instant>');
