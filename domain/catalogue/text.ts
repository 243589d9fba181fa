import type { Document } from '../document.ts';
import type { Evidence } from '../evidence.ts';
import type { HumanTask, SingleStep, Undo } from '../runbook.ts';
import { approvalVariables, checkVariables } from '../rule.ts';
import { type ByKind, gather } from './by-kind.ts';
import type { Path } from './location.ts';
import { checkPlaceholders, stepPlaceholders } from './placeholder.ts';
import { stepsOf } from './step.ts';

/** A rule or a text with placeholders, where it is written and which names it may use. */
export interface Written {
  text: string;
  path: Path;
  known: readonly string[];
}

const rule = (text: string | undefined, known: readonly string[], ...path: Path): Written[] =>
  text === undefined ? [] : [{ text, known, path: ['spec', ...path] }];

const rules: ByKind<Written> = {
  ReadinessChecklist: ({ checks }) =>
    checks.flatMap(({ appliesIf, evidence }, at) => [
      ...rule(appliesIf, checkVariables, 'checks', at, 'appliesIf'),
      ...(evidence.kind === 'catalogue' ? rule(evidence.rule, checkVariables, 'checks', at, 'evidence', 'rule') : []),
    ]),
  PlanTemplate: ({ activities }) =>
    activities.flatMap(({ when }, at) => rule(when, checkVariables, 'activities', at, 'when')),
  Runbook: (spec) =>
    stepsOf(spec).flatMap(({ step, path }) =>
      step.kind === 'check' && step.evidence.kind === 'catalogue'
        ? rule(step.evidence.rule, checkVariables, ...path, 'evidence', 'rule')
        : [],
    ),
  ApprovalPolicy: ({ notNeededWhen }) => rule(notNeededWhen, approvalVariables, 'notNeededWhen'),
};

/** Every rule in a document. */
export const rulesOf = (document: Document): Written[] => gather(rules, document);

type Texts = readonly (readonly [path: Path, text: string])[];

const ofEvidence = (evidence: Evidence): Texts => {
  if (evidence.kind === 'http') return [[['url'], evidence.url], ...ofHeaders(evidence.headers)];
  if (evidence.kind === 'tls') return [[['host'], evidence.host]];
  if (evidence.kind !== 'prometheus') return [];
  return [
    [['url'], evidence.url],
    [['query'], evidence.query],
  ];
};

const ofHeaders = (headers: Extract<Undo, { kind: 'http' }>['headers']): Texts =>
  Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[['headers', name], value] as const] : [],
  );

const ofTask = ({ title, instructions }: Pick<HumanTask, 'title' | 'instructions'>): Texts => [
  [['title'], title],
  [['instructions'], instructions],
];

const ofUndo = (undo: Undo): Texts => {
  if (undo.kind === 'task') return ofTask(undo);
  if (undo.kind === 'command') return undo.arguments.map((text, at) => [['arguments', at], text] as const);
  return [[['url'], undo.url], [['body'], undo.body ?? ''], ...ofHeaders(undo.headers)];
};

const ofStep = (step: SingleStep): Texts => {
  if (step.kind === 'wait') return [];
  if (step.kind === 'approval') return [[['question'], step.question]];
  if (step.kind === 'check')
    return ofEvidence(step.evidence).map(([path, text]) => [['evidence', ...path], text] as const);
  return ofUndo(step);
};

const filled = (known: readonly string[], within: Texts, ...path: Path): Written[] =>
  within.map(([inner, text]) => ({ text, known, path: ['spec', ...path, ...inner] }));

const texts: ByKind<Written> = {
  ReadinessChecklist: ({ checks }) =>
    checks.flatMap(({ evidence }, at) => filled(checkPlaceholders, ofEvidence(evidence), 'checks', at, 'evidence')),
  PlanTemplate: ({ activities }) =>
    activities.flatMap(({ task }, at) =>
      task ? filled(stepPlaceholders, ofTask(task), 'activities', at, 'task') : [],
    ),
  Runbook: (spec) =>
    stepsOf(spec).flatMap(({ step, path }) => [
      ...filled(stepPlaceholders, ofStep(step), ...path),
      ...(step.undo ? filled(stepPlaceholders, ofUndo(step.undo), ...path, 'undo') : []),
    ]),
};

/** Every text of a document in which placeholders are filled in. */
export const textsOf = (document: Document): Written[] => gather(texts, document);
