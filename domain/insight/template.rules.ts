/** What a message always says, word by word; a wildcard stands for what differs. */
export interface Template {
  id: number;
  tokens: readonly string[];
}

export interface MiningSettings {
  /** Of the tree, of which the root, the length and the leaf are three: what is left are leading tokens. */
  depth: number;
  /** Share of tokens that has to be equal, from 0 to 1. */
  similarity: number;
  mostChildren: number;
  /** Templates that are kept: the one that was met least lately goes first. */
  mostTemplates: number;
}

export const usualMining: MiningSettings = { depth: 4, similarity: 0.4, mostChildren: 100, mostTemplates: 1_000 };

export const wildcard = '<*>';

export const tokensOf = (message: string): string[] => message.split(/\s+/).filter((token) => token !== '');

export interface Miner {
  /** The template of a message, which is widened where it has to be, or another one. */
  learn(tokens: readonly string[]): Template;
}

/**
 * Mines templates out of messages, one after the other (Drain; He et al., 2017). Goes on with templates that are known, those that were met
 * least lately first; `nextId` names new ones.
 */
export const createMiner = (
  known: readonly Template[],
  nextId: () => number,
  { depth, similarity, mostChildren, mostTemplates }: MiningSettings = usualMining,
): Miner => {
  const children = new Map<string, Set<string>>();
  const leaves = new Map<string, Template[]>();
  const recent = new Map<number, string>();

  /** A node takes a new child until it is full: then what is new goes to its wildcard. */
  const childOf = (node: string, token: string): string => {
    const taken = children.get(node) ?? new Set();
    children.set(node, taken);
    if (/\d/.test(token) || token === wildcard || (!taken.has(token) && taken.size >= mostChildren - 1))
      return wildcard;
    taken.add(token);
    return token;
  };
  const leafOf = (tokens: readonly string[]): string =>
    tokens.slice(0, depth - 3).reduce((node, token) => `${node} ${childOf(node, token)}`, String(tokens.length));

  const keep = (leaf: string, template: Template): Template => {
    const others = (leaves.get(leaf) ?? []).filter(({ id }) => id !== template.id);
    const same = others.find(({ tokens }) => tokens.every((token, at) => token === template.tokens[at]));
    // What has become equal is one, under the older name.
    const kept = same && same.id < template.id ? same : template;
    const left = others.filter((other) => other !== same);
    leaves.set(
      leaf,
      [...left, kept].toSorted((a, b) => a.id - b.id),
    );
    recent.delete(template.id);
    if (same) recent.delete(same.id);
    recent.set(kept.id, leaf);
    return kept;
  };
  const forgetOldest = (): void => {
    const [oldest] = recent;
    if (!oldest || recent.size <= mostTemplates) return;
    const [id, leaf] = oldest;
    recent.delete(id);
    leaves.set(
      leaf,
      leaves.get(leaf)!.filter((template) => template.id !== id),
    );
  };

  for (const template of known) keep(leafOf(template.tokens), template);
  return {
    learn(tokens) {
      const leaf = leafOf(tokens);
      const best = closest(leaves.get(leaf) ?? [], tokens);
      const isLike = best !== undefined && best.share >= similarity;
      const learnt = keep(leaf, isLike ? widened(best.template, tokens) : { id: nextId(), tokens });
      forgetOldest();
      return learnt;
    },
  };
};

/** The most like; of those that are as much so, the one with more wildcards, and then the older one. */
const closest = (
  templates: readonly Template[],
  tokens: readonly string[],
): { template: Template; share: number } | undefined =>
  templates
    .map((template) => ({
      template,
      share: shareOf(template.tokens, tokens),
      wildcards: template.tokens.filter((token) => token === wildcard).length,
    }))
    .toSorted((a, b) => b.share - a.share || b.wildcards - a.wildcards || a.template.id - b.template.id)[0];

/** Equal tokens that are no wildcards, of all. */
const shareOf = (template: readonly string[], tokens: readonly string[]): number =>
  tokens.length === 0
    ? 1
    : template.filter((token, at) => token !== wildcard && token === tokens[at]).length / tokens.length;

const widened = ({ id, tokens: before }: Template, tokens: readonly string[]): Template => ({
  id,
  tokens: before.map((token, at) => (token === tokens[at] ? token : wildcard)),
});
