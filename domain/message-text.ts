import { z } from 'zod';
import { LiquidText } from './liquid.ts';

/** What the words of a page may name. */
const pageVariables = [
  'incident',
  'title',
  'severity',
  'service',
  'environment',
  'since',
  'alerts',
  'level',
  'round',
  'link',
  'commands',
  'drill',
] as const;

export const PageTexts = z.strictObject({
  subject: LiquidText(pageVariables, 1_000).optional().meta({ description: 'One line' }),
  body: LiquidText(pageVariables, 10_000).optional(),
  short: LiquidText(pageVariables, 1_000)
    .optional()
    .meta({ description: 'For gateways: what is shown on a small screen, or read out' }),
});
export type PageTexts = z.infer<typeof PageTexts>;

/** Texts of a team, in Liquid; what it does not say is worded as usual. */
export const MessageTexts = z.strictObject({
  page: PageTexts.optional().meta({
    description: `Words of a page; may name ${pageVariables.join(', ')}`,
  }),
});
