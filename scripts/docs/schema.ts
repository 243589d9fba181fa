import type { z } from 'zod';

/** The part of JSON Schema that zod writes. */
export interface JsonSchema extends Pick<z.core.JSONSchema.BaseSchema, Scalar> {
  $defs?: Record<string, JsonSchema>;
  type?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

type Scalar =
  | ('$ref' | 'const' | 'enum' | 'default' | 'description' | 'required' | 'format')
  | `${'min' | 'max'}${'Length' | 'Items' | 'imum'}`
  | `exclusive${'Minimum' | 'Maximum'}`;

/** Field, type, default, meaning. */
export type Row = [string, string, string, string];

export interface Variant {
  key: string;
  kind: string;
  schema: JsonSchema;
}

const nameOf = (ref: string): string => ref.split('/').at(-1) ?? '';

/** The root itself when it is a reference to one of its own definitions. */
const resolved = (schema: JsonSchema): JsonSchema =>
  schema.$ref !== undefined && schema.$defs ? (schema.$defs[nameOf(schema.$ref)] ?? schema) : schema;

const unionOf = (schema: JsonSchema): JsonSchema[] | undefined => {
  const parts = schema.oneOf ?? schema.anyOf;
  return parts?.flatMap((part) => unionOf(part) ?? [part]);
};

/** The members of a union that tells them apart by `kind` or `type`; undefined for anything else. */
export function variantsOf(root: JsonSchema): Variant[] | undefined {
  const variants = unionOf(resolved(root))?.map((schema): Variant | undefined => {
    const [key, tag] =
      Object.entries(schema.properties ?? {}).find(([, { const: fixed }]) => fixed !== undefined) ?? [];
    return key === undefined ? undefined : { key, kind: String(tag?.const), schema };
  });
  return variants?.every((variant) => variant !== undefined) ? variants : undefined;
}

/** Rows that every variant has alike. */
export function commonFields(variants: readonly Variant[]): Row[] {
  const [first, ...others] = variants.map(({ schema }) => fieldsOf(schema));
  return (first ?? []).filter((row) => others.every((rows) => rows.some((other) => other.join() === row.join())));
}

/** A row for each field, at any depth: `a.b` is a member, `a[].b` a member of each element, `a.<name>.b` one of each value of a map. */
export function fieldsOf(root: JsonSchema): Row[] {
  const schema = resolved(root);
  return schema.type === 'array' && schema.items ? membersOf(schema.items, '[].') : membersOf(schema, '');
}

const membersOf = (schema: JsonSchema, prefix: string): Row[] => {
  const { properties = {}, required = [] } = schema;
  const forms = unionOf(schema) ?? [];
  return [
    ...Object.entries(properties).flatMap(([name, member]) =>
      rowsOf(`${prefix}${name}`, member, required.includes(name) ? 'required' : ''),
    ),
    ...once(forms.flatMap((form) => optional(membersOf(form, prefix)))),
  ];
};

function rowsOf(path: string, schema: JsonSchema, needed: string): Row[] {
  const preset = schema.default === undefined ? needed : shown(schema.default);
  const row: Row = [`\`${path}\``, typeOf(schema), preset, schema.description ?? ''];
  if (schema.$ref !== undefined) return [row];
  const named = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  const element = schema.items ?? named ?? schema;
  if (element.$ref !== undefined) return [row];
  const below = schema.items ? `${path}[].` : named ? `${path}.<name>.` : `${path}.`;
  return isBig(unionOf(element) ?? []) ? [row] : [row, ...membersOf(element, below)];
}

/** Steps inside of a parallel step are described with the steps. */
const isBig = (union: readonly JsonSchema[]): boolean =>
  union.length > 3 && union.every(({ type }) => type === 'object');

/** What one member of a union needs, another does not have. */
const optional = (rows: readonly Row[]): Row[] =>
  rows.map(([path, type, preset, meaning]) => [path, type, preset === 'required' ? '' : preset, meaning]);

const once = (rows: readonly Row[]): Row[] =>
  rows.filter((row, at) => rows.findIndex(([path]) => path === row[0]) === at);

export const shown = (value: unknown): string =>
  `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``;

function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return link(nameOf(schema.$ref));
  if (schema.const !== undefined) return shown(schema.const);
  if (schema.enum) return schema.enum.map(shown).join(', ');
  if (schema.type === 'array')
    return `list of ${elementOf(schema.items ?? {})}${limits(schema.minItems, schema.maxItems)}`;
  const union = unionOf(schema);
  if (union) return isBig(union) ? 'steps of any other kind' : [...new Set(union.map(elementOf))].join(' or ');
  if (typeof schema.additionalProperties === 'object') return `map of ${elementOf(schema.additionalProperties)}`;
  return schema.type === 'object' ? 'object' : scalar(schema);
}

/** What something consists of: its own limits would read like those of the whole. */
function elementOf(schema: JsonSchema): string {
  const { minLength: _, maxLength: __, ...rest } = schema;
  if (rest.type === 'object' && rest.properties) return `\`{ ${Object.keys(rest.properties).join(', ')} }\``;
  return typeOf(rest);
}

const scalar = (schema: JsonSchema): string => {
  const { type = 'anything', format = 'text' } = schema;
  if (type === 'string') return `${format === 'uri' ? 'URL' : format}${limits(schema.minLength, schema.maxLength)}`;
  if (type !== 'number' && type !== 'integer') return type;
  const above = schema.exclusiveMinimum === undefined ? '' : `, more than ${schema.exclusiveMinimum}`;
  const below = schema.exclusiveMaximum === undefined ? '' : `, less than ${schema.exclusiveMaximum}`;
  return `${type}${limits(schema.minimum, schema.maximum)}${above}${below}`;
};

const limits = (least: number | undefined, most: number | undefined): string => {
  const [low, high] = [least ?? 0, most !== undefined && most < Number.MAX_SAFE_INTEGER ? most : undefined];
  if (high !== undefined) return low > 0 ? `, ${low} to ${high}` : `, at most ${high}`;
  return low > 0 ? `, at least ${low}` : '';
};

const link = (name: string): string => `[${name}](#${name.toLowerCase()})`;
