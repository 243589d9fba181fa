import { Liquid } from 'liquidjs';
import { z } from 'zod';

/** How values are written into what is made of them. */
export type Escape = 'none' | 'json' | 'form' | 'xml';

const escapes: Record<Escape, (value: unknown) => string> = {
  none: (value) => textOf(value),
  json: (value) => JSON.stringify(textOf(value).toWellFormed()).slice(1, -1),
  form: (value) => encodeURIComponent(textOf(value).toWellFormed()),
  xml: (value) => textOf(value).replaceAll(/[<>&"']/g, (character) => `&#${character.codePointAt(0)};`),
};

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** Of what a template comes to. */
const mostFilled = 50_000;

/** Tags that would read files. */
const forbidden = ['include', 'render', 'layout', 'block'];

const engineFor = (escape: Escape): Liquid => {
  const engine = new Liquid({
    // No file of this machine is ever looked for.
    templates: {},
    dynamicPartials: false,
    ownPropertyOnly: true,
    strictFilters: true,
    outputEscape: escapes[escape],
    parseLimit: 20_000,
    renderLimit: 200,
    memoryLimit: 200_000,
  });
  for (const tag of forbidden) delete engine.tags[tag];
  // Nothing gets around the escaping.
  engine.registerFilter('raw', (value: unknown) => value);
  return engine;
};

const engines = { none: engineFor('none'), json: engineFor('json'), form: engineFor('form'), xml: engineFor('xml') };

/** What is wrong with a template, if anything: that it does not parse, or names what there is not. */
export const liquidFault = (text: string, known: readonly string[]): string | undefined => {
  try {
    const template = engines.none.parse(text);
    const stranger = engines.none.globalVariablesSync(template).find((name) => !known.includes(name));
    return stranger === undefined ? undefined : `unknown variable ${stranger} (known: ${known.join(', ')})`;
  } catch (error) {
    return messageOf(error);
  }
};

/** The template with its values filled in, each escaped; undefined where that takes too long or too much. */
export const fillLiquid = (
  text: string,
  values: Readonly<Record<string, unknown>>,
  escape: Escape = 'none',
): string | undefined => {
  try {
    const filled = String(engines[escape].parseAndRenderSync(text, values));
    return filled.length <= mostFilled ? filled : undefined;
  } catch {
    return undefined;
  }
};

/** A text in Liquid that may name these. */
export const LiquidText = (known: readonly string[], most: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(most)
    .superRefine((text, context) => {
      const fault = liquidFault(text, known);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    });

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300);
