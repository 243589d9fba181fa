import { isMap } from 'yaml';
import { z } from 'zod';
import { apiVersion, type Document, Kind, kinds, Metadata, openSloKinds, specs } from '../document.ts';
import { OpenSloMetadata, openSloVersion } from '../objective/open-slo.ts';
import { explain } from './explain.ts';
import { fieldsAt, formsAt } from './field.ts';
import { changedNumbers } from './number.ts';
import { hint } from './suggestion.ts';
import { type Fault, type Path, type Locations, type Problem, problemAt } from './location.ts';
import { type File, mostDocuments, parseFile, type Written } from './yaml.ts';

/** A document of the catalogue that knows where it was written. */
export interface Located {
  document: Document;
  locations: Locations;
}

const mostProblems = 500;

/** A document by which others may call it. */
export type Named = Pick<Document, 'kind' | 'name'>;

/**
 * All documents of the files and everything that is wrong with them, in order; `faulty` are those that are there and
 * have something wrong inside. JSON is YAML too.
 */
export function readDocuments(files: readonly File[]): {
  documents: Located[];
  faulty: Named[];
  problems: Problem[];
} {
  const problems: Problem[] = [];
  const documents: Located[] = [];
  const faulty: Named[] = [];
  for (const file of files) {
    const { written, problems: faults } = parseFile(file);
    problems.push(...faults);
    for (const one of written) {
      if (documents.length === mostDocuments) {
        problems.push(one.locations.problem({ path: [], message: `more than ${mostDocuments} documents` }));
        return { documents, faulty, problems: inOrder(problems, files) };
      }
      const document = read(one, problems, faulty);
      if (document) documents.push({ document, locations: one.locations });
    }
  }
  problems.push(...duplicates(documents));
  return { documents, faulty, problems: inOrder(problems, files) };
}

/** In the order in which somebody mends them; the first hundreds are enough. */
const inOrder = (problems: readonly Problem[], files: readonly File[]): Problem[] => {
  const order = new Map(files.map(({ path }, at) => [path, at]));
  const rank = ({ file }: Problem): number => order.get(file) ?? 0;
  return problems
    .toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column)
    .slice(0, mostProblems);
};

const Envelope = z.strictObject({
  apiVersion: z.literal(apiVersion),
  kind: Kind,
  metadata: Metadata,
  spec: z.looseObject({}),
});
const OpenSloEnvelope = z.strictObject({
  apiVersion: z.literal(openSloVersion),
  kind: z.string(),
  metadata: OpenSloMetadata,
  spec: z.looseObject({}),
});

/** How a document is to be read, by whose it is. */
const headOf = (value: unknown) => {
  const { apiVersion: version, kind } = z.looseObject({ apiVersion: z.string(), kind: z.string() }).parse(value);
  return version === openSloVersion
    ? ({ isOpenSlo: true, kind: openSloKinds[kind]! } as const)
    : ({ isOpenSlo: false, kind: Kind.parse(kind) } as const);
};

const read = ({ yaml, locations }: Written, problems: Problem[], faulty: Named[]): Document | undefined => {
  const refuse = (faults: readonly Fault[]): undefined => void problems.push(...faults.map(locations.problem));
  if (!isMap(yaml.contents))
    return refuse([{ path: [], message: 'expected a document with apiVersion, kind, metadata and spec' }]);
  let value: unknown;
  try {
    value = yaml.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return refuse([{ path: [], message: error instanceof Error ? error.message : String(error) }]);
  }
  const foreign = foreignHead(value);
  if (foreign.length > 0) return refuse(foreign);
  const before = problems.length;
  refuse(badText(value));
  const { isOpenSlo, kind } = headOf(value);
  const envelopeSchema = isOpenSlo ? OpenSloEnvelope : Envelope;
  const envelope = envelopeSchema.safeParse(value);
  const { spec } = z.object({ spec: z.unknown().optional() }).parse(value);
  const formsOf = (path: Path) => (path[0] === 'spec' ? formsAt(specs[kind], path.slice(1)) : []);
  problems.push(...changedNumbers(yaml, locations, formsOf));
  const fieldsOf = (path: Path): string[] =>
    path[0] === 'spec' ? fieldsAt(specs[kind], path.slice(1)) : fieldsAt(envelopeSchema, path);
  if (!envelope.success) problems.push(...explain(envelope.error.issues, [], value, locations, fieldsOf));
  const parsed = specs[kind].safeParse(spec);
  if (!parsed.success && typeof spec === 'object' && spec !== null) {
    problems.push(...explain(parsed.error.issues, ['spec'], value, locations, fieldsOf));
  }
  if (problems.length > before || !envelope.success || !parsed.success) {
    const named = z.object({ metadata: z.object({ name: z.string() }) }).safeParse(value);
    if (named.success) faulty.push({ kind, name: named.data.metadata.name });
    return undefined;
  }
  const { name, labels, ...about } = envelope.data.metadata;
  return { kind, name, labels: textOf(labels), spec: { ...parsed.data, ...about } as Document['spec'] };
};

/** OpenSLO has labels of several values. */
const textOf = (labels: Record<string, string | string[]>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, [value].flat().join(', ')]));

/** A document of another product or version has no field worth explaining. */
const foreignHead = (value: unknown): Fault[] => {
  const { apiVersion: version, kind } = z.record(z.string(), z.unknown()).parse(value);
  const faults: Fault[] = [];
  const isOpenSlo = version === openSloVersion;
  const known = isOpenSlo
    ? Object.keys(openSloKinds)
    : kinds.filter((each) => !Object.values(openSloKinds).includes(each));
  const meant = typeof kind === 'string' ? `${kind}${hint(kind, known)}` : 'none';
  if (version !== apiVersion && !isOpenSlo) {
    const isOther = typeof version === 'string' && version.startsWith('openslo');
    faults.push({ path: ['apiVersion'], message: `expected ${isOther ? openSloVersion : apiVersion}` });
  }
  if (!known.some((each) => each === kind))
    faults.push({ path: ['kind'], message: `unknown kind ${meant} (known: ${known.join(', ')})` });
  return faults;
};

/** Text that the database could not keep. */
const badText = (value: unknown, path: Path = []): Fault[] => {
  if (typeof value === 'string') {
    const isFine = value.isWellFormed() && !value.includes('\0');
    return isFine ? [] : [{ path, message: 'the text contains NUL or a lone surrogate' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [...badText(key, path), ...badText(member, [...path, key])]);
};

const duplicates = (documents: readonly Located[]): Problem[] => {
  const first = new Map<string, Located>();
  return documents.flatMap((located) => {
    const { document, locations } = located;
    const key = `${document.kind} ${document.name}`;
    const earlier = first.get(key);
    if (!earlier) {
      first.set(key, located);
      return [];
    }
    const path = ['metadata', 'name'];
    const { file, line, column } = earlier.locations.value(path);
    return [problemAt(locations.value(path), path, `${key} is there twice, first in ${file}:${line}:${column}`)];
  });
};
