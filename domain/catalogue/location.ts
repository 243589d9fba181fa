import {
  type Document as YamlDocument,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type LineCounter,
  type YAMLMap,
} from 'yaml';

/** A spot in a file that somebody wrote; lines and columns count from 1. */
export interface Location {
  file: string;
  line: number;
  column: number;
}

/** Something to mend, and where. */
export interface Problem extends Location {
  /** Field within the document, for example `spec.steps.0.url`; empty for the document itself. */
  path: string;
  message: string;
}

export type Path = readonly (string | number)[];

/** The line that an editor can jump to. */
export const sayProblem = ({ file, line, column, path, message }: Problem): string =>
  `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`;

export const problemAt = (location: Location, path: Path, message: string): Problem => ({
  ...location,
  path: path.join('.'),
  message,
});

/** What is wrong within a document, by field. */
export interface Fault {
  path: Path;
  message: string;
  /** Where in the text of the field, if it is known so closely. */
  within?: { text: string; offset: number };
}

/** Finds fields of one YAML document in its file. What is not written is shown at what would hold it. */
export const locationsOf = (file: string, source: string, document: YamlDocument, lines: LineCounter) => {
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const value = (path: Path): Location => at(offsetOf(document, path, false));
  return {
    at,
    value,
    key: (path: Path): Location => at(offsetOf(document, path, true)),
    problem: ({ path, message, within }: Fault): Problem =>
      problemAt(within ? at(placeWithin(source, offsetOf(document, path, false), within)) : value(path), path, message),
  };
};
export type Locations = ReturnType<typeof locationsOf>;

/** Finds a place of a text line by line, as YAML may indent it; where it is written in another way, its beginning. */
const placeWithin = (source: string, start: number, { text, offset }: { text: string; offset: number }): number => {
  const before = text.slice(0, offset).split('\n');
  let from = start;
  for (const [index, line] of text.split('\n').slice(0, before.length).entries()) {
    const found = source.indexOf(line, from);
    // It begins behind its quote or the mark of a block, and every further line behind its indentation.
    if (found < 0 || !/^[\s'"|>+\-\d]*$/.test(source.slice(from, found))) return start;
    if (index === before.length - 1) return found + before.at(-1)!.length;
    from = found + line.length;
  }
  return start;
};

const offsetOf = (document: YamlDocument, path: Path, wantsKey: boolean): number => {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? document.range?.[0] ?? 0;
  for (const [index, part] of path.entries()) {
    const found = step(document, node, part);
    if (!found) return offset;
    node = found.value;
    const shown = wantsKey && index === path.length - 1 ? found.key : found.value;
    const next = [shown, found.key].find((candidate) => isNode(candidate) && candidate.range);
    if (isNode(next) && next.range) offset = next.range[0];
  }
  return offset;
};

interface Found {
  key: unknown;
  value: unknown;
}

const step = (document: YamlDocument, node: unknown, part: string | number): Found | undefined => {
  const holder = isAlias(node) ? node.resolve(document) : node;
  if (isMap(holder)) {
    const own = holder.items.find(
      ({ key }) => isScalar(key) && !isMergeKey(key.value) && String(key.value) === String(part),
    );
    return own ?? stepIntoMerged(document, holder, part);
  }
  const item: unknown = isSeq(holder) ? holder.items[Number(part)] : undefined;
  return item === undefined ? undefined : { key: item, value: item };
};

/** What `<<` brings in stands where it was written. */
const stepIntoMerged = (document: YamlDocument, { items }: YAMLMap, part: string | number): Found | undefined => {
  for (const { key, value } of items) {
    if (!isScalar(key) || !isMergeKey(key.value)) continue;
    for (const source of isSeq(value) ? value.items : [value]) {
      const found = step(document, source, part);
      if (found) return found;
    }
  }
  return undefined;
};

/** The key whose maps are merged into the one that it stands in. */
export const isMergeKey = (key: unknown): boolean => typeof key === 'symbol' && key.description === '<<';
