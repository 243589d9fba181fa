import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bm25, type Corpus } from '../../domain/insight/bm25.rules.ts';
import { partFor } from '../../domain/insight/cluster.rules.ts';
import { fused, ranked } from '../../domain/insight/fusion.rules.ts';
import { masked, wordsOf } from '../../domain/insight/mask.rules.ts';
import { type Compared, similarTo } from '../../domain/insight/similarity.rules.ts';
import { createMiner, tokensOf, usualMining } from '../../domain/insight/template.rules.ts';

const minerOf = (settings: Partial<typeof usualMining> = {}) => {
  let id = 0;
  return createMiner([], () => (id += 1), { ...usualMining, ...settings });
};
const templateOf = (miner: ReturnType<typeof minerOf>, message: string) => {
  const { id, tokens } = miner.learn(tokensOf(message));
  return { id, text: tokens.join(' ') };
};

describe('a template', () => {
  const started = ['job 4821 started for tenant alice', 'job 4822 started for tenant bob'] as const;
  const stopped = 'job 4821 stopped for tenant alice';

  test('is what messages have in common', () => {
    const miner = minerOf();
    const first = templateOf(miner, started[0]);
    expect(templateOf(miner, started[1])).toEqual({ id: first.id, text: 'job <*> started for tenant <*>' });
    expect(templateOf(miner, stopped)).toEqual({ id: first.id, text: 'job <*> <*> for tenant <*>' });
  });
  test('stays apart from another where more has to be equal', () => {
    const miner = minerOf({ similarity: 0.6 });
    for (const message of started) templateOf(miner, message);
    expect(templateOf(miner, stopped).text).toBe(stopped);
  });
  test('is kept of a message that is shorter than the tree', () => {
    const miner = minerOf({ depth: 6 });
    expect(templateOf(miner, 'down')).toEqual(templateOf(miner, 'down'));
    expect(templateOf(miner, '').id).not.toBe(templateOf(miner, 'down').id);
  });
  test('takes what is new to the wildcard of a node that is full', () => {
    const miner = minerOf({ mostChildren: 2, similarity: 0.5 });
    const [one, two, three] = ['api is down', 'web is down', 'database is down'].map((text) => templateOf(miner, text));
    expect(two!.id).not.toBe(one!.id);
    expect(three).toEqual({ id: two!.id, text: '<*> is down' });
  });
  test('that has become equal to another is one with it', () => {
    const miner = minerOf({ similarity: 0.3 });
    const first = templateOf(miner, 'disk a b full');
    const second = templateOf(miner, 'disk c d broken');
    expect(second.id).not.toBe(first.id);
    templateOf(miner, 'disk a x gone');
    expect(templateOf(miner, 'disk c y gone').id).toBeLessThanOrEqual(second.id);
  });
  test('that was met least lately is forgotten first', () => {
    const miner = minerOf({ mostTemplates: 2 });
    const first = templateOf(miner, 'one');
    templateOf(miner, 'two words');
    templateOf(miner, 'three words here');
    expect(templateOf(miner, 'one').id).not.toBe(first.id);
  });
  test('goes on from what was mined before', () => {
    let id = 7;
    const miner = createMiner([{ id: 3, tokens: ['pool', '<*>', 'empty'] }], () => (id += 1));
    expect(miner.learn(['pool', 'eu', 'empty']).id).toBe(3);
    expect(miner.learn(['disk', 'full']).id).toBe(8);
  });
  test('is the same for the same messages in the same order', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom('a', 'b', '1', 'c'), { maxLength: 5 })), (messages) => {
        const [one, other] = [minerOf(), minerOf()];
        for (const message of messages) expect(one.learn(message)).toEqual(other.learn(message));
      }),
    );
  });
});

test('what differs each time is masked', () => {
  expect(masked('GET https://shop.example.org/cart?id=4 from 10.0.0.7:8080 took 1.52 s')).toBe(
    'GET <url> from <ip> took <number> s',
  );
  expect(masked('cannot open /var/lib/db/0042 for "alice": 0xdeadbeef')).toBe('cannot open <path> for <quoted>: <hex>');
  expect(masked('order 019a0000-0000-7000-8000-000000000000 of a facade, node-12')).toBe(
    'order <uuid> of a facade, node-<number>',
  );
  expect(masked('ticket ABC-1 is late', [(text) => text.replaceAll(/ABC-\d+/g, '<ticket>')])).toBe(
    'ticket <ticket> is late',
  );
  expect(wordsOf('Pool eu-<number> is <*> EMPTY: Überlauf')).toEqual(['pool', 'eu', 'is', 'empty', 'überlauf']);
});

