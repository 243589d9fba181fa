import type { Command } from 'commander';
import type { ImprovementSignal } from '../domain/improvement-signal.ts';
import { route } from './api.ts';
import { facts, plain, short, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listVerb, reasonOption } from './verb.ts';

/** `evenkeel signal`: what operations have learnt, for those upstream to answer. */
export function addSignal(program: Command, session: Session): void {
  const signal = program
    .command('signal')
    .description('improvement signals: what operations have learnt, for others to answer');

  listVerb(signal, 'lists the improvement signals of your teams, newest first')
    .option('--service <name>')
    .option('--kind <kind>', 'such as repeated-failure-mode, detection or toil')
    .option('--status <status>', 'open, accepted, rejected or done')
    .action((query: Record<string, string>) => session.list('/v1/improvement-signals', query, signalsText));

  signal
    .command('show <id>')
    .description('shows an improvement signal with its evidence and its answers')
    .action((id: string) => session.get(route`/v1/improvement-signals/${id}`, signalText));

  signal
    .command('answer <id> <answer>')
    .description('answers it: accepted, rejected or done')
    .requiredOption(...reasonOption)
    .option('--effect <text>', 'what was measured afterwards, where it is done')
    .option('--done-by <date>', 'until when what is accepted is done (default: in 90 days)')
    .action(async (id: string, answer: string, options: object) =>
      session.show(
        await session.api.command<ImprovementSignal>(`${route`/v1/improvement-signals/${id}`}/answer`, {
          answer,
          ...options,
        }),
        (said) => (said.status === 'accepted' ? `accepted; to be done by ${said.dueAt.slice(0, 10)}` : said.status),
      ),
    );
}

const signalsText = (signals: readonly ImprovementSignal[]): string =>
  table(
    ['signal', 'kind', 'service', 'stage', 'severity', 'status', 'due', 'why'],
    signals.map((signal) => [
      signal.id,
      signal.kind,
      plain(signal.service ?? ''),
      signal.targetStages.join(', '),
      signal.severity,
      status(signal.status),
      signal.status === 'open' || signal.status === 'accepted' ? signal.dueAt.slice(0, 10) : '',
      short(signal.why),
    ]),
    'no signals',
  );

const signalText = (signal: ImprovementSignal): string =>
  [
    `${signal.kind}: ${plain(signal.action)}`,
    facts([
      ['why', plain(signal.why)],
      ['about', plain(signal.cluster)],
      ['service', signal.service && plain(signal.service)],
      ['stage', signal.targetStages.join(', ')],
      ['severity', signal.severity],
      ['status', status(signal.status)],
      ['team', plain(signal.team)],
      ['raised', when(signal.raisedAt)],
      ['held last', when(signal.seenAt)],
      ['due', when(signal.dueAt)],
      ['evidence', signal.evidence.map(plain).join(', ')],
      ...signal.answers.map(({ answer, by, at, reason, effect }): [string, string] => [
        answer,
        `${plain(by)}, ${when(at)}: ${plain(reason)}${effect === undefined ? '' : `; measured: ${plain(effect)}`}`,
      ]),
    ]),
  ].join('\n');
