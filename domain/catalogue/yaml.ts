import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document as YamlDocument,
  type ErrorCode,
  type Node,
  visit,
} from 'yaml';
import { isMergeKey, type Locations, locationsOf, type Path, type Problem, problemAt } from './location.ts';

export interface File {
  path: string;
  text: string;
}

/** One document of a file that is YAML as it should be. */
export interface Written {
  yaml: YamlDocument;
  locations: Locations;
}

const largestFile = 1_000_000;
export const mostDocuments = 2_000;
const mostLines = 20_000;

/** The documents of a file, and what is wrong with its YAML. JSON is YAML too. */
export const parseFile = ({ path, text }: File): { written: Written[]; problems: Problem[] } => {
  const refusal = tooMuch(text);
  if (refusal !== undefined)
    return { written: [], problems: [problemAt({ file: path, line: 1, column: 1 }, [], refusal)] };
  const lines = new LineCounter();
  // The library compares every key with every other one; `strayIn` needs one look at each.
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, merge: true });
  if (!Array.isArray(parsed)) return { written: [], problems: [] };
  const found = parsed.map((yaml) => ({
    yaml,
    locations: locationsOf(path, text, yaml, lines),
    within: (part: YamlDocument) => locationsOf(path, text, part, lines),
  }));
  const judged = found.map((one) => ({ ...one, stray: strayIn(one) }));
  return {
    written: judged
      .flatMap((one) => itemsOf(one))
      .filter(({ yaml, stray }) => yaml.errors.length === 0 && !isEmpty(yaml) && !stray.isHollow),
    problems: judged.flatMap((one) => [...syntaxProblems(one), ...one.stray.problems]),
  };
};

/** OpenSLO also writes several documents as one list. */
const itemsOf = <One extends Written & { within(part: YamlDocument): Locations }>(one: One): One[] => {
  const { contents } = one.yaml;
  if (one.yaml.errors.length > 0 || !isSeq(contents)) return [one];
  const isList = contents.items.length > 0 && contents.items.every((item) => isMap(item) && item.has('apiVersion'));
  if (!isList) return [one];
  return contents.items.map((item) => {
    const yaml = Object.assign(Object.create(Object.getPrototypeOf(one.yaml) as object) as YamlDocument, one.yaml, {
      contents: item,
    });
    return { ...one, yaml, locations: one.within(yaml) };
  });
};

/** Why a file is not even parsed: that takes the time of everybody else. */
const tooMuch = (text: string): string | undefined => {
  if (text.length > largestFile) return `the file is larger than ${largestFile} characters`;
  if (/(?:[[{]\s*){64}/.test(text)) return 'the file is nested too deep';
  const [documents, lines] = [/^---/gm, /\n/g].map((mark) => text.match(mark)?.length ?? 0);
  return documents! > mostDocuments || lines! > mostLines
    ? `more than ${mostDocuments} documents or ${mostLines} lines`
    : undefined;
};

/** A pair of separators with nothing but comments between them. */
const isEmpty = ({ contents }: YamlDocument): boolean =>
  contents === null || (isScalar(contents) && contents.value === null);

const inQuotes = 'a text that begins so needs quotes';

/** What to write, where the library says only what it met. */
const advice: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: inQuotes,
  BAD_SCALAR_START: inQuotes,
  TAG_RESOLVE_FAILED: inQuotes,
  BAD_DQ_ESCAPE: 'write \\\\ for a backslash, or take single quotes',
  BAD_INDENT: 'begin each line in the column of its neighbours, and close every bracket',
  BLOCK_AS_IMPLICIT_KEY: 'a text with ": " inside needs quotes',
  BLOCK_IN_FLOW: 'a comma may be missing, or a text with ": " inside needs quotes',
  MULTILINE_IMPLICIT_KEY: 'write "key: value", with a space behind the colon',
  TAB_AS_INDENT: 'indent with spaces',
  UNEXPECTED_TOKEN: 'put the whole text in quotes; a quote inside of single quotes is written twice',
};

/** The first error of a line: the others follow from it. */
const syntaxProblems = ({ yaml, locations }: Written): Problem[] => {
  const problems = [...yaml.errors, ...yaml.warnings].map(({ pos, code, message }) =>
    problemAt(locations.at(pos[0]), [], [message, ...(advice[code] === undefined ? [] : [advice[code]])].join(': ')),
  );
  return problems.filter(({ line }, at) => problems.findIndex((other) => other.line === line) === at);
};

interface Stray {
  problems: Problem[];
  /** There is no value to look at: something in it stands for nothing. */
  isHollow: boolean;
}

/** Keys that are there twice or are no text, and aliases that stand for nothing. */
const strayIn = ({ yaml, locations }: Written): Stray => {
  const stray: Stray = { problems: [], isHollow: false };
  if (yaml.errors.length > 0) return stray;
  const report = (node: Node, path: Path, message: string): void =>
    void stray.problems.push(problemAt(locations.at(node.range?.[0] ?? 0), path, message));
  const anchors = new Set<string>();
  visit(yaml, {
    Node: (_, node) => {
      if (isAlias(node)) {
        if (anchors.has(node.source)) return;
        stray.isHollow = true;
        report(node, [], `*${node.source} stands for nothing: ${inQuotes}`);
        return;
      }
      if (node.anchor !== undefined) anchors.add(node.anchor);
      if (!isMap(node)) return;
      const seen = new Set<string>();
      for (const { key } of node.items) {
        if (isCollection(key)) {
          stray.isHollow = true;
          report(key, [], 'a key is a text: one that begins with { or [ needs quotes');
        }
        if (!isScalar(key)) continue;
        const name = nameOf(key.value);
        if (seen.has(name)) report(key, [name], 'the key is there twice');
        seen.add(name);
      }
    },
  });
  return stray;
};

const nameOf = (key: unknown): string => (isMergeKey(key) ? '<<' : String(key));