describe('words', () => {
  const documents = ['db timeout checkout', 'db disk full', 'checkout error timeout timeout', 'cert expired'].map(
    (text) => text.split(' '),
  );
  const corpus: Corpus = {
    documents: documents.length,
    averageLength: 3,
    holding: (word) => documents.filter((document) => document.includes(word)).length,
  };

  test('are weighed by how rare they are and how often they come', () => {
    const scores = documents.map((document) => bm25(['checkout', 'timeout'], document, corpus));
    for (const [at, score] of [1.3863, 0, 1.4814, 0].entries()) expect(scores[at]).toBeCloseTo(score, 4);
  });
});

test('rankings are fused by rank', () => {
  const ranking = (...items: string[]) => ranked(items, (item) => -items.indexOf(item));
  const rankings = [ranking('A', 'B', 'C'), ranking('B', 'C', 'A')];
  for (const [item, score] of [['A', 0.032266] as const, ['B', 0.032522] as const, ['C', 0.032002] as const])
    expect(fused(item, rankings)).toBeCloseTo(score, 6);
  expect(ranked(['x', 'y', 'z'], (item) => (item === 'z' ? undefined : 1))).toEqual(
    new Map([
      ['x', 1],
      ['y', 1],
    ]),
  );
});

describe('an incident is similar', () => {
  const incident = (number: number, more: Partial<Compared> = {}): Compared => ({
    number,
    at: new Date(number * 60_000).toISOString(),
    service: 'web',
    words: ['pool', 'empty'],
    templates: [{ id: 1, text: 'pool <*> empty' }],
    alerts: [],
    objectives: [],
    ...more,
  });
  const corpus: Corpus = { documents: 100, averageLength: 3, holding: () => 5 };
  const other = { words: ['certificate', 'expired'], templates: [{ id: 2, text: 'certificate expired' }] };

  test('by its template, its alerts and its words, and it is said why', () => {
    const found = similarTo(
      incident(9, { alerts: ['f1'] }),
      [incident(1), incident(2, { alerts: ['f1'] }), incident(3, { ...other }), incident(4, { service: 'db' })],
      corpus,
      10,
    );
    expect(found.map(({ number }) => number)).toEqual([2, 4, 1]);
    expect(found[0]!.why).toEqual(['the same alert', 'the same template: pool <*> empty', 'the same service: web']);
  });
  test('not by its service alone, nor to itself', () => {
    expect(similarTo(incident(9), [incident(3, other), incident(9)], corpus, 10)).toEqual([]);
  });
  test('by words where they say most of it', () => {
    const asked = incident(9, { templates: [], words: ['payment', 'gateway', 'timeout'] });
    const found = similarTo(
      asked,
      [
        incident(1, { templates: [], words: ['gateway', 'timeout', 'again'] }),
        incident(2, { templates: [], words: ['timeout', 'of', 'the', 'login', 'page', 'for', 'everybody'] }),
      ],
      corpus,
      10,
    );
    expect(found).toMatchObject([{ number: 1, why: ['the same service: web', 'the same words: gateway, timeout'] }]);
  });
});

describe('a cluster', () => {
  const base = 'service/web/template/1';
  const first = { cluster: base, terms: ['a', 'b'], incidents: [1, 2] };

  test('takes what is the same, until somebody says that it is not', () => {
    expect(partFor({ base, number: 3, terms: ['a'] }, [first], new Set())).toBe(base);
    expect(partFor({ base, number: 3, terms: ['a'] }, [first], new Set([2]))).toBe(`${base}/from/3`);
  });
  test('that was parted takes what is most like its first incident', () => {
    const second = { cluster: `${base}/from/3`, terms: ['a', 'c'], incidents: [3] };
    expect(partFor({ base, number: 4, terms: ['a', 'c'] }, [first, second], new Set())).toBe(`${base}/from/3`);
    expect(partFor({ base, number: 4, terms: ['a', 'b'] }, [first, second], new Set())).toBe(base);
    expect(partFor({ base, number: 4, terms: ['a', 'c'] }, [first, second], new Set([3]))).toBe(base);
  });
});
