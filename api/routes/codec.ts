import { z } from 'zod';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';

const Payloads = z.object({
  payloads: z
    .array(
      z.object({
        metadata: z.record(z.string(), z.string()).meta({ description: 'Values in base64' }),
        data: z.string().optional().meta({ description: 'In base64' }),
      }),
    )
    .max(10_000),
});

const longest = 4 * 1024 * 1024;

/** Temporal's remote codec: lets its command line and its web interface read what is sealed. It seals nothing for anybody. */
export const codecOperations = ({ openPayloads }: Context): Untagged[] => [
  operation({
    id: 'decodePayloads',
    route: 'POST /v1/codec/decode',
    summary: 'Decodes payloads of workflows, by the protocol of Temporal remote codecs',
    role: 'auditor',
    body: Payloads,
    limit: longest,
    answer: { status: 200, description: 'The same payloads; what was not sealed here is unchanged', schema: Payloads },
    handle: async ({ body: { payloads } }) => ({ body: { payloads: openPayloads(payloads) } }),
  }),
];
