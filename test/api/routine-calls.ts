import type { Got, Sent } from '../support/client.ts';

type Call = (id: string, sent?: Sent) => Promise<Got>;

/** Every operation about routines: answers and refusals alike are as published. */
export async function callRoutines(as: (person: string) => Call): Promise<void> {
  const path = { name: 'nightly' };
  const because = { reason: 'the story wants it' };
  await as('dan')('listRoutines');
  await as('dan')('showRoutine', { params: { path } });
  await as('dan')('listRoutineTimes', { params: { query: { within: '30d' } } });
  await as('dan')('listRoutineCoverage');
  await as('cid')('pauseRoutine', { params: { path }, body: because });
  await as('cid')('resumeRoutine', { params: { path }, body: because });
  await as('cid')('runRoutine', { params: { path }, body: { service: 'checkout' } });
  await as('dan')('listRoutineRuns', { params: { path, query: { limit: 1 } } });
  await as('dan')('showRoutine', { params: { path: { name: 'unheard-of' } } });
}
