import { isMap, isScalar, isSeq, type Document as YamlDocument, type Scalar } from 'yaml';
import { z } from 'zod';
import { isMergeKey, type Locations, type Path, type Problem, problemAt } from './location.ts';

type FormsAt = (path: Path) => readonly z.core.$ZodType[];

/**
 * Numbers that would not be kept as they were written: `1.10` is a version to whoever writes it, and the digits of a long
 * one are lost. Where only a number may stand, another way of writing the same one is fine.
 */
export const changedNumbers = (yaml: YamlDocument, { at }: Locations, formsAt: FormsAt): Problem[] => {
  const problems: Problem[] = [];
  const judge = (scalar: Scalar, path: Path, forms: readonly z.core.$ZodType[]): void => {
    const { value, source = '', tag } = scalar;
    if (typeof value !== 'number' || tag !== undefined || source === String(value)) return;
    const takes = (what: unknown): boolean => forms.some((form) => z.safeParse(form, what).success);
    // Where no number may stand at all, that is what is wrong.
    if (forms.length > 0 && (!takes(value) || (!takes(source) && isSame(source, value)))) return;
    const message = `${source} would become ${value}: put it in quotes to keep it as it is written`;
    problems.push(problemAt(at(scalar.range?.[0] ?? 0), path, message));
  };
  const walk = (node: unknown, path: Path): void => {
    if (isScalar(node)) judge(node, path, formsAt(path));
    if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const inner = isMergeKey(key.value) ? path : [...path, String(key.value)];
      judge(key, inner, []);
      walk(value, inner);
    }
  };
  walk(yaml.contents, []);
  return problems;
};

const isSame = (source: string, value: number): boolean => {
  const written = decimalOf(source);
  return written === undefined ? Number.isSafeInteger(value) : written === decimalOf(String(value));
};

/** A decimal number without what does not count; undefined for one of another base. */
const decimalOf = (text: string): string | undefined => {
  const [whole, sign, integer = '', fraction = '', exponent = '0'] =
    /^([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = `${integer}${fraction}`.replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  const scale = Number(exponent) - fraction.length + digits.length - short.length;
  return short === '' ? '0' : `${sign === '-' ? '-' : ''}${short}e${scale}`;
};
