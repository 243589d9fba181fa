import { sql } from 'kysely';
import { objectivesOf, wordsIn } from '../../domain/insight/building.ts';
import { masked } from '../../domain/insight/mask.rules.ts';
import type { InsightStore } from '../../domain/insight/ports.ts';
import { IncidentProfile } from '../../domain/insight/profile.ts';
import type { Compared } from '../../domain/insight/similarity.rules.ts';
import { marksOf, termOf } from '../../domain/insight/term.rules.ts';
import type { Database } from '../database.ts';
import { createIncidentStore } from '../incident/index.ts';
import { readable, readStored } from '../stored.ts';
import { alertsOf } from './facts.ts';

/** Of each word or mark so many of the latest incidents are looked at. */
const mostOfTerm = 400;
/** Words that say most: the others would be in the way. */
const mostWords = 16;
const mostCandidates = 150;
/** What has an alert or a template with it is looked at before what has words. */
const markWeight = 20;

/** What incidents are known by, for whoever looks for similar ones. */
export const createInsightStore = (db: Database): InsightStore => {
  const corpus: InsightStore['corpus'] = async (words) => {
    const [{ rows: totals }, { rows: counts }] = await Promise.all([
      sql<{ documents: number; words: number }>`select documents, words from insight_corpus`.execute(db),
      sql<{ word: string; documents: number }>`
        select word, documents from insight_word where word = any(${[...new Set(words)]}::text[])`.execute(db),
    ]);
    const { documents, words: length } = totals[0]!;
    return {
      documents,
      averageLength: documents === 0 ? 0 : length / documents,
      holding: new Map(counts.map((count) => [count.word, count.documents])),
    };
  };
  return {
    corpus,
    async compared(number) {
      const { rows } = await sql<{ profile: unknown }>`
        select profile from incident_profile where incident = ${number}`.execute(db);
      return rows[0]
        ? readStored(IncidentProfile, rows[0].profile, `the profile of incident ${number}`)
        : unprofiled(db, number);
    },
    async candidates(incident) {
      const { documents, holding } = await corpus(incident.words);
      const words = [...holding]
        .toSorted(([one, a], [other, b]) => a - b || (one < other ? -1 : 1))
        .slice(0, mostWords)
        .map(([word, having]) => ({ term: termOf.word(word), weight: Math.log1p(documents / having) }));
      const marks = marksOf(incident).map((term) => ({ term, weight: markWeight }));
      const { rows } = await sql<{ number: number; profile: unknown }>`
        select p.incident as number, p.profile from (
          select found.incident from jsonb_to_recordset(${JSON.stringify([...marks, ...words])}::jsonb) as asked(term text, weight float)
            cross join lateral (
              select t.incident from incident_term t where t.term = asked.term order by t.at desc, t.incident desc limit ${mostOfTerm}) as found
          where found.incident <> ${incident.number} and not exists (
            select from incident_difference d
            where (d.incident, d.other) = (least(found.incident, ${incident.number}), greatest(found.incident, ${incident.number})))
          group by found.incident order by sum(asked.weight) desc, found.incident desc limit ${mostCandidates}) as best
        join incident_profile p using (incident) order by p.incident`.execute(db);
      return readable(rows, ({ number, profile }) =>
        readStored(IncidentProfile, profile, `the profile of incident ${number}`),
      );
    },
  };
};

/** What is known of an incident that nobody has profiled yet. */
const unprofiled = async (db: Database, number: number): Promise<Compared | undefined> => {
  const found = await createIncidentStore(db).find(number);
  if (!found) return undefined;
  const { title, detectedAt, service } = { ...found.commission, ...found.record };
  const alerts = (await alertsOf(db, [number])).get(number) ?? [];
  const titles = [...new Set([title, ...alerts.map((alert) => alert.title)].map((each) => masked(each)))];
  return {
    number,
    at: detectedAt,
    ...(service === undefined ? {} : { service }),
    words: wordsIn(titles),
    templates: [],
    alerts: alerts.map(({ fingerprint }) => fingerprint),
    objectives: objectivesOf(alerts),
  };
};
