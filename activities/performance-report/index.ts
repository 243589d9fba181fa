import { setImmediate } from 'node:timers/promises';
import { evenkeel } from '../../domain/actor.rules.ts';
import { canonical } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { signalReference } from '../../domain/identifiers.ts';
import type { Scope } from '../../domain/metric.ts';
import { before, periodOf } from '../../domain/metric/period.ts';
import type { ReportCommission } from '../../domain/performance-report.ts';
import { orderedEntry } from '../../domain/performance-report/ordered.ts';
import { writeReport } from '../../domain/performance-report/writing.ts';
import type { ActivityPorts } from '../ports.ts';
import { reminderOf } from './mail.ts';
import { sendReport, sendSignal } from './send.ts';

type Ports = Pick<
  ActivityPorts,
  | 'catalogue'
  | 'objectives'
  | 'observations'
  | 'outbox'
  | 'performanceRecords'
  | 'performanceReports'
  | 'signals'
  | 'clock'
  | 'publicUrl'
>;

const dayMs = 86_400_000;

/** Reports are what PostgreSQL says that was ordered: whoever calls these gets them written and sent once, and nothing else. */
export const createPerformanceReportActivities = (ports: Ports) => {
  const { catalogue, performanceReports, signals, outbox } = ports;

  const commissionOf = async (report: string): Promise<ReportCommission> => {
    const commission = await performanceReports.commission(report);
    if (!commission) throw new DomainError('not-found', `there is no report ${report}`);
    return commission;
  };

  return {
    /** Orders the reports of the month before: of everything, of each team and of each service that has stakeholders, each once. */
    async orderMonthlyReports({ at }: { at: number }): Promise<string[]> {
      const now = ports.clock(at);
      // Whoever asks on the first, before most of what comes late has come, gets the month before that one.
      const period = before(periodOf({}, now - dayMs));
      const [services, teams] = await Promise.all([catalogue.list('Service'), catalogue.list('Team')]);
      const owners = new Set(services.map(({ spec }) => spec.owner));
      const scopes: { scope: Scope; team?: string }[] = [
        { scope: {} },
        ...teams.filter(({ name }) => owners.has(name)).map(({ name }) => ({ scope: { team: name }, team: name })),
        ...services
          .filter(({ spec }) => spec.stakeholders.length > 0)
          .map(({ name, spec }) => ({ scope: { service: name }, team: spec.owner })),
      ];
      const reports: string[] = [];
      for (const { scope, team } of scopes) {
        const order = {
          scope,
          period,
          isSent: true,
          orderedBy: evenkeel,
          orderedAt: new Date(now).toISOString(),
          ...(team && { team }),
        };
        const key = `monthly/${canonical(scope)}/${period.from}`;
        reports.push(await performanceReports.open(key, order, (id) => orderedEntry({ ...order, id })));
      }
      return reports;
    },

    /** Computes a report and keeps it, once; raises the signals that follow from it. */
    async writePerformanceReport({ report, at }: { report: string; at: number }): Promise<void> {
      if (await performanceReports.find(report)) return;
      await performanceReports.write(
        await writeReport({ ...ports, pause: setImmediate }, await commissionOf(report), ports.clock(at)),
      );
    },

    /** Sends a report to its stakeholders, and what is to be answered to where the team has it, each once. */
    async sendPerformanceReport({ report: id }: { report: string }): Promise<void> {
      const report = await performanceReports.find(id);
      if (!report) throw new DomainError('conflict', `report ${id} is not written yet`);
      await sendReport(ports, report);
      for (const signal of report.signals) if (signal.status === 'open') await sendSignal(ports, signal);
    },

    /** Reminds teams of signals that they have not answered, or have accepted and not done. */
    async chaseSignals({ at }: { at: number }): Promise<number> {
      const now = new Date(ports.clock(at)).toISOString();
      const late = await signals.late(now);
      let chased = 0;
      for (const signal of late) {
        const team = await catalogue.find('Team', signal.team);
        for (const { person } of team?.members ?? []) {
          const known = await catalogue.find('Person', person);
          const key = `${signalReference(signal.id)}/late/${signal.answers.length}/${signal.chased + 1}/${person}`;
          if (known) await outbox.put(key, signalReference(signal.id), reminderOf(signal, known.email));
        }
        if (await signals.chase(signal, now)) chased += 1;
      }
      return chased;
    },
  };
};
