import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differences } from '../../domain/catalogue/difference.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { toYaml, toYamlStream } from '../../domain/catalogue/write.ts';
import { type Document, specs } from '../../domain/document.ts';
import { companyFiles } from './company.ts';

const apply = (text: string): Document[] => {
  const { documents, problems } = readDocuments([{ path: 'a.yaml', text }]);
  expect(problems).toEqual([]);
  return documents.map(({ document }) => document);
};

const service = (spec: object): Document => ({
  kind: 'Service',
  name: 'checkout',
  labels: {},
  spec: specs.Service.parse({ description: 'd', owner: 'shop', ...spec }),
});

describe('what is written can be applied again', () => {
  test('for the whole company', () => {
    const documents = readDocuments(companyFiles()).documents.map(({ document }) => document);

    expect(apply(toYamlStream(documents))).toEqual(documents);
    expect(differences(documents, apply(toYamlStream(documents))).every(({ change }) => change === 'unchanged')).toBe(
      true,
    );
  });

  test('for any text', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((value) => !value.includes('\0'));
    const facts = fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      fc.oneof(text, fc.boolean(), fc.integer()),
      {
        maxKeys: 5,
        noNullPrototype: true,
      },
    );

    fc.assert(
      fc.property(text, facts, fc.array(text, { maxLength: 3 }), (description, some, programArguments) => {
        const written: Document = {
          kind: 'Runbook',
          name: 'r',
          labels: { note: description },
          spec: specs.Runbook.parse({
            description,
            steps: [{ name: 's', kind: 'command', program: 'p', arguments: programArguments }],
          }),
        };
        for (const document of [service({ description, facts: some }), written]) {
          expect(apply(toYaml(document))).toEqual([document]);
        }
      }),
    );
  });
});

const runbook = (steps: object[]): Document => ({
  kind: 'Runbook',
  name: 'r',
  labels: {},
  spec: specs.Runbook.parse({ steps }),
});

const linesOf = (before: object, after: object) => differences([service(before)], [service(after)])[0];

describe('a difference', () => {
  test('names the fields', () => {
    const before = { slo: 'half', dependsOn: ['payments', 'catalog'], facts: { dashboard: 'https://a' } };
    const after = { slo: 'full', dependsOn: ['catalog', 'search'], description: 'two words', facts: {} };

    expect(linesOf(before, after)).toEqual({
      kind: 'Service',
      name: 'checkout',
      change: 'changed',
      lines: [
        '~ spec.description: d -> "two words"',
        '~ spec.slo: half -> full',
        '- spec.dependsOn: payments',
        '+ spec.dependsOn: search',
        '- spec.facts.dashboard: https://a',
      ],
    });
  });

  test('is nothing when nothing differs', () => {
    expect(linesOf({ facts: { a: 1, b: 2 } }, { facts: { b: 2, a: 1 } })).toMatchObject({
      change: 'unchanged',
      lines: [],
    });
  });

  test('is the order when only that differs', () => {
    expect(linesOf({ dependsOn: ['a', 'b'] }, { dependsOn: ['b', 'a'] })?.lines).toEqual([
      '~ spec.dependsOn: order a, b -> b, a',
    ]);
  });

  test('finds a step by its name', () => {
    const a = { name: 'a', kind: 'wait', for: '1s' };
    const b = { name: 'b', kind: 'wait', for: '2s' };

    const lines = differences([runbook([a, b])], [runbook([{ ...b, for: '3s' }])])[0]?.lines ?? [];

    expect(lines[0]).toMatch(/^- spec\.steps\[a\]: \{/);
    expect(lines.slice(1)).toEqual(['~ spec.steps[b].for: 2s -> 3s']);
  });

  test('of a new document is all of it', () => {
    const [added] = differences([], [service({ slo: 'half' })]);

    expect(added?.change).toBe('added');
    expect(added?.lines).toContain('+ spec.slo: half');
  });
});
